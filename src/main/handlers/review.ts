import { UserError } from '../../contract/errors.ts'
import { spansByPart } from '../../contract/model-text.ts'
import type { ChangeEntry, Genre, MovieDetail, MovieRow, Span } from '../../contract/records.ts'
import { calibrated } from '../analysis/platt.ts'
import { scaleOf } from '../catalogue/run-scores.ts'
import { cellsOf, impossibleReasons, rowOf } from '../catalogue/rows.ts'
import { genreCalled } from '../data/clean/aliases.ts'
import { recordCells } from '../data/import/files/tables.ts'
import type { LogEntry } from '../store/changes.ts'
import { originalCells } from '../store/reader.ts'
import type { Workspace } from '../workspace.ts'
import { parseFilter } from '../../contract/filter.ts'
import { FILTER, SWEEP, type REVIEW_METHODS } from '../../contract/review.ts'
import type { Context, Handlers } from './context.ts'
import { explainerOf } from './explaining.ts'
import { shown } from './services.ts'

/** The catalogue row of a movie. @throws UserError `no-movie` if it is not in the cleaned catalogue */
export function requireRow(w: Workspace, movie: number): number {
  const row = w.catalogue.row(movie)
  if (row >= 0) return row
  const text = w.store.movies.text(movie)
  throw new UserError(
    'no-movie',
    text
      ? `"${text.title}" (${text.key}) was removed by cleaning: switch the rule off to see it.`
      : `There is no movie ${movie} in this project.`,
  )
}

/** A genre of the catalogue by its id or its name. @throws UserError `no-genre` with the existing names */
export function namedGenre({ catalogue: { genres } }: Workspace, wanted: number | string): Genre {
  const found = typeof wanted === 'string' ? genreCalled(genres, wanted) : genres.find(({ id }) => id === wanted)
  if (!found) throw new UserError('no-genre', `There is no genre "${wanted}": choose one of ${genres.map(({ name }) => name).join(', ')}.`)
  return found
}

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

/** @throws UserError `no-movie` */
export const rowFor = (w: Workspace, movie: number): MovieRow => w.asSeen([movie], () => shownRow(w, movie))
const shownRow = (w: Workspace, movie: number): MovieRow => rowOf(w.catalogue, w.predictions, w.suspects, w.store, requireRow(w, movie))

/** @throws UserError `no-movie` */
export const detailOf = (w: Workspace, movie: number): MovieDetail =>
  w.asSeen([movie], (hidden) => ({
    ...shownRow(w, movie),
    plot: w.store.movies.text(movie)?.plot ?? '',
    note: w.catalogue.notes.get(movie) ?? '',
    allCells: cellsOf(w.catalogue, w.predictions, w.catalogue.row(movie)),
    columns: originalColumns(w, movie),
    history: [...w.store.changes.entries(movie)].filter(isShown(w)).map(asEntry),
    suspects: w.suspects?.explained(w.catalogue.row(movie)) ?? null,
    impossible: impossibleReasons(w.catalogue, w.predictions, w.suspects, w.catalogue.row(movie)),
    disputes: hidden.has(movie) ? [] : w.index.disputes.of(w.catalogue.row(movie)),
    blind: hidden.has(movie),
    todo: w.isToDo(movie),
    answers: w.store.answers.of(movie).map((answer) => shown(w, answer)),
  }))
/** Tells of an entry of the log whether the person who decides now may see it. */
export const isShown =
  (w: Workspace) =>
  ({ movie, who }: LogEntry): boolean =>
    who === w.who() || !w.hides(movie)

/** The original columns of a movie's first record. */
export const originalColumns = (w: Workspace, movie: number): MovieDetail['columns'] => originalCells(w.store.sources, recordCells)(movie)

export function reviewHandlers(c: Context): Handlers<typeof REVIEW_METHODS> {
  return {
    'review.query': (filter) => c.workspace().index.query(filter),
    'review.first': ({ limit, ...filter }) => c.workspace().index.first(filter, limit),
    'review.rows': ({ movies, columns }) => {
      const w = c.workspace()
      if (columns.length === 0) return movies.map((movie) => rowFor(w, movie))
      const cellsOf = originalCells(w.store.sources, recordCells)
      return movies.map((movie) => {
        const cells = cellsOf(movie)
        return { ...rowFor(w, movie), values: columns.map((name) => cells.find((cell) => cell.name === name)?.value.trim() ?? '') }
      })
    },
    'review.runs': ({ movie }) => {
      const { runs } = c.workspace().store
      return runs
        .all()
        .filter(({ status }) => status === 'done')
        .flatMap((run) => {
          const stored = runs.movieProbabilities(run.id, movie)
          if (!stored) return []
          const scales = run.summary?.calibration && run.genres.map((_, j) => scaleOf(run, j))
          const probabilities = scales ? calibrated(stored, scales, 1, stored.length) : stored
          return { run: run.id, genres: run.genres, probabilities, thresholds: run.thresholds }
        })
        .sort((a, b) => b.run - a.run)
    },
    'review.genre': ({ name }) => namedGenre(c.workspace(), name),
    'review.find': ({ key }) => {
      const movie = c.workspace().store.movies.idOfKey(key)
      if (movie === null)
        throw new UserError(
          'no-movie',
          `There is no movie with id "${key}" in this project: ids are those of the imported file, or row-1, row-2, …`,
        )
      return { movie }
    },
    'review.movie': ({ movie }) => detailOf(c.workspace(), movie),
    'review.queues': ({ mix }) => c.workspace().index.queues(mix),
    'review.place': () => {
      const { store, catalogue, index } = c.workspace()
      const place = store.meta.get('place')
      const filter = FILTER.safeParse(place?.filter)
      const sweep = SWEEP.safeParse(place?.sweep)
      return filter.success && index.isMeaningful(filter.data.where)
        ? {
            filter: filter.data,
            movie: place?.movie ?? null,
            sweep: sweep.data && catalogue.column(sweep.data.genre) >= 0 ? sweep.data : null,
          }
        : null
    },
    'review.names': () => {
      const { store, index } = c.workspace()
      const columns = index.columns.list().map(({ name, type, values }) => ({ name, type, values }))
      return { columns, people: [...new Set([...store.changes.batches().map(({ who }) => who), ...index.disputes.assignments.names])] }
    },
    'review.slices': () => c.workspace().store.meta.get('slices') ?? [],
    'review.setSlices': ({ slices }) => {
      const { store, index } = c.workspace()
      const names = slices.map(({ name }) => name.toLowerCase())
      const twice = slices.find(({ name }, i) => names.indexOf(name.toLowerCase()) !== i)
      if (twice) throw new UserError('slice-exists', `There is a slice ${twice.name} already: choose another name.`)
      for (const { where } of slices) parseFilter(where)
      store.transaction(() => store.meta.set('slices', slices))
      index.forgetFilters()
      return null
    },
    'review.remember': (place) => {
      const { store } = c.workspace()
      store.transaction(() => store.meta.set('place', place))
      return null
    },
    'review.setKeys': ({ keys }) => {
      const { store } = c.workspace()
      store.transaction(() => store.meta.set('keys', keys))
      return null
    },
    'review.explain': async ({ movie, genre, method }) => {
      const w = c.workspace()
      requireRow(w, movie)
      const explainer = await explainerOf(c, w)
      const texts = explainer.texts(movie)
      const explanation = await explainer.explain(explainer.text(movie), movie, explainer.column(genre), method ?? undefined)
      const { spans: all, ...explained } = explanation
      const parts = spansByPart(explainer.run.config, texts, all)
      const spansOf = (part: 'title' | 'plot'): readonly Span[] => parts.find((p) => p.of === part)?.spans ?? []
      const columnSpans = parts.filter((p) => p.of === 'column').map(({ column: name, spans }) => ({ column: name, spans }))
      return { ...explained, genre, spans: spansOf('plot'), titleSpans: spansOf('title'), columnSpans }
    },
  }
}
