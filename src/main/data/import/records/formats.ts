/** The formats that Reelabel knows, one entry each: how to recognise one, which column holds what, how records become movies. */
import { GENRE_SYNTAXES, type FileRole, type FormatId, type GenreSyntax, type Mapping } from '../../../../contract/importing.ts'
import { foldColumn } from '../files/columns.ts'
import { required } from '../../../../contract/required.ts'

/** `by-id`: records with the same id are one movie (the first title and plot that are not empty, all genres). */
export type MergeRule = 'by-id' | 'none'

export interface RoleRule {
  readonly role: FileRole
  /** Headers that a file of this role has, whatever their case. */
  readonly requires: readonly string[]
  /** Headers that exclude a file from this role. */
  readonly without: readonly string[]
  /** The file has no columns beside `requires`: a table of many columns is not a list joined by id. */
  readonly nothingElse: boolean
  /** Advice if no file of this role was chosen; null: the file is optional. */
  readonly ifMissing: string | null
}
export interface Format {
  readonly id: FormatId
  readonly name: string
  readonly roles: readonly RoleRule[]
  readonly mapping: Mapping
  /** The ways its genre cells are written; the first is the default where the content does not decide. */
  readonly syntaxes: readonly GenreSyntax[]
  readonly merge: MergeRule
}

const NO_COLUMNS: Mapping = { id: null, title: null, plot: null, genres: null, split: null }
/** Names of columns that hold genres. */
const GENRE_HEADERS = ['genre', 'genres', 'category', 'categories', 'label', 'labels', 'tags', 'class']

/** In the order of detection: the first that fits every file wins; `table` fits anything. */
export const FORMATS: readonly Format[] = [
  {
    id: '9000-movies',
    name: '9000+ Movies',
    roles: [movies(['Release_Date', 'Title', 'Overview', 'Genre'])],
    mapping: { ...NO_COLUMNS, title: 'Title', plot: 'Overview', genres: 'Genre' },
    syntaxes: ['comma'],
    merge: 'none',
  },
  {
    id: 'imdb-by-genre',
    name: 'IMDb by genre',
    roles: [movies(['movie_id', 'movie_name', 'description', 'genre'])],
    mapping: { ...NO_COLUMNS, id: 'movie_id', title: 'movie_name', plot: 'description', genres: 'genre' },
    syntaxes: ['comma'],
    merge: 'by-id',
  },
  {
    id: 'movies-dataset',
    name: 'The Movies Dataset',
    roles: [movies(['id', 'genres', 'overview', 'original_title'])],
    mapping: { ...NO_COLUMNS, id: 'id', title: 'title', plot: 'overview', genres: 'genres' },
    syntaxes: ['python', 'json'],
    merge: 'none',
  },
  {
    id: 'letterboxd-one',
    name: 'Letterboxd, one file',
    roles: [movies(['id', 'description', 'theme', 'genre'])],
    mapping: { ...NO_COLUMNS, id: 'id', title: 'name', plot: 'description', genres: 'genre' },
    syntaxes: ['pipe'],
    merge: 'none',
  },
  {
    id: 'letterboxd-three',
    name: 'Letterboxd, three files',
    roles: [
      {
        ...movies(['id', 'name', 'description'], GENRE_HEADERS),
        ifMissing: 'add movies.csv (columns id, name and description), which holds the plots of these ids',
      },
      {
        role: 'genres',
        requires: ['id', 'genre'],
        without: [],
        nothingElse: true,
        ifMissing: 'add genres.csv (columns id and genre), which holds the genres of these ids',
      },
      { role: 'themes', requires: ['id', 'theme'], without: [], nothingElse: true, ifMissing: null },
    ],
    mapping: { ...NO_COLUMNS, id: 'id', title: 'name', plot: 'description', genres: 'genre' },
    syntaxes: ['long'],
    merge: 'by-id',
  },
  {
    id: 'table',
    name: 'Generic table',
    roles: [movies([])],
    mapping: NO_COLUMNS,
    syntaxes: ['comma', ...GENRE_SYNTAXES],
    merge: 'none',
  },
  {
    // after `table`, which fits anything: the content decides, see `joinOf`
    id: 'joined-tables',
    name: 'Tables joined by id',
    roles: [
      { ...movies([]), ifMissing: 'add the table with the plots of these ids' },
      {
        role: 'genres',
        requires: [],
        without: [],
        nothingElse: false,
        ifMissing: 'add the table with the genres of these ids, in a column of the same ids',
      },
    ],
    mapping: NO_COLUMNS,
    syntaxes: ['comma', ...GENRE_SYNTAXES],
    merge: 'by-id',
  },
]

/** The table entry of a format. */
export function formatOf(id: FormatId): Format {
  return required(
    FORMATS.find((format) => format.id === id),
    'a match in FORMATS',
  )
}

/** The first format in which every file has a role, judged by its columns. */
export function detectFormat(headers: readonly (readonly string[])[]): Format {
  return required(
    FORMATS.find((format) => headers.every((columns) => roleIn(format, columns) !== null)),
    'a match in FORMATS',
  )
}

/** The role of a file with these columns in a format; null if it has none. */
export function roleIn(format: Format, columns: readonly string[]): FileRole | null {
  const names = new Set(columns.map(foldColumn))
  const has = (name: string): boolean => names.has(name.toLowerCase())
  return (
    format.roles.find(
      ({ requires, without, nothingElse }) => requires.every(has) && !without.some(has) && !(nothingElse && names.size > requires.length),
    )?.role ?? null
  )
}

function movies(requires: readonly string[], without: readonly string[] = []): RoleRule {
  return { role: 'movies', requires, without, nothingElse: false, ifMissing: null }
}
