/** Exports of the catalogue, the change log and the predictions: the text is written while the project file is read. */
import type { ExportCounts, ExportWork } from '../../../contract/jobs.ts'
import type { ExtraColumn } from '../../../contract/exporting.ts'
import { wordsOf } from '../../analysis/error-words.ts'
import { Catalogue } from '../../catalogue/catalogue.ts'
import { writeNew } from '../../files/atomic.ts'
import { exactGenreKey, genreKey } from '../../data/clean/aliases.ts'
import { isNoPlot } from '../../data/clean/plots.ts'
import type { Correction } from '../../data/export/corrections.ts'
import { encodeChunks } from '../../data/export/encoding.ts'
import { exportFile, styleOf, withCell } from '../../data/export/file.ts'
import { genresWithoutColumn } from '../../data/export/flags.ts'
import { cellText, isList, type ExportedMovie, type MovieTable, type Value } from '../../data/export/formats/movies.ts'
import { writeParquet } from '../../data/export/formats/parquet.ts'
import { TEXT_FORMATS } from '../../data/export/formats/text-formats.ts'
import { writeXlsx } from '../../data/export/formats/xlsx.ts'
import { recordCells } from '../../data/import/files/tables.ts'
import { isFormula, neutralise, toCsv } from '../../data/export/table.ts'
import type { ExportRecord, ExportTally } from '../../data/export/types.ts'
import type { JobControl } from '../../processes/job-control.ts'
import type { SourceFile } from '../../store/sources.ts'
import { Store } from '../../store/store.ts'
import { changeRow } from './everything-files.ts'
import { fixed, movieColumns, requirePredictions, type MovieColumns } from './movie-columns.ts'

/** Records between two progress reports; a cancelled job stops at the next one. */
const REPORT_EVERY = 1000
/** Records from which is learned how a file writes flags and list elements, if no genre was added. */
const LEARNED_RECORDS = 20_000

type Chunks = Iterable<string | Buffer>
interface Tally extends ExportTally {
  records: number
}
/** An export that is being written, of one moment of the project. */
interface Export {
  readonly store: Store
  readonly options: ExportWork['options']
  readonly tally: Tally
  /** Ids of the movies to write; null: all. */
  readonly movies: Int32Array | null
  /** Counts one record of the export. @param fraction of the whole that is written */
  readonly count: (fraction: () => number) => void
}

/** Writes the files of an export to `paths`, which do not exist yet. */
export async function writeExport({ file, what, options, movies, paths }: ExportWork, control: JobControl): Promise<ExportCounts> {
  const store = new Store(file, 'read')
  const tally: Tally = { records: 0, changed: 0, neutralised: 0 }
  const count = (fraction: () => number): void => {
    if (tally.records++ % REPORT_EVERY !== 0) return
    control.signal.throwIfAborted()
    control.progress(fraction(), 'writing')
  }
  try {
    store.beginSnapshot()
    const e = { store, options, tally, movies, count }
    const isTable = what === 'catalogue' && options.format !== 'as-imported'
    const parts = isTable ? [] : PARTS[what](e)
    for (const [i, path] of paths.entries()) {
      if (isTable) {
        await writeMovies(path, e)
        continue
      }
      const chunks = parts[i]
      if (!chunks) throw new Error(`this export has ${parts.length} files, not ${paths.length}`)
      await writeNew(path, chunks)
    }
    return { records: tally.records, changedRecords: tally.changed, neutralised: tally.neutralised }
  } finally {
    store.close()
  }
}

/** The content of each file of an export. */
const PARTS: { readonly [W in ExportWork['what']]: (e: Export) => readonly Chunks[] } = {
  catalogue: catalogueFiles,
  changes: (e) => [table(e, CHANGE_COLUMNS.map(([name]) => name), changeRows(e))], // prettier-ignore
  predictions: predictionsFile,
}

/** Joins short pieces of text, because writing each one on its own costs more than the piece. */
function* joined(pieces: Iterable<string>): Generator<string> {
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < 1 << 16) continue
    yield text
    text = ''
  }
  yield text
}

function table({ options, tally }: Export, header: readonly string[], rows: Iterable<readonly string[]>): Chunks {
  function* counted(): Generator<readonly string[]> {
    for (const row of rows) {
      if (options.neutraliseFormulas) tally.neutralised += row.filter(isFormula).length
      yield row
    }
  }
  return joined(toCsv(header, counted(), options))
}

/** Columns of the change log: their names in this export, and in the export of everything. */
const CHANGE_COLUMNS = [
  ['batch', 'batch'],
  ['at', 'at'],
  ['who', 'who'],
  ['id', 'key'],
  ['title', 'title'],
  ['genre', 'genre_name'],
  ['field', 'field'],
  ['from', 'from'],
  ['to', 'to'],
  ['why', 'why'],
  ['run', 'run'],
  ['undoes', 'undoes'],
  ['description', 'description'],
] as const

/** One line for each change, oldest first. */
function* changeRows({ store, count }: Export): Generator<string[]> {
  const last = store.changes.lastBatch()
  for (const entry of store.changes.entries(null)) {
    count(() => entry.id / Math.max(1, last))
    const row = changeRow(entry)
    yield CHANGE_COLUMNS.map(([, column]) => row[column])
  }
}

/** One line for each movie: labels, predictions, and the probability of every genre. */
function predictionsFile(e: Export): Chunks[] {
  const { store, count } = e
  const c = new Catalogue(store)
  const p = requirePredictions(store, c)
  const chosen = e.movies && new Set(e.movies)
  const names = (of: Uint8Array, row: number): string =>
    c.genres
      .filter((_, j) => of[row * c.k + j] === 1)
      .map((g) => g.name)
      .join(', ')
  function* rows(): Generator<string[]> {
    for (const [row, movie] of c.ids.entries()) {
      if (!p.has[row] || chosen?.has(movie) === false) continue
      count(() => row / c.n)
      const { key, title } = store.movies.head(movie)
      const labels = [names(c.source, row), names(c.labels, row), names(p.predicted, row)]
      // the run has no probability for a genre that it does not know
      const probabilities = c.genres.map((_, j) => (p.known[j] ? fixed(p.p[row * c.k + j], 6) : ''))
      yield [key, title, c.splitOf(row), ...labels, fixed(p.score[row], 6), ...probabilities]
    }
  }
  return [
    table(e, ['id', 'title', 'split', 'source_labels', 'labels', 'predicted', 'quality', ...c.genres.map((g) => `p ${g.name}`)], rows()),
  ]
}
/** The imported files with the corrections in them. */
function catalogueFiles(e: Export): Chunks[] {
  const { store, options, tally, count } = e
  const chosen = e.movies && new Set(e.movies)
  const catalogue = new Catalogue(store)
  const corrections = new Corrections(catalogue)
  const extras = options.columns.length > 0 ? extraTexts(movieColumns(store, catalogue), catalogue, options.columns) : null
  const files = store.sources.currentFiles()
  const merges = store.cleanings.current()?.ruleSet.some((rule) => rule.rule === 'genre-alias' && rule.on) ?? true
  const keyOf = merges ? genreKey : exactGenreKey
  const targetsOf = genreTargets(store)
  const acceptedPlots = new Map(store.answers.acceptedPlots())
  const lastRecords = new Map(files.filter(isLong).map((file) => [file.id, store.sources.lastRecords(file.id)]))
  const withoutRow = moviesWithoutRow(catalogue, lastRecords)
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0)
  let written = 0
  const keyOfMovie = (movie: number): string => store.movies.head(movie).key

  function* records(file: SourceFile): Generator<ExportRecord> {
    const correctable = file.genresColumn !== null || file.genreColumns.length > 0
    const last = lastRecords.get(file.id)
    const plotPlace = file.mapping.plot === null ? -1 : file.columns.indexOf(file.mapping.plot)
    for (const { id, movie, raw } of store.sources.records(file.id)) {
      written += raw.length
      if (chosen && (movie === null || !chosen.has(movie))) continue
      count(() => Math.min(0.99, written / Math.max(1, totalBytes)))
      const { add, remove } = correctable && movie !== null ? corrections.of(movie) : NOTHING
      const plot = movie === null || plotPlace < 0 ? undefined : acceptedPlots.get(movie)
      const lacksPlot = plot !== undefined && isNoPlot(recordCells(raw, file)[plotPlace] ?? '')
      if (lacksPlot && add.length === 0 && remove.length === 0) tally.changed++
      yield {
        raw: lacksPlot ? withCell(raw, plotPlace, plot, file) : raw,
        add,
        remove,
        // only a corrected record is written again with its key
        key: movie === null || (add.length === 0 && remove.length === 0) ? '' : keyOfMovie(movie),
        lastOfMovie: movie !== null && last?.get(movie) === id,
        extras: extras && file.role === 'movies' ? extras(movie) : null,
      }
    }
    if (file.id !== withoutRow.file) return
    for (const movie of withoutRow.movies) {
      if (chosen?.has(movie) === false) continue
      const { add } = corrections.of(movie)
      if (add.length > 0) yield { raw: '', add, remove: [], key: keyOfMovie(movie), lastOfMovie: true, extras: null }
    }
  }
  return files.map((file) => {
    const plan = store.imports.plan(file.import)
    const protectedNames = plan?.protectedNames.map(({ name }) => name) ?? []
    const { headerLine = 1 } = plan?.files.find(({ path, entry }) => path === file.path && entry === file.entry) ?? {}
    const exported = { ...file, headerRaw: file.header, headerLine, protectedNames }
    // how a genre is spelled most often can only be told by the whole file
    const learned = corrections.added.length > 0 ? Infinity : LEARNED_RECORDS
    const style = corrections.any ? styleOf(exported, firstRecords(store, file, learned), { keyOf, targetsOf }) : {}
    const text = exportFile(exported, records(file), {
      ...options,
      columns: file.role === 'movies' ? options.columns : [],
      tally,
      keyOf,
      targetsOf,
      newGenres: genresWithoutColumn(file, corrections.added.map(style.spellingOf ?? String), keyOf),
      ...style,
    })
    return encodeChunks(file.name, joined(text), file.encoding)
  })
}

const isLong = ({ genreSyntax, genresColumn }: SourceFile): boolean => genreSyntax === 'long' && genresColumn !== null

function* firstRecords(store: Store, file: SourceFile, most: number): Generator<string> {
  let left = most
  for (const { raw } of store.sources.records(file.id)) {
    if (left-- === 0) return
    yield raw
  }
}

/** The genres that cleaning makes of each genre name of the files. */
function genreTargets(store: Store): (name: string) => readonly string[] {
  const targets = store.cleanings.current()?.genreTargets ?? {}
  const genres = store.movies.genres()
  const names = new Map(genres.map(({ id, name }) => [id, name]))
  const named = (ids: readonly number[]): string[] => ids.map((id) => names.get(id) ?? '')
  const byName = new Map(genres.map(({ id, name }) => [name, targets[id] ? named(targets[id]) : [name]]))
  return (name) => byName.get(name) ?? [name]
}

const NOTHING: Correction = { add: [], remove: [] }

/** The genres that effective labels add to and remove from each movie's source labels. */
class Corrections {
  /** Names of the genres that were added to any movie. */
  readonly added: readonly string[]
  readonly any: boolean
  readonly #catalogue: Catalogue
  /** (n) 1 for a row that has a correction */
  readonly #corrected: Uint8Array

  constructor(catalogue: Catalogue) {
    const { n, k, labels, source, genres } = catalogue
    this.#catalogue = catalogue
    this.#corrected = new Uint8Array(n)
    const added = new Set<number>()
    for (let cell = 0; cell < labels.length; cell++) {
      if (labels[cell] === source[cell]) continue
      this.#corrected[Math.floor(cell / k)] = 1
      if (labels[cell] === 1) added.add(cell % k)
    }
    this.added = genres.filter((_, j) => added.has(j)).map(({ name }) => name)
    this.any = this.#corrected.includes(1)
  }
  of(movie: number): Correction {
    const { k, labels, source, genres } = this.#catalogue
    const row = this.#catalogue.row(movie)
    if (row < 0 || this.#corrected[row] === 0) return NOTHING
    const changedFrom = (value: 0 | 1): string[] =>
      genres.filter((_, j) => source[row * k + j] === value && labels[row * k + j] === 1 - value).map((g) => g.name)
    return { add: changedFrom(0), remove: changedFrom(1) }
  }
}

/** Kept movies that have no row in any file whose rows are one genre each. Their genres go to the first such file. */
function moviesWithoutRow(
  { ids }: Catalogue,
  lastRecords: ReadonlyMap<number, ReadonlyMap<number, number>>,
): { readonly file: number | null; readonly movies: readonly number[] } {
  const [first] = lastRecords.keys()
  if (first === undefined) return { file: null, movies: [] }
  const files = [...lastRecords.values()]
  return { file: first, movies: [...ids].filter((movie) => !files.some((last) => last.has(movie))) }
}

/** Returns the texts of the extra columns of a movie, in the order of `names`. */
function extraTexts({ extra }: MovieColumns, c: Catalogue, names: readonly ExtraColumn[]): (movie: number | null) => string[] {
  const text = (value: Value): string => (isList(value) ? value.join(', ') : cellText(value))
  return (movie) => {
    const row = movie === null ? -1 : c.row(movie)
    return names.map((name) => (movie === null || row < 0 ? '' : text(extra[name].of(movie, row))))
  }
}

/** One file with a table of movies, in a format that has no exact text of the import to keep. */
function movieTable({ store, options, tally, count, movies }: Export): MovieTable {
  const catalogue = new Catalogue(store)
  const columns = movieColumns(store, catalogue)
  const { base, extra, original, predictions, names } = columns
  const taken = new Set<string>([...options.fields, ...options.columns])
  const chosen = [
    ...options.fields.map((name) => ({ name, ...base[name] })),
    // a column of the file may have the name of one of Reelabel's own
    ...options.original.map((name) => ({ name: taken.has(name) ? `${name} (file)` : name, ...original(name) })),
    ...options.columns.map((name) => ({ name, ...extra[name] })),
  ]
  const ids = movies ?? catalogue.ids
  const annotated = options.format === 'label-studio'
  function* rows(): Generator<ExportedMovie> {
    for (const [i, movie] of ids.entries()) {
      const row = catalogue.row(movie)
      // cleaned again since the filter was asked
      if (row < 0) continue
      count(() => i / ids.length)
      const { key, title } = store.movies.head(movie)
      const p = annotated ? predictions() : null
      yield {
        key,
        title,
        plot: store.movies.text(movie)?.plot ?? '',
        genres: names(catalogue.labels, row),
        values: chosen.map(({ of }) => of(movie, row)),
        predicted: p?.has[row] ? { model: `run ${p.run}`, genres: names(p.predicted, row), score: p.score[row] ?? 0 } : null,
      }
      if (catalogue.lastTouch[row] !== 0 && changedRow(catalogue, row)) tally.changed++
    }
  }
  const words = (text: string): string[] => wordsOf(text).map(({ start, end }) => text.slice(start, end))
  const safe = (text: string): string => {
    if (!options.neutraliseFormulas || !isFormula(text)) return text
    tally.neutralised++
    return neutralise(text)
  }
  return { columns: chosen, movies: rows(), count: ids.length, safe, words }
}
const changedRow = ({ k, labels, source }: Catalogue, row: number): boolean =>
  labels.subarray(row * k, (row + 1) * k).some((label, j) => label !== source[row * k + j])

/** Writes a table of movies to a file that does not exist yet. */
async function writeMovies(path: string, e: Export): Promise<void> {
  const { format } = e.options
  const table = movieTable(e)
  if (format === 'parquet') await writeParquet(path, table)
  else if (format === 'xlsx') await writeXlsx(path, table)
  else if (format !== 'as-imported') await writeNew(path, joined(TEXT_FORMATS[format](table)))
}
