import type { ExportOptions, ExportReport } from '../../contract/exporting.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Predictions } from '../catalogue/predictions.ts'
import { BUCKET_BITS, VERDICT_NAMES } from '../analysis/triage.ts'
import { exactGenreKey, genreKey } from '../data/clean/aliases.ts'
import { encodeChunks } from '../data/export/encoding.ts'
import { exportFile, styleOf } from '../data/export/file.ts'
import type { ExportRecord, ExportTally } from '../data/export/types.ts'
import { genresWithoutColumn } from '../data/export/flags.ts'
import { isFormula } from '../data/export/formulas.ts'
import { exportName } from '../data/export/names.ts'
import { toCsv } from '../data/export/table.ts'
import type { SourceFile } from '../store/sources.ts'
import type { Store } from '../store/store.ts'

type Counts = Omit<ExportReport, 'files'>
/** Files to write, and what was counted once they are written. */
export interface CatalogueExport {
  readonly parts: readonly { readonly name: string; readonly chunks: Iterable<string | Buffer> }[]
  counts(): Counts
}
const BUCKETS = ['good', 'bad', 'impossible'] as const
type Column = ExportOptions['columns'][number]
/** What is counted while the text is drawn. */
interface Tally extends ExportTally {
  records: number
}
const noTally = (): Tally => ({ records: 0, changed: 0, neutralised: 0 })
const counts = (t: Tally): Counts => ({ records: t.records, changedRecords: t.changed, neutralised: t.neutralised })

/** What the effective labels add to and remove from a movie's source labels, as names. */
interface Correction {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}
const NOTHING: Correction = { add: [], remove: [] }

/** What decisions change, as it is now: an export is of one moment, and decisions go on while its files are written. */
interface Snapshot {
  readonly labels: Uint8Array
  readonly verdicts: Uint8Array
  readonly reviewed: Uint8Array
  /** Null before the first training. */
  readonly predictions: Pick<Predictions, 'p' | 'predicted' | 'score' | 'has' | 'known' | 'buckets'> | null
}
const snapshot = (c: Catalogue, p: Predictions | null): Snapshot => ({
  labels: c.labels.slice(),
  verdicts: c.verdicts.slice(),
  reviewed: c.reviewed.slice(),
  predictions: p && {
    p: p.p.slice(),
    predicted: p.predicted.slice(),
    score: p.score.slice(),
    has: p.has,
    known: p.known,
    buckets: p.buckets.slice(),
  },
})

/** The imported files with the corrections in them: every byte that no correction touches is as it came. */
export function catalogueFiles(
  store: Store,
  catalogue: Catalogue,
  predictions: Predictions | null,
  options: ExportOptions,
): CatalogueExport {
  const tally = noTally()
  const now = snapshot(catalogue, predictions)
  const { labels } = now
  const extras = extraValues(store, catalogue, now, options.columns)
  const files = store.sources.currentFiles()
  const merges = store.cleanings.current()?.ruleSet.some((step) => step.rule === 'genre-alias' && step.on) ?? true
  const keyOf = merges ? genreKey : exactGenreKey
  const homeless = moviesWithoutRows(store, catalogue, files)
  const targetsOf = genreTargets(store)
  const came = genresThatCame(catalogue, labels)
  const rawsOf = function* (file: SourceFile): Generator<string> {
    for (const { raw } of store.sources.records(file.id)) yield raw
  }
  return {
    parts: files.map((file) => {
      const protectedNames = store.imports.plan(file.import)?.protectedNames.map(({ name }) => name) ?? []
      return {
        name: exportName(file),
        chunks: encodeChunks(
          file.name,
          exportFile(
            { ...file, headerRaw: file.header, protectedNames },
            records(store, catalogue, labels, file, homeless, extras, tally),
            {
              ...options,
              columns: file.role === 'movies' ? options.columns : [],
              tally,
              keyOf,
              targetsOf,
              newGenres: genresWithoutColumn(file, came, keyOf),
              ...styleOf(file, rawsOf(file)),
            },
          ),
          file.encoding,
        ),
      }
    }),
    counts: () => counts(tally),
  }
}

/** What cleaning makes of each genre of the files, by name. */
function genreTargets(store: Store): (name: string) => readonly string[] {
  const targets = store.cleanings.current()?.genreTargets ?? {}
  const genres = store.movies.genres()
  const names = new Map(genres.map(({ id, name }) => [id, name]))
  const byName = new Map(genres.map(({ id, name }) => [name, targets[id]?.map((target) => names.get(target)!) ?? [name]]))
  return (name) => byName.get(name) ?? [name]
}

/** The genres that corrections gave to any movie. */
function genresThatCame(c: Catalogue, labels: Uint8Array): string[] {
  const came = new Set<number>()
  for (let cell = 0; cell < labels.length; cell++) if (labels[cell] === 1 && c.source[cell] === 0) came.add(cell % c.k)
  return c.genres.filter((_, j) => came.has(j)).map(({ name }) => name)
}

/** Kept movies that no file of one genre a row mentions, and the first such file: where their genres go. */
interface Homeless {
  readonly file: number | null
  readonly movies: readonly number[]
}
function moviesWithoutRows(store: Store, catalogue: Catalogue, files: readonly SourceFile[]): Homeless {
  const long = files.filter((f) => f.genreSyntax === 'long' && f.genresColumn !== null)
  if (long.length === 0) return { file: null, movies: [] }
  const mentioned = new Set(long.flatMap((f) => [...store.sources.lastRecords(f.id).keys()]))
  return { file: long[0]!.id, movies: [...catalogue.ids].filter((movie) => !mentioned.has(movie)) }
}

function* records(
  store: Store,
  catalogue: Catalogue,
  labels: Uint8Array,
  file: SourceFile,
  homeless: Homeless,
  extras: (movie: number | null) => string[],
  tally: Tally,
): Generator<ExportRecord> {
  const last = store.sources.lastRecords(file.id)
  for (const record of store.sources.records(file.id)) {
    const { add, remove } =
      (file.genresColumn === null && file.genreColumns.length === 0) || record.movie === null
        ? NOTHING
        : correctionOf(catalogue, labels, record.movie)
    const key = record.movie === null ? '' : (store.movies.text(record.movie)?.key ?? '')
    tally.records++
    yield {
      raw: record.raw,
      add,
      remove,
      key,
      lastOfMovie: record.movie !== null && last.get(record.movie) === record.id,
      extras: file.role === 'movies' ? extras(record.movie) : null,
    }
  }
  if (file.id !== homeless.file) return
  for (const movie of homeless.movies) {
    const { add } = correctionOf(catalogue, labels, movie)
    if (add.length > 0) yield { raw: '', add, remove: [], key: store.movies.text(movie)?.key ?? '', lastOfMovie: true, extras: null }
  }
}

function correctionOf(c: Catalogue, labels: Uint8Array, movie: number): Correction {
  const row = c.row(movie)
  if (row < 0) return NOTHING
  const changed = (from: number): string[] =>
    c.genres.filter((_, j) => c.source[row * c.k + j] === from && labels[row * c.k + j] === 1 - from).map((g) => g.name)
  return { add: changed(0), remove: changed(1) }
}

/** Makes the values of the optional columns of a movie, in the order of `columns`. */
function extraValues(store: Store, c: Catalogue, now: Snapshot, columns: readonly Column[]): (movie: number | null) => string[] {
  const { labels, verdicts, reviewed, predictions: p } = now
  const touch =
    columns.includes('who') || columns.includes('when') ? store.changes.lastTouch() : new Map<number, { who: string; at: string }>()
  /** Whether a decision on the movie is in force: one that was undone is not. */
  const decided = (row: number): boolean => {
    if (reviewed[row]) return true
    for (let cell = row * c.k; cell < (row + 1) * c.k; cell++) if (labels[cell] !== c.source[cell] || verdicts[cell] !== 0) return true
    return false
  }
  const of: Readonly<Record<Column, (movie: number, row: number) => string>> = {
    previous: (movie) => store.movies.sourceGenreNames(movie).join(', '),
    // the buckets first, then the analyst's own words
    verdict: (_, row) => {
      const buckets = BUCKETS.filter((b) => p?.has[row] && p.buckets[row]! & BUCKET_BITS[b])
      const said = c.genres
        .map((g, j) => ({ name: g.name, verdict: VERDICT_NAMES[verdicts[row * c.k + j]!] }))
        .filter((x) => x.verdict)
        .map((x) => `${x.verdict}: ${x.name}`)
      return [...buckets, ...said].join('; ')
    },
    probability: (_, row) =>
      p?.has[row]
        ? c.genres
            .map((g, j) => ({ name: g.name, cell: row * c.k + j }))
            .filter(({ cell }) => p.known[cell % c.k] && (labels[cell] || p.predicted[cell]))
            .map(({ name, cell }) => `${name} ${p.p[cell]!.toFixed(3)}`)
            .join('; ')
        : '',
    who: (movie, row) => (decided(row) ? (touch.get(movie)?.who ?? '') : ''),
    when: (movie, row) => (decided(row) ? (touch.get(movie)?.at ?? '') : ''),
  }
  return (movie) => {
    const row = movie === null ? -1 : c.row(movie)
    return columns.map((name) => (movie === null || row < 0 ? '' : of[name](movie, row)))
  }
}

/** The whole change log, one line for each change, oldest first. */
export function changeLogCsv(store: Store, options: ExportOptions): CatalogueExport {
  const tally = noTally()
  const header = ['batch', 'at', 'who', 'id', 'title', 'genre', 'field', 'from', 'to', 'why', 'run', 'undoes', 'description']
  function* rows(): Generator<string[]> {
    for (const e of store.changes.entries(null)) {
      tally.records++
      const numbers = { run: e.run?.toString() ?? '', undoes: e.undoes?.toString() ?? '' }
      yield [
        String(e.id),
        e.at,
        e.who,
        e.key,
        e.title,
        e.genreName ?? '',
        e.field,
        e.was,
        e.becomes,
        e.why,
        numbers.run,
        numbers.undoes,
        e.description,
      ]
    }
  }
  return table('change-log.csv', header, rows(), options, tally)
}

/** One line for each movie: labels, predictions, and the out-of-fold probability of every genre. */
export function predictionsCsv(store: Store, c: Catalogue, predictions: Predictions, options: ExportOptions): CatalogueExport {
  const tally = noTally()
  const now = snapshot(c, predictions)
  const p = now.predictions!
  const header = ['id', 'title', 'split', 'source_labels', 'labels', 'predicted', 'quality', ...c.genres.map((g) => `p ${g.name}`)]
  function* rows(): Generator<string[]> {
    for (let row = 0; row < c.n; row++) {
      if (!p.has[row]) continue
      tally.records++
      const text = store.movies.text(c.ids[row]!)!
      const names = (of: Uint8Array): string =>
        c.genres
          .filter((_, j) => of[row * c.k + j] === 1)
          .map((g) => g.name)
          .join(', ')
      // a genre that the run does not know has none
      const probabilities = c.genres.map((_, j) => (p.known[j] ? p.p[row * c.k + j]!.toFixed(6) : ''))
      yield [
        text.key,
        text.title,
        c.splitOf(row),
        names(c.source),
        names(now.labels),
        names(p.predicted),
        p.score[row]!.toFixed(6),
        ...probabilities,
      ]
    }
  }
  return table('predictions.csv', header, rows(), options, tally)
}

function table(name: string, header: readonly string[], rows: Iterable<string[]>, options: ExportOptions, tally: Tally): CatalogueExport {
  const { neutraliseFormulas } = options
  const counted = function* (): Generator<string[]> {
    for (const row of rows) {
      if (neutraliseFormulas) tally.neutralised += row.filter(isFormula).length
      yield row
    }
  }
  const chunks = toCsv(header, counted(), { neutraliseFormulas })
  return { parts: [{ name, chunks }], counts: () => counts(tally) }
}
