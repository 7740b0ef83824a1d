import type { ImportReport } from '../../contract/importing.ts'
import type { Db } from './database.ts'

export type ImportKind = 'first' | 'merge' | 'repair'
export interface StoredImport {
  readonly id: number
  readonly at: string
  readonly kind: ImportKind
  readonly report: ImportReport
}

/** Each import into the project, oldest first. */
export class ImportTable {
  readonly #db
  constructor(db: Db) {
    this.#db = db
  }
  /** Begins an import: its files and movies refer to it; the report follows. */
  begin(kind: ImportKind, at = new Date().toISOString()): number {
    return Number(this.#db.prepare("insert into import (at, kind, report) values (?, ?, 'null')").run(at, kind).lastInsertRowid)
  }
  finish(id: number, report: ImportReport): void {
    this.#db.prepare('update import set report = ? where id = ?').run(JSON.stringify(report), id)
  }
  all(): StoredImport[] {
    const rows = this.#db.prepare('select id, at, kind, report from import order by id').all() as (StoredImport & { report: string })[]
    return rows.map((r) => ({ ...r, report: JSON.parse(r.report) as ImportReport }))
  }
  /** The last one; null for a project that was not imported. */
  latest(): StoredImport | null {
    return this.all().findLast((i) => i.report !== null) ?? null
  }
}
