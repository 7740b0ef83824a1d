import { AnswerTable } from './answers.ts'
import { copyNow, copyWhole, stateOf } from './backup.ts'
import { ChangeTable, type Copy, type LogChange, type NewBatch } from './changes.ts'
import { CleaningTable } from './cleanings.ts'
import { ColumnTable } from './columns.ts'
import { openDatabase, withDatabaseErrors, type Db, type OpenOptions } from './database.ts'
import { FileIdentity, identityOf } from './file-identity.ts'
import { appendInThread, packed } from './log-writer.ts'
import { ImportTable } from './imports.ts'
import { BulkImport } from './bulk-import.ts'
import { joinStaged, type MergeOptions } from './merging/join.ts'
import { MetaTable } from './meta.ts'
import { MovieTable } from './movies.ts'
import { RunTable } from './runs.ts'
import { ImportLogTable, SourceTable } from './sources.ts'

/** An open project file: one class for each group of tables. Only one process writes. */
export class Store {
  readonly path: string
  readonly meta: MetaTable
  readonly imports: ImportTable
  readonly sources: SourceTable
  readonly importLog: ImportLogTable
  readonly movies: MovieTable
  readonly cleanings: CleaningTable
  readonly columns: ColumnTable
  readonly changes: ChangeTable
  readonly runs: RunTable
  readonly answers: AnswerTable
  readonly #db: Db
  readonly #file: FileIdentity

  constructor(path: string, mode: 'create' | 'open' | 'read', options: OpenOptions = {}) {
    this.path = path
    this.#db = openDatabase(path, mode, options)
    this.#file = new FileIdentity(path, this.#db, options.lock ?? null)
    this.meta = new MetaTable(this.#db)
    this.imports = new ImportTable(this.#db)
    this.sources = new SourceTable(this.#db)
    this.importLog = new ImportLogTable(this.#db)
    this.movies = new MovieTable(this.#db)
    this.cleanings = new CleaningTable(this.#db)
    this.columns = new ColumnTable(this.#db)
    this.changes = new ChangeTable(this.#db)
    this.runs = new RunTable(this.#db)
    this.answers = new AnswerTable(this.#db)
  }
  /**
   * Appends a large batch to the log while other calls run, see {@link ChangeTable.append}. A file that only this connection can open is
   * written at once.
   */
  async appendInTurns(
    batch: NewBatch,
    changes: readonly LogChange[] | Copy,
    after: number,
    run: <T>(steps: Iterator<unknown, T>) => Promise<T>,
  ): Promise<number> {
    this.assertThere()
    if (this.#db.pragma('journal_mode', { simple: true }) !== 'wal') return this.changes.append(batch, changes, after)
    const sent = 'of' in changes ? changes : await run(packed(changes))
    return appendInThread({ project: this.path, identity: identityOf(this.#db), batch, changes: sent, after })
  }
  /** Runs `work` in one transaction: all of it, or nothing. */
  transaction<T>(work: () => T): T {
    this.assertThere()
    try {
      return withDatabaseErrors(this.path, () => this.#db.transaction(work).immediate())
    } catch (error) {
      // ids of genres that were added in it are invalid
      if (this.#db.open) this.movies.readGenres()
      throw error
    }
  }
  /** Joins a staged import. No other program may have the file open. @returns the import's id */
  join(staged: string, options: MergeOptions): number {
    return withDatabaseErrors(this.path, () => joinStaged(this.#db, staged, options))
  }
  /** Begins to write a new file. No other program may have it open. */
  beginBulkImport(): BulkImport {
    return withDatabaseErrors(this.path, () => new BulkImport(this.#db))
  }
  /** @throws UserError `project-gone` if the file was moved, deleted, replaced or overwritten since it was opened */
  assertThere(): void {
    withDatabaseErrors(this.path, () => this.#file.assertUnchanged())
  }
  /** True if the file was moved, deleted or replaced: closing the project loses what is only in it. */
  get isElsewhere(): boolean {
    return this.#db.open && this.#file.isElsewhere
  }
  /** True if the file is another one than when it was opened, or gone. */
  get isGone(): boolean {
    return this.#db.open && this.#file.whyGone !== null
  }
  /** From now until {@link close}, reads return the project as it is now, whatever is written later. */
  beginSnapshot(): void {
    this.#db.exec('begin')
    // SQLite takes the snapshot at the first read
    this.meta.get('format')
  }
  /** Writes a copy through the open file, even if another program has moved it; it contains decisions that are made meanwhile. */
  copyTo(path: string, progress: (fraction: number) => void): Promise<void> {
    return copyWhole(this.#db, path, progress)
  }
  /** Like {@link copyTo}, at once: other calls wait. */
  copyNow(path: string): void {
    withDatabaseErrors(this.path, () => copyNow(this.#db, path))
  }
  /** Differs whenever something has happened that an analyst would not want to do again. */
  state(): string {
    return stateOf(this.#db)
  }
  /** Writes the write-ahead log back into the file, so that the single file is the whole project. */
  checkpoint(): void {
    this.#db.pragma('wal_checkpoint(truncate)')
  }
  close(): void {
    this.leave()
  }
  /** Closes the file. @returns where the log is kept if the file is another one by now, as `setLogAside` says; otherwise null */
  leave(): string | null {
    if (!this.#db.open) return null
    const aside = this.#file.leave()
    this.#db.close()
    this.#file.release()
    return aside
  }
}
