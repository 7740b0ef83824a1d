/** Finds the tables of a damaged project: which pages belong to which table, and their rows. */
import { asBtree, Damaged, rowsOf, type BtreePage, type Row, type Value } from './btree.ts'
import type { PageFile } from './pages.ts'

export interface Column {
  readonly name: string
  readonly type: string
  readonly notNull: boolean
  readonly primary: number
}
export interface TableLayout {
  readonly name: string
  readonly columns: readonly Column[]
  /** The column that aliases the rowid: its cell holds null. */
  readonly rowid: string | null
  /** Rows are stored in the primary key's index, primary key columns first. */
  readonly withoutRowid: boolean
  /** Returns false for a row that has the right types but cannot belong to this table; tables may look alike. */
  readonly recognise?: (row: Named) => boolean
  /** Pages of tables that nobody asked for, such as a text index, have rows of the same shape. */
  readonly ambiguous?: boolean
}
export type Named = Readonly<Record<string, Value>>
/** One table as found in the file. */
export interface FoundTable {
  readonly layout: TableLayout
  /** Every readable row, each once. */
  rows(): Generator<Named>
  /** Damage seen so far; complete after all rows have been read. */
  readonly damage: { pages: number; rows: number }
}

/** Larger than any id in a project. */
const LAST_ID = 2 ** 31 - 1

/** Columns in the order in which a record holds them. */
const stored = ({ columns, withoutRowid }: TableLayout): readonly Column[] =>
  withoutRowid
    ? [...columns.filter((c) => c.primary > 0).sort((a, b) => a.primary - b.primary), ...columns.filter((c) => c.primary === 0)]
    : columns

const OF_TYPE: Readonly<Record<string, (v: Value) => boolean>> = {
  INTEGER: (v) => Number.isInteger(v) || typeof v === 'bigint',
  TEXT: (v) => typeof v === 'string',
  BLOB: (v) => Buffer.isBuffer(v),
  REAL: (v) => typeof v === 'number',
}

/** The row by column name; null if it cannot belong to this table. */
export function asNamed(layout: TableLayout, row: Row): Named | null {
  if (layout.withoutRowid !== (row.rowid === null) || row.values.length !== layout.columns.length) return null
  if (row.rowid !== null && (row.rowid < 1 || row.rowid > LAST_ID)) return null
  const named: Record<string, Value> = {}
  for (const [i, column] of stored(layout).entries()) {
    const value = row.values[i] ?? null
    const isAlias = column.name === layout.rowid
    const fits = isAlias
      ? value === null
      : value === null
        ? !column.notNull && column.primary === 0
        : (OF_TYPE[column.type]?.(value) ?? true)
    if (!fits) return null
    named[column.name] = isAlias ? row.rowid : value
  }
  return (layout.recognise?.(named) ?? true) ? named : null
}

/** The root page of a table, as the schema table says. */
interface Root {
  readonly name: string
  readonly page: number
  readonly sql: string
}

function rootsOf(file: PageFile): Root[] {
  const roots: Root[] = []
  for (const page of walk(file, 1, new Set(), () => undefined))
    for (const { values } of rowsOf(file, page).rows) {
      const [type, name, , root, sql] = values
      if (type === 'table' && typeof name === 'string' && typeof root === 'number') roots.push({ name, page: root, sql: String(sql) })
    }
  return roots
}

/** The readable pages of a tree, in order; `seen` ensures that each page is visited once. */
function* walk(file: PageFile, root: number, seen: Set<number>, damaged: () => void): Generator<BtreePage> {
  if (seen.has(root)) return
  seen.add(root)
  const page = readable(file, root)
  if (!page) {
    damaged()
    return
  }
  if (page.leaf) {
    yield page
    return
  }
  for (const child of page.children) yield* walk(file, child, seen, damaged)
  if (!page.table) yield page
}

/** The page as part of a tree; null if it is not one. */
export function readable(file: PageFile, number: number): BtreePage | null {
  try {
    return asBtree(file, number)
  } catch (error) {
    if (error instanceof Damaged) return null
    throw error
  }
}

/** Finds every table of `layouts` with its remaining pages. Pages that no tree leads to are recognised by their rows. */
export function findTables(file: PageFile, layouts: readonly TableLayout[]): { tables: FoundTable[]; schemaLost: boolean } {
  const roots = rootsOf(file)
  const seen = new Set<number>([1])
  const trees = new Map<string, { pages: number[]; damaged: number }>()
  for (const { name, page } of roots) {
    const tree = { pages: [] as number[], damaged: 0 }
    const layout = layouts.find((l) => l.name === name)
    for (const p of walk(file, page, seen, () => tree.damaged++)) {
      if (layout ? holdsRowsOf(file, layout, p) : !isOfOurs(file, layouts, p.number)) tree.pages.push(p.number)
      // a wrong pointer led to another table's page: leave it for that table
      else seen.delete(p.number)
    }
    trees.set(name, tree)
  }
  const lost = strays(file, layouts, seen)
  const tables = layouts.map((layout): FoundTable => {
    const tree = trees.get(layout.name)
    const pages = [...(tree?.pages ?? []), ...(lost.get(layout.name) ?? [])]
    const damage = { pages: tree?.damaged ?? 0, rows: 0 }
    return { layout, damage, rows: () => readRows(file, layout, pages, damage) }
  })
  return { tables, schemaLost: layouts.some((l) => !trees.has(l.name)) }
}

/** True if a page can belong to the table: it is empty, or at least one row on it fits. */
function holdsRowsOf(file: PageFile, layout: TableLayout, page: BtreePage): boolean {
  const { rows } = rowsOf(file, page)
  return rows.length === 0 || rows.some((row) => asNamed(layout, row) !== null)
}

/** True if a page reached through a table that was not asked for belongs to one of `layouts`. */
function isOfOurs(file: PageFile, layouts: readonly TableLayout[], number: number): boolean {
  const owner = ownerOf(file, layouts, number)
  return owner !== null && owner.ambiguous !== true
}

/** Pages that no tree leads to, by the table whose rows they hold. */
function strays(file: PageFile, layouts: readonly TableLayout[], seen: ReadonlySet<number>): Map<string, number[]> {
  const found = new Map<string, number[]>()
  const free = file.freePages()
  for (let number = 2; number <= file.pages; number++) {
    if (seen.has(number) || free.has(number)) continue
    const layout = ownerOf(file, layouts, number)
    if (layout) found.set(layout.name, [...(found.get(layout.name) ?? []), number])
  }
  return found
}

function ownerOf(file: PageFile, layouts: readonly TableLayout[], number: number): TableLayout | null {
  const page = readable(file, number)
  const rows = page ? rowsOf(file, page).rows : []
  if (rows.length === 0) return null
  return layouts.find((layout) => rows.every((row) => asNamed(layout, row) !== null)) ?? null
}

/** Rows of the given pages, each key once: a moved page may exist twice. */
function* readRows(
  file: PageFile,
  layout: TableLayout,
  pages: readonly number[],
  damage: { pages: number; rows: number },
): Generator<Named> {
  const seen = new Set<string | number>()
  const keys = layout.columns.filter((c) => c.primary > 0).map((c) => c.name)
  damage.rows = 0
  for (const number of pages) {
    const { rows, bad } = rowsOf(file, asBtree(file, number))
    damage.rows += bad
    for (const row of rows) {
      const named = asNamed(layout, row)
      if (!named) {
        damage.rows++
        continue
      }
      const key = row.rowid ?? keys.map((k) => String(named[k])).join('\u0000')
      if (seen.has(key)) continue
      seen.add(key)
      yield named
    }
  }
}
