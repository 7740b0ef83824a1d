import { UserError } from '../../contract/errors.ts'
import type { Batch, ChangeField } from '../../contract/records.ts'
import type { Db } from './database.ts'
import { pagesOf } from './views.ts'

/** One appended change. `genre` is null for the fields of a whole movie. */
export interface LogChange {
  readonly movie: number
  readonly genre: number | null
  readonly field: ChangeField
  readonly was: string
  readonly becomes: string
}
export type NewBatch = Omit<Batch, 'id'>
/** The changes of the batch `of` again, or their inverses in reverse order. */
export interface Copy {
  readonly of: number
  readonly inverted: boolean
}
export interface LogEntry extends LogChange, Batch {
  /** Number of the change; `id` is the batch's. */
  readonly change: number
  readonly key: string
  readonly title: string
  readonly genreName: string | null
}

/** Which entries of the log; null: any. */
export interface LogQuery {
  readonly movies: readonly number[] | null
  readonly genres: readonly number[] | null
  readonly field: ChangeField | null
  readonly who: string | null
  /** Times in the notation of {@link Batch}: from the first on, and before the second. */
  readonly from: string | null
  readonly to: string | null
  /** 0: from the newest on. */
  readonly before: number
  readonly limit: number
}

/** The inverse of a change: applied after it, everything is as before. */
export const inverse = (c: LogChange): LogChange => ({ ...c, was: c.becomes, becomes: c.was })

/** Milliseconds by which a batch may be dated ahead of the clock. */
const MAX_AHEAD_MS = 86_400_000
/**
 * The time of a new batch: now, or a millisecond after the last batch, so that the times of a log give its order although clocks are set
 * back and differ between machines. A last batch of more than a day ahead was dated by a wrong clock, and is not followed.
 */
export function timeAfter(last: string | null, now = Date.now()): string {
  const next = last === null ? now : Date.parse(last) + 1
  return new Date(next > now && next - now <= MAX_AHEAD_MS ? next : now).toISOString()
}

/** Entries per page. */
const PAGE = 500
/** The log with names. */
const ENTRIES = `select c.id as change, b.*, c.movie, c.genre, c.field, c.was, c.becomes, m.key, m.title, g.name as genreName
  from change c join batch b on b.id = c.batch join movie m on m.id = c.movie left join genre g on g.id = c.genre`

/** The append-only log of every decision. */
export class ChangeTable {
  readonly #db
  readonly #batch
  readonly #change
  readonly #last
  constructor(db: Db) {
    this.#db = db
    this.#last = db.prepare('select coalesce(max(id), 0) from batch').pluck()
    this.#batch = db.prepare('insert into batch (at, who, why, description, run, undoes) values (?, ?, ?, ?, ?, ?)')
    this.#change = db.prepare('insert into change (batch, movie, genre, field, was, becomes) values (?, ?, ?, ?, ?, ?)')
  }
  /**
   * Appends one batch, decided when `after` was the last batch of the log; it is on the disk when this returns.
   * @throws UserError `project-changed` when another program has appended since: nothing is written
   */
  append(batch: NewBatch, changes: Iterable<LogChange> | Copy, after: number): number {
    return this.#db
      .transaction(() => {
        this.assertLast(after)
        const id = Number(this.#batch.run(batch.at, batch.who, batch.why, batch.description, batch.run, batch.undoes).lastInsertRowid)
        if ('of' in changes) this.#copy(id, changes)
        else for (const c of changes) this.#change.run(id, c.movie, c.genre, c.field, c.was, c.becomes)
        return id
      })
      .immediate()
  }
  #copy(batch: number, { of, inverted }: Copy): void {
    const [values, order] = inverted ? ['becomes, was', 'desc'] : ['was, becomes', 'asc']
    this.#db
      .prepare(
        `insert into change (batch, movie, genre, field, was, becomes)
         select ?, movie, genre, field, ${values} from change where batch = ? order by id ${order}`,
      )
      .run(batch, of)
  }
  /** How many changes a batch has, if fewer than `most`. */
  countOf(batch: number, most: number): number {
    return this.#db.prepare('select count(*) from (select 1 from change where batch = ? limit ?)').pluck().get(batch, most) as number
  }
  /** The changes of a batch in its order, in pages between which other calls can run. */
  *pagesOfBatch(batch: number): Generator<readonly LogChange[]> {
    const page = this.#db.prepare<unknown[], LogChange & { readonly id: number }>(
      `select id, movie, genre, field, was, becomes from change where batch = ? and id > ? order by id limit ${PAGE}`,
    )
    yield* pagesOf(
      (after) => page.all(batch, after),
      ({ id }) => id,
    )
  }
  /** In order, from the batch after `after` on. */
  batches(after = 0): Batch[] {
    return this.#db.prepare('select * from batch where id > ? order by id').all(after) as Batch[]
  }
  changesOf(batch: number): LogChange[] {
    return this.#db.prepare('select movie, genre, field, was, becomes from change where batch = ? order by id').all(batch) as LogChange[]
  }
  /** The log in order, from the batch after `after` on. */
  all(after = 0): IterableIterator<LogChange & { batch: number }> {
    const sql = `select batch, movie, genre, field, was, becomes from change
      where id >= (select id from change where batch > ? order by batch, id limit 1) order by id`
    return this.#db.prepare(sql).iterate(after) as IterableIterator<never>
  }
  /**
   * Ids of the batches that are in force: neither undone, nor an undoing or a redoing. What an undo restored existed under
   * the cleaning of its time; under another one, leaving out both batches restores it.
   */
  inForce(): ReadonlySet<number> {
    return new Set(undoStacks(this.batches()).undo.map((b) => b.id))
  }
  /** The batch that last undid the given one; null when none did. */
  undoing(batch: number): number | null {
    return this.#db.prepare('select max(id) from batch where undoes = ?').pluck().get(batch) as number | null
  }
  /** Throws `project-changed` when another batch than the given one is the log's last: another program has appended. */
  assertLast(batch: number): void {
    if (this.lastBatch() !== batch)
      throw new UserError('project-changed', 'Another program changed this project; its decisions are loaded now: look again and repeat.')
  }
  lastBatch(): number {
    return this.#last.get() as number
  }
  /** The log with names, oldest first: of one movie, or of all. Page by page, so that writers do not wait. */
  *entries(movie: number | null): Generator<LogEntry> {
    const last = this.#db.prepare('select coalesce(max(id), 0) from change').pluck().get()
    const page = this.#db.prepare<[object], LogEntry>(
      `${ENTRIES} where c.id > @after and c.id <= @last ${movie === null ? '' : 'and c.movie = @movie'} order by c.id limit ${PAGE}`,
    )
    for (const rows of pagesOf(
      (after) => page.all({ movie, last, after }),
      (row) => row.change,
    ))
      yield* rows
  }
  /** The newest `limit` entries, newest first. */
  newest(limit: number): LogEntry[] {
    return this.#db.prepare(`${ENTRIES} order by c.id desc limit ?`).all(limit) as LogEntry[]
  }
  /** At most `limit` entries before the change numbered `before`, newest first. */
  page({ movies, genres, field, who, from, to, before, limit }: LogQuery): LogEntry[] {
    const where = [
      'c.id < @before',
      movies && 'c.movie in (select value from json_each(@movies))',
      genres && 'c.genre in (select value from json_each(@genres))',
      field && 'c.field = @field',
      who !== null && 'b.who = @who',
      from !== null && 'b.at >= @from',
      to !== null && 'b.at < @to',
    ]
    // without the sign, SQLite would begin with the batches and sort all their changes
    const sql = ENTRIES.replace('b.id = c.batch', 'b.id = +c.batch')
    const all = { field, who, from, to, limit, before: before || Number.MAX_SAFE_INTEGER }
    return this.#db
      .prepare(`${sql} where ${where.filter(Boolean).join(' and ')} order by c.id desc limit @limit`)
      .all({ ...all, movies: JSON.stringify(movies), genres: JSON.stringify(genres) }) as LogEntry[]
  }
  /** The changes of a batch, the last one first. `isLast`: 1 if no later change is about the same cell. */
  revertible(batch: number): (LogChange & { readonly id: number; readonly isLast: 0 | 1 })[] {
    return this.#db
      .prepare(
        `select c.id, c.movie, c.genre, c.field, c.was, c.becomes, not exists (
           select 1 from change d where d.movie = c.movie and d.field = c.field and d.genre is c.genre and d.id > c.id
         ) as isLast from change c where c.batch = ? order by c.id desc`,
      )
      .all(batch) as never
  }
  batch(id: number): Batch | null {
    return (this.#db.prepare('select * from batch where id = ?').get(id) as Batch | undefined) ?? null
  }
  /** How many changes of each kind each person made; an undo is a change too. */
  tallies(): { readonly who: string; readonly field: ChangeField; readonly changes: number }[] {
    const sql = 'select b.who, c.field, count(*) as changes from change c join batch b on b.id = c.batch group by 1, 2 order by 1, 2'
    return this.#db.prepare(sql).all() as never
  }
  /** Who last changed each movie, and when. */
  lastTouch(): Map<number, { who: string; at: string }> {
    const rows = this.#db
      .prepare(
        'select c.movie, b.who, b.at from change c join batch b on b.id = c.batch where c.id in (select max(id) from change group by movie)',
      )
      .all() as { movie: number; who: string; at: string }[]
    return new Map(rows.map((r) => [r.movie, r]))
  }
}

type Numbered = Pick<Batch, 'id' | 'undoes'>
export interface UndoStacks<B extends Numbered = Batch> {
  /** Batches that can be undone, the next one last. */
  readonly undo: readonly B[]
  /** Batches that can be redone, the next one last. */
  readonly redo: readonly B[]
}

/**
 * Reads the undo and redo stacks off the log. Undo appends a batch that undoes another; redo appends one that undoes the
 * undoing; a new decision forgets what could be redone. So undo has no limit and survives restarts. Batches are found by
 * their id and not by position: two programs may have written in turn.
 */
export function undoStacks<B extends Numbered>(batches: readonly B[]): UndoStacks<B> {
  const undo: B[] = []
  const redo: B[] = []
  const byId = new Map(batches.map((b) => [b.id, b]))
  const take = (stack: B[], id: number): B | undefined => {
    const at = stack.findLastIndex((b) => b.id === id)
    return at < 0 ? undefined : stack.splice(at, 1)[0]
  }
  for (const b of batches) {
    if (b.undoes === null) {
      undo.push(b)
      redo.length = 0
      continue
    }
    const undone = take(undo, b.undoes)
    if (undone) redo.push(undone)
    // else it undoes an undo: the batch that had been undone is in force again
    const redone = undone ? undefined : byId.get(byId.get(b.undoes)?.undoes ?? 0)
    if (!redone) continue
    take(redo, redone.id)
    undo.push(redone)
  }
  return { undo, redo }
}
