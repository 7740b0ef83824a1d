import type { Args } from '../../contract/api.ts'
import type { Change } from '../../contract/review.ts'
import { UserError } from '../../contract/errors.ts'
import { many } from '../../contract/words.ts'
import type { BatchInfo, ChangeEntry, UndoState } from '../../contract/records.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { LogChange, LogEntry } from '../store/changes.ts'
import type { Workspace } from '../workspace.ts'
import type { LABEL_METHODS } from '../../contract/review.ts'
import type { Context, Handlers } from './context.ts'

/** Values of a change in the log's notation. */
const RAW = {
  label: (c: Change) => (c.to ? '1' : '0'),
  reviewed: (c: Change) => (c.to ? '1' : '0'),
  verdict: (c: Change) => String(c.to ?? ''),
  note: (c: Change) => String(c.to),
} as const

/** The log's notation for a cell without the label or without a verdict. */
const EMPTY = { label: '0', verdict: '' } as const

export const asEntry = (e: LogEntry): ChangeEntry => ({
  batch: e.id,
  movie: e.movie,
  key: e.key,
  title: e.title,
  genre: e.genreName,
  field: e.field,
  from: e.was,
  to: e.becomes,
  at: e.at,
  who: e.who,
  why: e.why,
  run: e.run,
  undoes: e.undoes,
})

export function labelHandlers(c: Context): Handlers<typeof LABEL_METHODS> {
  /** Appends to the log. If another program has appended meanwhile, its decisions are loaded, and the call fails with `project-changed`. */
  const append = (w: Workspace, work: () => BatchInfo): BatchInfo & UndoState => {
    try {
      return settled(w, work())
    } catch (error) {
      if (error instanceof UserError && error.code === 'project-changed') {
        w.reload()
        c.emit('changed', { what: 'catalogue' })
      }
      throw error
    }
  }
  /** Updates the triage of the changed movies, notifies every client, and returns the undo state. */
  const settled = (w: Workspace, info: BatchInfo): BatchInfo & UndoState => {
    w.refresh(info.movies)
    if (info.changes > 0) c.emit('changed', { what: 'labels' })
    return { ...info, ...w.log.state() }
  }
  /** One undo or redo. If the batch is older than the loaded columns, everything is read again. */
  const step = async (w: Workspace, work: (log: Workspace['log']) => BatchInfo): Promise<BatchInfo & UndoState> => {
    const { log } = w
    const info = append(w, () => work(log))
    if (!log.isOlder(info.batch)) return info
    await w.reloadInTurns()
    c.emit('changed', { what: 'catalogue' })
    return { ...info, ...w.log.state() }
  }
  return {
    'labels.apply': ({ changes, why, description, suggestion }) => {
      const w = c.workspace()
      const log = plan(w.catalogue, changes)
      const run = suggestion ? (w.predictions?.run ?? null) : null
      const text = description || describe(w, log)
      return append(w, () => w.log.append({ who: c.who, why, description: text, run }, log))
    },
    'labels.bulk': async (args) => {
      const w = c.workspace()
      const { movies, matched, genre, name } = await bulkMovies(w, args)
      if (args.dryRun) return { count: movies.length, matched, batch: null, ...w.log.state() }
      const requests = movies.map((movie): Change => ({ field: 'label', movie, genre, to: args.action === 'add' }))
      const changes = plan(w.catalogue, requests, false)
      const description = `${args.action === 'add' ? 'Add' : 'Remove'} ${name} ${args.action === 'add' ? 'to' : 'from'} ${many(movies.length, 'movie')}`
      const info = append(w, () => w.log.append({ who: c.who, why: 'bulk', description, run: null }, changes))
      return { count: movies.length, matched, batch: info.batch || null, ...w.log.state() }
    },
    'labels.undo': () => step(c.workspace(), (log) => log.undo(c.who)),
    'labels.redo': () => step(c.workspace(), (log) => log.redo(c.who)),
    'labels.state': () => c.workspace().log.state(),
    'labels.history': ({ limit }) => c.workspace().store.changes.newest(limit).map(asEntry),
  }
}

/**
 * The log changes for a request, without those that change nothing. A changed label clears the cell's verdict. A movie with a
 * decision becomes reviewed, except in a bulk change (`each` false).
 * @throws UserError `no-movie`, `no-genre`
 */
function plan(catalogue: Catalogue, changes: readonly Change[], each = true): LogChange[] {
  const log: LogChange[] = []
  const seen = new Map<string, LogChange>()
  /** The value after the changes so far. */
  const valueOf = (movie: number, genre: number | null, field: LogChange['field']): string =>
    seen.get(`${movie} ${genre} ${field}`)?.becomes ?? catalogue.valueOf(movie, genre, field)
  const put = (movie: number, genre: number | null, field: LogChange['field'], becomes: string): boolean => {
    const was = valueOf(movie, genre, field)
    if (was === becomes) return false
    const change = { movie, genre, field, was, becomes }
    seen.set(`${movie} ${genre} ${field}`, change)
    log.push(change)
    return true
  }
  /** Sets a cell; if cleaning merges several genre ids into its column, sets each of them. Returns true if something changes. */
  const putCell = (movie: number, genre: number, field: 'label' | 'verdict', becomes: string): boolean => {
    const ids = catalogue.idsOf(movie, genre)
    const values = (of: 'label' | 'verdict'): string[] => ids.map((id) => valueOf(movie, id, of))
    const shown = values(field).find((v) => v !== EMPTY[field]) ?? EMPTY[field]
    if (shown === becomes) return false
    // a removed label is removed from every id; a new label, and a verdict without a label, belong to the id of the column itself
    const labelled = ids.filter((_, i) => values('label')[i] === '1')
    const holders = labelled.length > 0 ? labelled : [catalogue.genres[catalogue.column(genre)]?.id]
    for (const id of ids) put(movie, id, field, holders.includes(id) ? becomes : EMPTY[field])
    return true
  }
  for (const change of changes) {
    const { movie, field } = change
    const becomes = RAW[field](change)
    check(catalogue, movie, 'genre' in change ? change.genre : null)
    if (!('genre' in change)) put(movie, null, field, becomes)
    else if (putCell(movie, change.genre, change.field, becomes) && field === 'label') putCell(movie, change.genre, 'verdict', '')
  }
  if (!each) return log
  const decided = new Set(changes.filter((x) => x.field === 'label' || x.field === 'verdict').map((x) => x.movie))
  const said = new Set(changes.filter((x) => x.field === 'reviewed').map((x) => x.movie))
  for (const movie of decided) if (!said.has(movie)) put(movie, null, 'reviewed', '1')
  return log
}

function check(catalogue: Catalogue, movie: number, genre: number | null): void {
  if (catalogue.row(movie) < 0) throw new UserError('no-movie', `There is no movie ${movie} in the cleaned catalogue.`)
  if (genre !== null && catalogue.column(genre) < 0) throw new UserError('no-genre', `There is no genre ${genre} in the catalogue.`)
}

/** Description of a batch for the undo button: `Dune: +Science Fiction, -Drama`. */
function describe(w: Workspace, log: readonly LogChange[]): string {
  const movies = new Set(log.map((c) => c.movie))
  const name = (id: number | null): string => w.catalogue.genres[w.catalogue.column(id ?? 0)]?.name ?? ''
  const part: Readonly<Record<LogChange['field'], (c: LogChange) => string>> = {
    label: (c) => `${c.becomes === '1' ? '+' : '-'}${name(c.genre)}`,
    verdict: (c) => (c.becomes === '' ? '' : `${c.becomes} ${name(c.genre)}`),
    note: () => 'note',
    reviewed: () => (log.every((c) => c.field === 'reviewed') ? 'reviewed' : ''),
  }
  const parts = log
    .slice(0, 6)
    .map((c) => part[c.field](c))
    .filter((t) => t !== '')
  const what = [...new Set(parts)].join(', ')
  const [first] = movies
  const where = movies.size === 1 && first !== undefined ? (w.store.movies.text(first)?.title ?? '') : many(movies.size, 'movie')
  return `${where}: ${what}`.slice(0, 200)
}

async function bulkMovies(
  w: Workspace,
  args: Args<'labels.bulk'>,
): Promise<{ movies: number[]; matched: number; genre: number; name: string }> {
  const wanted = args.genre
  const found = w.catalogue.genres.find(
    (g) => g.id === wanted || (typeof wanted === 'string' && g.name.toLowerCase() === wanted.toLowerCase()),
  )
  if (!found)
    throw new UserError('no-genre', `There is no genre ${wanted}: choose one of ${w.catalogue.genres.map((g) => g.name).join(', ')}.`)
  const list = await w.index.query(args.filter)
  // labels may have changed during the search: use the current ones
  const { catalogue } = w
  const column = catalogue.column(found.id)
  const target = args.action === 'add' ? 1 : 0
  const differs = (row: number): boolean => row >= 0 && catalogue.labels[row * catalogue.k + column] !== target
  const movies = [...list.movies].filter((movie) => differs(catalogue.row(movie)))
  return { movies, matched: list.movies.length, genre: found.id, name: found.name }
}
