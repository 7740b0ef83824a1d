import { UserError } from '../../contract/errors.ts'
import { modelText, spansByPart } from '../../contract/model-text.ts'
import type { ChangeEntry, Genre, MovieDetail, MovieRow, Span } from '../../contract/records.ts'
import { cellsOf, rowOf } from '../catalogue/rows.ts'
import { explainLinear, modelOf } from '../compute/linear/explain.ts'
import type { LinearModel } from '../compute/linear/predict.ts'
import { deserialise } from '../compute/linear/serialise.ts'
import { genreCalled } from '../data/clean/aliases.ts'
import { recordCells } from '../data/import/files/tables.ts'
import type { LogEntry } from '../store/changes.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { Workspace } from '../workspace.ts'
import { FILTER, type REVIEW_METHODS } from '../../contract/review.ts'
import type { Context, Handlers } from './context.ts'
import { finished } from './runs.ts'
import { trainedModel } from './trained.ts'

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
export const rowFor = (w: Workspace, movie: number): MovieRow =>
  rowOf(w.catalogue, w.predictions, w.suspects, w.store, requireRow(w, movie))

/** @throws UserError `no-movie` */
export const detailOf = (w: Workspace, movie: number): MovieDetail => ({
  ...rowFor(w, movie),
  plot: w.store.movies.text(movie)?.plot ?? '',
  note: w.catalogue.notes.get(movie) ?? '',
  allCells: cellsOf(w.catalogue, w.predictions, w.catalogue.row(movie)),
  columns: originalColumns(w, movie),
  history: [...w.store.changes.entries(movie)].map(asEntry),
  suspects: w.suspects?.explained(w.catalogue.row(movie)) ?? null,
})

/** The original columns of a movie's first record. */
export function originalColumns(w: Workspace, movie: number): { name: string; value: string }[] {
  const record = w.store.sources.firstOf(movie)
  const file = record && w.store.sources.files().find((f) => f.id === record.file)
  if (!record || !file) return []
  const cells = recordCells(record.raw, file)
  return file.columns.map((name, i) => ({ name, value: cells[i] ?? '' }))
}

/** Column of a genre in a run's model. @throws UserError `no-genre` if the model was trained without it */
function columnOf({ catalogue }: Workspace, run: StoredRun, genre: number): number {
  const column = run.genres.findIndex((g) => catalogue.column(g) === catalogue.column(genre))
  if (column >= 0) return column
  const name = catalogue.genres.find((g) => g.id === genre)?.name ?? `genre ${genre}`
  throw new UserError('no-genre', `Run ${run.id} does not know ${name}: train again.`)
}

export function reviewHandlers(c: Context): Handlers<typeof REVIEW_METHODS> {
  /** Cache of the last model, because reading a model takes longer than using it. */
  let cached: { readonly store: Store; readonly run: number; readonly model: LinearModel } | null = null
  const linearModel = (w: Workspace, run: number): LinearModel => {
    if (cached?.run === run && cached.store === w.store) return cached.model
    const bytes = w.store.runs.model(run)?.bytes
    if (!bytes) throw new UserError('no-model', `The model of run ${run} is not in the project: train again.`)
    cached = { store: w.store, run, model: deserialise(bytes) }
    return cached.model
  }
  return {
    'review.query': (filter) => c.workspace().index.query(filter),
    'review.first': ({ limit, ...filter }) => c.workspace().index.first(filter, limit),
    'review.rows': ({ movies }) => movies.map((m) => rowFor(c.workspace(), m)),
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
    'review.place': () => {
      const { store, catalogue } = c.workspace()
      const place = store.meta.get('place')
      const filter = FILTER.safeParse(place?.filter)
      const genres = filter.data ? [...filter.data.has, filter.data.genre ?? []].flat() : []
      return filter.success && genres.every((genre) => catalogue.column(genre) >= 0)
        ? { filter: filter.data, movie: place?.movie ?? null }
        : null
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
    'review.explain': async ({ movie, genre }) => {
      const w = c.workspace()
      const final = w.catalogue.splitOf(requireRow(w, movie)) === 'train' ? 'learned' : 'final'
      const run = finished(w, w.trained().run)
      const column = columnOf(w, run, genre)
      const { reads } = run.config
      const { title, plot } = w.store.movies.text(movie) ?? { title: '', plot: '' }
      const text = modelText(reads, { title, plot })
      const inParts = <T extends { readonly spans: readonly Span[] }>(explained: T): T & { readonly titleSpans: readonly Span[] } => {
        const parts = spansByPart(reads, title, explained.spans)
        return { ...explained, spans: parts.plot, titleSpans: parts.title }
      }
      if (run.config.family === 'linear') {
        const { model, is } = modelOf(linearModel(w, run.id), movie)
        return { genre, model: is === 'fold' ? is : final, note: '', ...inParts(explainLinear(model, text, column)) }
      }
      const trained = await trainedModel(c, w, run)
      const { explanation } = await c.inference.ask({ t: 'explain', model: trained, text, genre: column })
      return { ...inParts(explanation), genre, model: final }
    },
  }
}
