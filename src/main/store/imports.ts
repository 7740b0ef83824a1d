import type { ImportPlan, ImportReport } from '../../contract/importing.ts'
import type { Db } from './database.ts'
import { z } from 'zod'
import { RowType } from './rows.ts'
import { objectWith, storedJson, TEXTS } from './values.ts'

export type ImportKind = 'first' | 'merge' | 'repair'
/** How the files of an import were read. */
export type StoredPlan = Pick<ImportPlan, 'format' | 'files' | 'mapping' | 'genreSyntax' | 'genreColumns' | 'protectedNames'>
export interface StoredImport {
  readonly id: number
  readonly at: string
  readonly kind: ImportKind
  readonly report: ImportReport
}

export const IMPORT = new RowType<StoredImport>({
  table: 'import',
  json: { report: objectWith({ movies: z.number(), clean: z.looseObject({}) }).nullable() },
})
const PLAN = objectWith<StoredPlan>({
  files: z.array(z.looseObject({ columns: TEXTS })),
  mapping: z.record(z.string(), z.string().nullable()),
  genreColumns: TEXTS,
  protectedNames: z.array(z.looseObject({ name: z.string() })),
})

/** The imports into the project. */
export class ImportTable {
  readonly #db
  constructor(db: Db) {
    this.#db = db
  }
  /** Begins an import: its files and movies refer to it; the report follows. */
  begin(kind: ImportKind, plan: StoredPlan | null = null, at = new Date().toISOString()): number {
    const text = plan === null ? null : JSON.stringify(planOf(plan))
    const insert = this.#db.prepare("insert into import (at, kind, report, plan) values (?, ?, 'null', ?)")
    return Number(insert.run(at, kind, text).lastInsertRowid)
  }
  /** How the files of an import were read; null if unknown. */
  plan(id: number): StoredPlan | null {
    const text = this.#db.prepare('select plan from import where id = ?').pluck().get(id) as string | null | undefined
    return text ? storedJson(text, PLAN, 'import.plan') : null
  }
  finish(id: number, report: ImportReport): void {
    this.#db.prepare('update import set report = ? where id = ?').run(JSON.stringify(report), id)
  }
  /** All imports, oldest first. */
  all(): StoredImport[] {
    const rows = this.#db.prepare('select id, at, kind, report from import order by id').all()
    return rows.map((row) => IMPORT.read(row))
  }
  /** The last finished import; null for a project that was not imported. */
  latest(): StoredImport | null {
    return this.all().findLast((i) => i.report !== null) ?? null
  }
}

/** The part of a plan that is stored: not its previews. */
const planOf = ({ format, files, mapping, genreSyntax, genreColumns, protectedNames }: StoredPlan): StoredPlan => ({
  format,
  files,
  mapping,
  genreSyntax,
  genreColumns,
  protectedNames,
})
