import { UserError } from '../../contract/errors.ts'
import { many } from '../../contract/words.ts'
import { ADJUDICATED } from '../../contract/people.ts'
import {
  answerOf,
  type AfterChange,
  type Change,
  type ChangeResult,
  type Filter,
  type LABEL_METHODS,
  type Reverted,
} from '../../contract/review.ts'
import { isMark, type BatchInfo, type ChangeField, type Mark } from '../../contract/records.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { GOOD } from '../analysis/triage.ts'
import { inverse, type LogChange } from '../store/changes.ts'
import { runToEnd } from '../analysis/steps.ts'
import type { Step } from '../catalogue/log.ts'
import { inSlices } from '../jobs/slices.ts'
import type { Store } from '../store/store.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { planBulk } from './bulk.ts'
import { asEntry, detailOf, isShown, namedGenre, requireRow, rowFor } from './review.ts'

interface Shown {
  readonly filter: Filter | null
  readonly prefetch: readonly number[]
}
/** Rows of more changed movies are not part of the reply, so that an undone bulk edit does not delay it. */
const MAX_ROWS = 200

type CellChange = Extract<Change, { genre: number }>

/** Values of a change in the log's notation. */
const rawValue = ({ field, to }: Change): string => (field === 'label' || isMark(field) ? (to ? '1' : '0') : String(to ?? ''))

/** The log's notation for a cell without the label or without a verdict. */
const EMPTY = { label: '0', verdict: '' } as const

/** Appends to the log. If another program has appended meanwhile, its decisions are loaded, and the call fails with `project-changed`. */
export async function append(c: Context, w: Workspace, step: () => Step): Promise<BatchInfo> {
  try {
    const info = await w.write(step())
    if (info.changes > 0) {
      c.emit('changed', { what: 'labels', batch: w.log.state().newest })
      void w.rescoreWhenDue().then((moved) => {
        if (moved !== null && c.isOpen(w.store.path)) c.emit('changed', { what: 'order', moved })
      })
    }
    return info
  } catch (error) {
    if (error instanceof UserError && error.code === 'project-changed') {
      w.reload()
      c.emit('changed', { what: 'catalogue' })
    }
    throw error
  }
}

export function labelHandlers(c: Context): Handlers<typeof LABEL_METHODS> {
  /** Undoes or redoes a batch. If the batch is older than the loaded columns, everything is read again. */
  const step = (w: Workspace, shown: Shown, of: (log: Workspace['log']) => Step): Promise<ChangeResult> =>
    w.decide(async () => {
      const { log } = w
      const info = await append(c, w, () => of(log))
      if (log.isOlder(info.batch)) {
        await w.reloadInTurns()
        c.emit('changed', { what: 'catalogue' })
      }
      return resultOf(w, info, shown)
    })
  return {
    'labels.apply': ({ changes, why, description, suggestion, ...shown }) => {
      const w = c.workspace()
      return w.decide(async () => {
        const log = planSeen(w, changes)
        const run = suggestion ? (w.predictions?.run ?? null) : null
        const text = description || describe(w, log)
        const info = await append(c, w, () => w.log.appending({ who: c.who(), why, description: text, run }, log))
        return resultOf(w, info, shown)
      })
    },
    'labels.bulk': async (args) => {
      const w = c.workspace()
      if (args.dryRun) {
        const { movies, matched } = await planBulk(w, args)
        return { count: movies.length, matched, batch: null, changed: movies, ...w.log.state() }
      }
      return w.decide(async () => {
        const { changes, movies, matched, description } = await planBulk(w, args)
        const log = await inSlices(planInSteps(w, changes, false))
        const info = await append(c, w, () => w.log.appending({ who: c.who(), why: 'bulk', description, run: null }, log))
        return { count: movies.length, matched, batch: info.batch || null, changed: new Int32Array(), ...w.log.state() }
      })
    },
    'labels.adjudicate': ({ movie, genre, has, reason, ...shown }) => {
      const w = c.workspace()
      return w.decide(async () => {
        const log = adjudication(w, movie, genre, has)
        const why = reason === '' ? ADJUDICATED : `${ADJUDICATED}: ${reason}`
        const info = await append(c, w, () => w.log.appending({ who: c.who(), why, description: describe(w, log), run: null }, log))
        return resultOf(w, info, shown)
      })
    },
    'labels.undo': (shown) => step(c.workspace(), shown, (log) => log.undoing(c.who())),
    'labels.redo': (shown) => step(c.workspace(), shown, (log) => log.redoing(c.who())),
    'labels.state': () => c.workspace().log.state(),
    'labels.log': ({ text, genre, since, until, limit, ...filter }) => {
      const w = c.workspace()
      const query = {
        ...filter,
        movies: text.trim() === '' ? null : moviesNamed(w.store, text.trim()),
        genres: genre === null ? null : spellingsOf(w, genre),
        from: since,
        to: until === null ? null : dayAfter(until),
      }
      const found = w.store.changes.page({ ...query, limit: limit + 1 })
      const entries = found
        .slice(0, limit)
        .filter(isShown(w))
        .map((e) => ({ ...asEntry(e), change: e.change, description: e.description }))
      return { entries, more: found.length > limit }
    },
    'labels.revert': ({ batch, change, dryRun }) => {
      const w = c.workspace()
      return w.decide(async () => {
        const { log, ...counts } = reverting(w, batch, change)
        if (dryRun || log.length === 0) return { ...counts, batch: null }
        const made = { who: c.who(), why: `reverts batch ${batch}`, description: counts.description, run: null }
        const info = await append(c, w, () => w.log.appending(made, log))
        return { ...counts, batch: info.batch || null }
      })
    },
    'labels.history': ({ limit }) => c.workspace().store.changes.newest(limit).filter(isShown(c.workspace())).map(asEntry),
  }
}

const resultOf = (w: Workspace, info: BatchInfo, shown: Shown): ChangeResult => ({
  ...info,
  ...w.log.state(),
  after: afterChange(w, info.movies, shown),
})

function afterChange(w: Workspace, movies: readonly number[], { filter, prefetch }: Shown): AfterChange {
  const kept = (movie: number): boolean => w.catalogue.row(movie) >= 0
  const detailed = new Set([...(movies.length === 1 ? movies : []), ...prefetch].filter(kept))
  return {
    rows: movies.length > MAX_ROWS ? null : movies.filter(kept).map((movie) => rowFor(w, movie)),
    details: [...detailed].map((movie) => detailOf(w, movie)),
    buckets: filter && w.index.buckets(filter),
  }
}

/**
 * Returns the log changes for a request, without those that change nothing, except the mark `reviewed` of a person to whom the movie is
 * assigned and who has not decided it: it is that person's decision, also if another one has set it. A label that a person sets is decided: its cell gets the verdict
 * `keep`. A change that takes a decision back restores what that decision had changed. A movie becomes reviewed with the decision that
 * answers its last open suggestion; a reviewed movie is not put off any more. In a bulk change (`each` false) only labels and verdicts
 * change.
 * @throws UserError `no-movie`, `no-genre`
 */
export const plan = (w: Workspace, changes: readonly Change[], each = true): LogChange[] => runToEnd(planInSteps(w, changes, each))

/** {@link plan} with pauses, in which no decision may be written. */
function* planInSteps(w: Workspace, changes: readonly Change[], each: boolean): Generator<undefined, LogChange[]> {
  const { catalogue, predictions, suspects, store } = w
  const log: LogChange[] = []
  const seen = new Map<string, LogChange>()
  /** The value after the changes so far. */
  const valueOf = (movie: number, genre: number | null, field: LogChange['field']): string =>
    seen.get(`${movie} ${genre} ${field}`)?.becomes ?? catalogue.valueOf(movie, genre, field)
  const put = (movie: number, genre: number | null, field: LogChange['field'], becomes: string): boolean => {
    const was = valueOf(movie, genre, field)
    // the mark of another person is no decision of the one who is asked to decide the movie, too
    const isOwn = each && field === 'reviewed' && becomes === '1' && !seen.has(`${movie} ${genre} ${field}`) && w.isToDo(movie)
    if (was === becomes && !isOwn) return false
    const change = { movie, genre, field, was, becomes }
    seen.set(`${movie} ${genre} ${field}`, change)
    log.push(change)
    return true
  }
  /** Sets a cell; if cleaning merges several genre ids into its column, sets each of them. Returns the ids that change. */
  const putCell = (movie: number, genre: number, field: 'label' | 'verdict', becomes: string): number[] => {
    const ids = catalogue.idsOf(movie, genre)
    const values = (of: 'label' | 'verdict'): string[] => ids.map((id) => valueOf(movie, id, of))
    const shown = values(field).find((v) => v !== EMPTY[field]) ?? EMPTY[field]
    if (shown === becomes) return []
    // a removed label is removed from every id; a new label, and a verdict without a label, belong to the id of the column itself
    const labelled = ids.filter((_, i) => values('label')[i] === '1')
    const holders = labelled.length > 0 ? labelled : [catalogue.genres[catalogue.column(genre)]?.id]
    return ids.filter((id) => put(movie, id, field, holders.includes(id) ? becomes : EMPTY[field]))
  }
  const decided = new Map<number, Set<number>>()
  const explicit = new Set(changes.filter((x) => x.field === 'reviewed').map((x) => x.movie))
  for (const [i, change] of changes.entries()) {
    if (i % 500 === 499) yield
    const { movie, field } = change
    const becomes = rawValue(change)
    requireRow(w, movie)
    if (!('genre' in change)) {
      put(movie, null, field, becomes)
      if (field === 'reviewed' && change.to) put(movie, null, 'skipped', '0')
      continue
    }
    const { genre } = change
    requireGenre(catalogue, genre)
    const back = each ? takenBack(catalogue, store, change, becomes) : []
    for (const c of back) if (!isMark(c.field) || !explicit.has(movie)) put(c.movie, c.genre, c.field, c.becomes)
    const changed = putCell(movie, genre, change.field, becomes)
    if (changed.length > 0 && field === 'label')
      for (const id of catalogue.idsOf(movie, genre)) put(movie, id, 'verdict', changed.includes(id) ? 'keep' : '')
    if (back.length === 0 && becomes !== '') decided.set(movie, (decided.get(movie) ?? new Set()).add(catalogue.column(genre)))
  }
  /** True for a cell with a suggestion: a suspect or an estimate "impossible"; any finding if suspects were never searched for. */
  const isOpen = (row: number, column: number): boolean => {
    const cell = row * catalogue.k + column
    const found = predictions !== null && predictions.kinds[cell] !== GOOD
    return suspects ? suspects.isSuspect(row, column) || (found && predictions.estimates[cell] === 1) : found
  }
  const answersLast = (movie: number, answered: ReadonlySet<number>): boolean => {
    const open = catalogue.genres.map((_, column) => column).filter((column) => isOpen(catalogue.row(movie), column))
    return open.length > 0 && open.every((column) => answered.has(column))
  }
  for (const [movie, columns] of decided) {
    if (!each || explicit.has(movie) || !answersLast(movie, columns)) continue
    put(movie, null, 'reviewed', '1')
    put(movie, null, 'skipped', '0')
  }
  return log
}

/**
 * {@link plan} of what the person who decides now sees. Of a movie that is decided blind, decisions are logged also if another person has made
 * the same ones before.
 */
function planSeen(w: Workspace, changes: readonly Change[]): LogChange[] {
  const [log, hidden] = w.asSeen([...new Set(changes.map(({ movie }) => movie))], (hidden) => [plan(w, changes), hidden] as const)
  const values = new Map<string, string>()
  return log.map((c) => {
    if (!hidden.has(c.movie)) return c
    const place = `${c.movie} ${c.genre} ${c.field}`
    const was = values.get(place) ?? w.catalogue.valueOf(c.movie, c.genre, c.field)
    values.set(place, c.becomes)
    return { ...c, was }
  })
}

/**
 * If a change takes back the last decision on its cell, which concerned nothing else: the inverse of what that decision changed. A label
 * is taken back by the label of the source, a verdict by none.
 */
function takenBack(catalogue: Catalogue, { changes }: Store, { movie, genre, field }: CellChange, becomes: string): LogChange[] {
  const column = catalogue.column(genre)
  const untouched = field === 'label' ? String(catalogue.source[catalogue.row(movie) * catalogue.k + column]) : ''
  if (becomes !== untouched) return []
  const isHere = (c: LogChange): boolean => catalogue.column(c.genre ?? 0) === column
  const last = [...changes.entries(movie)].findLast((c) => c.field === field && isHere(c))
  const made = last?.was === becomes ? changes.changesOf(last.id) : []
  const alone = made.every((c) => c.movie === movie && (isMark(c.field) || isHere(c)))
  return alone ? made.reverse().map(inverse) : []
}

/** The changes of a decision between people; the label is among them also if it stays. */
function adjudication(w: Workspace, movie: number, genre: number, has: boolean): LogChange[] {
  const { catalogue, index } = w
  const row = requireRow(w, movie)
  if (!index.disputes.of(row).some((dispute) => dispute.genre === genre))
    throw new UserError('no-dispute', 'People do not differ on this label, or it was settled meanwhile. Nothing was changed.')
  const given = catalogue.labels[row * catalogue.k + catalogue.column(genre)] === 1
  const log = plan(w, [answerOf(movie, genre, given, has)], false)
  if (log.some(({ field }) => field === 'label')) return log
  const ids = catalogue.idsOf(movie, genre)
  const id = ids.find((each) => catalogue.valueOf(movie, each, 'label') === '1') ?? genre
  const label = catalogue.valueOf(movie, id, 'label')
  return [...log, { movie, genre: id, field: 'label', was: label, becomes: label }]
}

/** Movies with this id, else those with these words in their title. */
function moviesNamed({ movies }: Store, text: string): number[] {
  const found = movies.idOfKey(text)
  return found === null ? [...movies.search({ text, part: 'title', exact: false })] : [found]
}
/** Ids of all genres that cleaning makes this one of. */
function spellingsOf(w: Workspace, genre: string | number): number[] {
  const column = w.catalogue.column(namedGenre(w, genre).id)
  return w.store.movies.genres().flatMap(({ id }) => (w.catalogue.column(id) === column ? [id] : []))
}
const dayAfter = (day: string): string => new Date(Date.parse(day) + 24 * 60 * 60 * 1000).toISOString().slice(0, 10)

/**
 * The changes that restore what a batch changed, or one cell of it.
 * @throws UserError `no-batch`
 */
function reverting(w: Workspace, id: number, change: number | null): Omit<Reverted, 'batch'> & { readonly log: readonly LogChange[] } {
  const batch = w.store.changes.batch(id)
  const all = w.store.changes.revertible(id)
  const one = all.find((c) => c.id === change)
  if (!batch || (change !== null && !one)) throw new UserError('no-batch', `The change log has no batch ${id} with this change.`)
  const log: LogChange[] = []
  const counts = { later: 0, restored: 0, removed: 0 }
  /** The result of the changes so far, by cell: a batch may change a cell twice. */
  const values = new Map<string, string>()
  for (const c of all) {
    if (one && (c.movie !== one.movie || c.genre !== one.genre)) continue
    const isThere = w.catalogue.row(c.movie) >= 0 && (c.genre === null || w.catalogue.column(c.genre) >= 0)
    const cell = `${c.movie} ${c.genre} ${c.field}`
    const value = values.get(cell)
    const now = value ?? (isThere ? w.catalogue.valueOf(c.movie, c.genre, c.field) : '')
    if (!isThere) counts.removed++
    else if (now === c.was) counts.restored++
    else if (!c.isLast && value === undefined) counts.later++
    else {
      log.push(inverse({ movie: c.movie, genre: c.genre, field: c.field, was: c.was, becomes: now }))
      values.set(cell, c.was)
    }
  }
  const description = `Revert: ${
    one
      ? describe(
          w,
          all.filter((c) => c.movie === one.movie && c.genre === one.genre),
        )
      : batch.description
  }`
  return { log, ...counts, description: description.slice(0, 200), changes: log.length, movies: new Set(log.map((c) => c.movie)).size }
}

function requireGenre(catalogue: Catalogue, genre: number): void {
  if (catalogue.column(genre) < 0) throw new UserError('no-genre', `There is no genre ${genre} in the catalogue.`)
}

/** Description of a batch for the undo button: `Dune: +Science Fiction, -Drama`. */
function describe(w: Workspace, log: readonly LogChange[]): string {
  const movies = new Set(log.map((c) => c.movie))
  const name = (id: number | null): string => w.catalogue.genres[w.catalogue.column(id ?? 0)]?.name ?? ''
  const column = ({ genre }: LogChange): number => w.catalogue.column(genre ?? 0)
  const isRelabelled = (verdict: LogChange): boolean =>
    log.some((c) => c.field === 'label' && c.movie === verdict.movie && column(c) === column(verdict))
  const part: Readonly<Record<Exclude<ChangeField, Mark>, (c: LogChange) => string>> = {
    label: (c) => `${c.becomes === '1' ? '+' : '-'}${name(c.genre)}`,
    verdict: (c) => (c.becomes === '' || isRelabelled(c) ? '' : `${c.becomes} ${name(c.genre)}`),
    note: () => 'note',
  }
  const onlyMarks = log.every((c) => isMark(c.field))
  const parts = log
    .map((c) => (isMark(c.field) ? (onlyMarks ? `${c.becomes === '1' ? '' : 'not '}${c.field}` : '') : part[c.field](c)))
    .filter((t) => t !== '')
    .slice(0, 6)
  const what = [...new Set(parts)].join(', ')
  const [first] = movies
  const where = movies.size === 1 && first !== undefined ? (w.store.movies.text(first)?.title ?? '') : many(movies.size, 'movie')
  return `${where}: ${what}`.slice(0, 200)
}
