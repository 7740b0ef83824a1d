/** The public entry of the package: reads the tables of a damaged SQLite file without SQLite. See README.md. */
export { PageFile } from './pages.ts'
export type { Value } from './btree.ts'
export { findTables, type FoundTable, type Named, type TableLayout } from './tables.ts'
