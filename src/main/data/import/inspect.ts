/** What an import would do with some files: format, columns and first movies, decided by content, before anything is written. */
import type { FilePlan, FileRole, FormatId, GenreSyntax, ImportPlan, Mapping } from '../../../contract/importing.ts'
import { UserError } from '../../../contract/errors.ts'
import { FORMATS, formatOf, roleIn, type Format } from './formats.ts'
import { columnIndex, mergeRule, recordReader, type ReadPlan, type SourceRecord } from './read.ts'
import { findProblems, giveReasons } from './reasons.ts'
import { takeSample, type Sample } from './sample.ts'
import { cellsOf, guessGenres, guessId, guessPlot, guessSplit, guessTitle, sniffSyntax } from './sniff.ts'

/** What the user has chosen by hand; `auto` and absent keys leave it to the content, null means "no such column". */
export interface ImportWish {
  readonly format: FormatId | 'auto'
  readonly mapping: Partial<Mapping>
  readonly genreSyntax: GenreSyntax | 'auto'
}
/** A file and the part it plays. */
export interface RoledSample extends Sample {
  readonly role: FileRole
}

const ROLE_ORDER: readonly FileRole[] = ['movies', 'genres', 'themes']
const PREVIEW_MOVIES = 20

/**
 * Plans the import of `paths`. Throws a UserError where a file cannot be read as a table or where `wish` names a column that
 * no file has; a plan that lacks plots or genres comes with `problems` instead.
 */
export async function inspect(paths: readonly string[], wish: ImportWish): Promise<ImportPlan> {
  if (paths.length === 0) throw new UserError('no-files', 'No file was chosen. Choose one or more CSV or TSV files.')
  const samples: Sample[] = []
  for (const path of new Set(paths)) samples.push(...(await takeSample(path)))
  const format = wish.format === 'auto' ? detectFormat(samples) : formatOf(wish.format)
  const files = samples
    .map((sample): RoledSample => ({ ...sample, role: roleIn(format, sample.columns) ?? 'movies' }))
    .sort((a, b) => ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role))
  const mapping = chooseMapping(format, files, wish.mapping)
  const genreSyntax = wish.genreSyntax === 'auto' ? chooseSyntax(format, files, mapping) : wish.genreSyntax
  const plan = {
    format: format.id,
    formatName: format.name,
    reasons: giveReasons(format, files, mapping, genreSyntax, wish.format !== 'auto'),
    files: files.map(planOf),
    mapping,
    genreSyntax,
    problems: findProblems(format, files, mapping, genreSyntax),
  }
  const decisions = files.flatMap((file) => [...file.decisions, ...file.records.flatMap((record) => record.decisions)])
  return { ...plan, genreColumns: [], remembered: false, genrePreview: [], decisions, preview: previewOf(plan, files) }
}

/** The file without its records and their explanation. */
function planOf(sample: RoledSample): FilePlan {
  const { path, name, role, bytes, kind, packing, entry, encoding, delimiter, escape, bom, header, columns, repairs } = sample
  return { path, name, role, bytes, kind, packing, entry, encoding, delimiter, escape, bom, header, columns, repairs }
}

/** The first format in which every file plays a part. */
function detectFormat(samples: readonly Sample[]): Format {
  return FORMATS.find((format) => samples.every(({ columns }) => roleIn(format, columns) !== null))!
}

function chooseMapping(format: Format, files: readonly Sample[], wish: Partial<Mapping>): Mapping {
  const columns = [...new Set(files.flatMap((file) => file.columns))]
  const usual = format.id === 'table' ? guessMapping(files[0]!) : usualMapping(format, files, columns)
  const choose = (key: keyof Mapping): string | null => {
    const wished = wish[key]
    return wished === undefined ? usual[key] : wished === null ? null : findColumn(columns, wished)
  }
  const plot = choose('plot')
  return { id: choose('id'), title: choose('title'), plot, genres: choose('genres'), split: choose('split') }
}

function usualMapping(format: Format, files: readonly Sample[], columns: readonly string[]): Mapping {
  const column = (name: string | null): string | null => columns[columnIndex(columns, name)] ?? null
  const { id, title, plot, genres } = format.mapping
  const split = guessSplit(files[0]!.columns, rowsOf(files[0]!))
  return { id: column(id), title: column(title), plot: column(plot), genres: column(genres), split }
}

function guessMapping(sample: Sample): Mapping {
  const { columns } = sample
  const rows = rowsOf(sample)
  const plot = guessPlot(columns, rows)
  const genres = guessGenres(columns, rows, plot)
  return { id: guessId(columns), title: guessTitle(columns), plot, genres, split: guessSplit(columns, rows) }
}

function findColumn(columns: readonly string[], wished: string): string {
  const found = columns[columnIndex(columns, wished)]
  if (found !== undefined) return found
  throw new UserError(
    'unknown-column',
    `No file has a column "${wished}". The columns are: ${columns.filter((name) => name !== '').join(', ')}.`,
    {
      columns,
    },
  )
}

/** The content decides between the ways in which a format may write its genres; where it is silent, the usual one. */
function chooseSyntax(format: Format, files: readonly Sample[], mapping: Mapping): GenreSyntax {
  const usual = format.syntaxes[0]!
  if (format.syntaxes.length === 1) return usual
  const cells = files.flatMap((file) => cellsOf(rowsOf(file), columnIndex(file.columns, mapping.genres)))
  const sniffed = sniffSyntax(cells)
  return sniffed !== null && format.syntaxes.includes(sniffed) ? sniffed : usual
}

function previewOf(plan: ReadPlan, files: readonly Sample[]): ImportPlan['preview'] {
  const byId = mergeRule(plan) === 'by-id'
  const movies = new Map<string, { key: string; title: string; plot: string; genres: string[] }>()
  for (const [index, sample] of files.entries()) {
    const convert = recordReader(plan, index)
    for (const [i, csv] of sample.records.entries()) {
      const record = convert(csv, i + 1)
      if (record.setAside === null) join(movies, record, byId && record.key !== null ? record.key : `${index}:${i}`)
    }
  }
  return [...movies.values()].slice(0, PREVIEW_MOVIES)
}

function join(movies: Map<string, { key: string; title: string; plot: string; genres: string[] }>, record: SourceRecord, id: string): void {
  const movie = movies.get(id)
  if (!movie) {
    if (movies.size < PREVIEW_MOVIES)
      movies.set(id, { key: record.key ?? `row-${record.record}`, title: record.title, plot: record.plot, genres: [...record.genres] })
    return
  }
  movie.title ||= record.title
  movie.plot ||= record.plot
  movie.genres = [...new Set([...movie.genres, ...record.genres])]
}

function rowsOf(sample: Sample): readonly (readonly string[])[] {
  return sample.records.map(({ fields }) => fields)
}
