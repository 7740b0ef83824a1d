/** Imports: what is detected, what is chosen, what was done. */
import { z } from 'zod'
import { CLEAN_RULE_SET, CLEAN_SWITCHES, type CleaningReport } from './cleaning.ts'
import { appMethod, id, page, path, projectMethod, seed, type, type JobStarted } from './method.ts'

export type FormatId =
  '9000-movies' | 'imdb-by-genre' | 'movies-dataset' | 'letterboxd-three' | 'letterboxd-one' | 'table' | 'joined-tables'
/** The separator between two genres of a cell, by genre syntax. Names may contain any of them but the first four. */
export const GENRE_SEPARATORS = {
  pipe: '|',
  semicolon: '; ',
  comma: ', ',
  slash: '/',
  hash: '#',
  'three-colons': ' ::: ',
  'two-colons': '::',
  'line-break': '\n',
  'wide-comma': '，',
  'ideographic-comma': '、',
  'wide-semicolon': '；',
  'wide-slash': '／',
  'middle-dot': '·',
  bullet: ' • ',
  'katakana-dot': '・',
  plus: '+',
  hyphen: '-',
  ampersand: ' & ',
  and: ' and ',
  space: ' ',
} as const
export type GenreSeparator = keyof typeof GENRE_SEPARATORS
/** How genres are written. `long`: one row per (movie, genre); `one-hot`: one column per genre. */
export const GENRE_SYNTAXES = [
  ...(Object.keys(GENRE_SEPARATORS) as GenreSeparator[]),
  ...(['json', 'python', 'single', 'long', 'one-hot'] as const),
] as const
export type GenreSyntax = (typeof GENRE_SYNTAXES)[number]
/** The encodings that Reelabel reads and writes, with their names, which are the same in every language. */
export const ENCODING_NAMES = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16, little-endian',
  'utf-16be': 'UTF-16, big-endian',
  'windows-1252': 'Windows-1252',
  'iso-8859-1': 'Latin-1 (ISO 8859-1)',
  'windows-1250': 'Windows-1250',
  'iso-8859-2': 'ISO 8859-2',
  'windows-1251': 'Windows-1251',
  'koi8-r': 'KOI8-R',
  'koi8-u': 'KOI8-U',
  'iso-8859-5': 'ISO 8859-5',
  'windows-1253': 'Windows-1253',
  'iso-8859-7': 'ISO 8859-7',
  'windows-1254': 'Windows-1254',
  'iso-8859-9': 'ISO 8859-9',
  'windows-1255': 'Windows-1255',
  'windows-1256': 'Windows-1256',
  'iso-8859-6': 'ISO 8859-6',
  'windows-1257': 'Windows-1257',
  'windows-1258': 'Windows-1258',
  'iso-8859-15': 'ISO 8859-15',
  shift_jis: 'Shift_JIS',
  'euc-jp': 'EUC-JP',
  'euc-kr': 'EUC-KR',
  gb18030: 'GB18030',
  big5: 'Big5',
} as const
export type Encoding = keyof typeof ENCODING_NAMES
export const ENCODINGS = Object.keys(ENCODING_NAMES) as Encoding[]
/** Delimiters with a space are for files whose quotes follow a space after the delimiter. */
export const DELIMITERS = [',', ';', '\t', '|', ', ', '; ', ' ::: ', ':::', '::'] as const
export type Delimiter = (typeof DELIMITERS)[number]
export const ESCAPES = ['"', '\\'] as const
export type Escape = (typeof ESCAPES)[number]
/** The format of a file, once it is unpacked. */
export const TABLE_KINDS = ['csv', 'json', 'jsonl', 'parquet', 'xlsx'] as const
export type TableKind = (typeof TABLE_KINDS)[number]
export type Packing = 'none' | 'gzip' | 'zip'
/** The content of a file: whole movies, or lists joined to them by id. */
export type FileRole = 'movies' | 'genres' | 'themes'

/** Which column holds what, by header name. Everything else is kept as it is. */
export interface Mapping {
  readonly id: string | null
  readonly title: string | null
  readonly plot: string | null
  readonly genres: string | null
  readonly split: string | null
  /** Of joined tables: the column of ids beside the genres, where it has another name than `id`. */
  readonly genresId?: string | null
}
export const MAPPING_KEYS = ['id', 'title', 'plot', 'genres', 'split', 'genresId'] as const satisfies readonly (keyof Mapping)[]

/** A genre whose name contains the separator of its cells, such as "Arts, Entertainment, and Culture"; the import does not split it. */
export interface ProtectedName {
  readonly name: string
  /** How often it occurs in the first records. */
  readonly count: number
  /** Why it is read as one name, in a sentence. */
  readonly why: string
}
/** A genre as the records write it. */
export interface SourceGenre {
  readonly name: string
  readonly count: number
  /** Names after cleaning; empty if cleaning drops the genre. */
  readonly becomes: readonly string[]
  /** Why an analyst should check it, such as `holds ","`; null for an ordinary genre. */
  readonly unusual: string | null
}

export interface FilePlan {
  readonly path: string
  readonly name: string
  readonly role: FileRole
  /** Size on disk, compressed if the file is; progress is measured in these bytes. */
  readonly bytes: number
  readonly kind: TableKind
  readonly packing: Packing
  /** File inside an archive, or sheet of a workbook; null for other files. */
  readonly entry: string | null
  /** For `csv`, `json` and `jsonl`; `utf-8` for the other kinds. */
  readonly encoding: Encoding
  /** For `csv`; `,` for the other kinds, whose records are stored as CSV text. */
  readonly delimiter: string
  /** Character that escapes a quote inside a quoted cell: `"` (the quote is doubled, as RFC 4180 says) or `\\`. */
  readonly escape: Escape
  readonly bom: boolean
  /** True if the first record names the columns; otherwise they have generated names. */
  readonly header: boolean
  /** Line (in a sheet: row) in which the table begins, from 1. Lines above it, such as a title, are kept but are not records. */
  readonly headerLine: number
  /** Unique and not empty: repeated and missing header names are replaced by generated ones. */
  readonly columns: readonly string[]
  /** Repairs that are applied while the file is read; the import log has an entry for each place, see {@link ImportLogEntry}. */
  readonly repairs: Readonly<Record<RepairId, boolean>>
}

/**
 * `mojibake`: text that was decoded with the wrong encoding ("PokÃ©mon"). `torn`: a record that an unquoted line break splits in two.
 * `broken-quotes`: a file whose quotes or separators a conversion has damaged throughout.
 */
export const REPAIRS = ['mojibake', 'torn', 'broken-quotes'] as const
export type RepairId = (typeof REPAIRS)[number]

/** The effect of a repair on a file. */
export interface RepairOffer {
  readonly repair: RepairId
  /** Records that it would change, in the first 32 MB of text. */
  readonly count: number
  readonly examples: readonly { readonly line: number; readonly before: string; readonly after: string }[]
  /** The problem in a sentence. */
  readonly why: string
}

/** One entry of the import log: something that the import decided about the text of a file, and the line it concerns. */
export interface ImportLogEntry {
  readonly file: string
  /** First line that it concerns, from 1, and how many lines. */
  readonly line: number
  readonly lines: number
  readonly what: 'repaired' | 'rejected' | 'padded' | 'renamed-column'
  /** Which repair, or why it was rejected, in a sentence. */
  readonly why: string
  /** Up to 500 characters of the text before and after; `after` is empty where it was rejected. */
  readonly before: string
  readonly after: string
}
/** A record that the import could not use. The project keeps it, so that it can be edited and imported again. */
export interface RejectedRecord {
  readonly record: number
  readonly file: string
  readonly line: number
  readonly why: string
  readonly raw: string
  /** Columns and delimiter of the file, which show how the text must be edited. */
  readonly columns: readonly string[]
  readonly delimiter: string
}
/** The movie that an edited record would become. */
export interface RecordCheck {
  readonly record: number
  /** Why the record still cannot be used; null if it can. */
  readonly why: string | null
  /** Its cells as they were read; `column` is empty for cells beyond the last column. */
  readonly cells: readonly { readonly column: string; readonly value: string }[]
  /** The movie that it creates, or adds to if `joins`; null if it yields none. */
  readonly movie: {
    readonly key: string
    readonly title: string
    readonly plot: string
    readonly genres: readonly string[]
    readonly joins: boolean
  } | null
}

/** A byte of a file, and its offset from the start. */
export interface BytePlace {
  readonly byte: number
  readonly offset: number
}
/** The evidence for an encoding, by code. */
export interface EncodingEvidences {
  readonly 'byte-order-mark': { readonly encoding: Encoding }
  /** UTF-16: this percentage of the first or second bytes of all pairs is zero. */
  readonly 'zero-bytes': { readonly encoding: Encoding; readonly percent: number; readonly position: 'first' | 'second' }
  readonly ascii: object
  readonly 'valid-utf-8': object
  /** Only the beginning was read, because it is valid and has many multi-byte characters. */
  readonly 'valid-beginning': { readonly megabytes: number }
  /** UTF-8 except for a few bytes. */
  readonly 'mostly-utf-8': { readonly invalid: number; readonly first: BytePlace }
  /** The byte `at` is not valid UTF-8; the letters are those of languages that use this encoding. */
  readonly letters: { readonly encoding: Encoding; readonly at: BytePlace }
  /** Latin-1: Windows-1252 does not define the byte `at`. `similarTo`: an encoding that the letters suggest, without certainty. */
  readonly 'not-windows-1252': { readonly at: BytePlace; readonly firstInvalid: BytePlace; readonly similarTo: string | null }
  /** `inLatin1`: the byte is the same character in Latin-1. */
  readonly 'windows-1252': {
    readonly at: BytePlace
    readonly character: string
    readonly inLatin1: boolean
    readonly similarTo: string | null
  }
}
/** The reasons for the choices of an import plan, by code. `file` is a name as in {@link FilePlan}; `column` is null if there is no such column. */
interface ImportReasons {
  /** The file of remembered choices cannot be read. */
  readonly 'memory-damaged': { readonly file: string }
  /** The choices come from an earlier import; `at`: when, ISO 8601. */
  readonly remembered: { readonly at: string }
  /** `columns`: the format is known by these; empty for the other two. */
  readonly format: { readonly name: string; readonly by: 'choice' | 'columns' | 'no-other'; readonly columns: readonly string[] }
  /** `alike` of the first `records` records have as many cells as the header, `columns`. */
  readonly csv: {
    readonly file: string
    readonly delimiter: Delimiter
    readonly escape: Escape
    readonly columns: number
    readonly records: number
    readonly alike: number
  }
  readonly sheet: { readonly file: string; readonly rows: number }
  readonly 'table-kind': { readonly file: string; readonly kind: 'json' | 'jsonl' | 'parquet' }
  /** `chosen`: the encoding that the user chose instead of the detected one. */
  readonly encoding: { readonly file: string; readonly chosen: Encoding | null; readonly evidence: EncodingEvidence }
  /** The first record is data: `cell` is too long for a name, or is a number as in the other records. */
  readonly 'no-header': { readonly file: string; readonly because: 'long-cell' | 'number'; readonly cell: string }
  /** The table begins in this line (in a sheet: row): titles, comments or empty lines stand above it. */
  readonly 'header-line': { readonly file: string; readonly line: number }
  /** `ids`: the columns of ids of tables of other columns; `shared` of the first `of` ids of the plots are among the first of the list. */
  readonly joined: {
    readonly file: string
    readonly role: Exclude<FileRole, 'movies'>
    readonly ids: { readonly id: string; readonly genresId: string; readonly shared: number; readonly of: number } | null
  }
  /** A table of an archive whose columns are not those of the table `unlike`. */
  readonly 'left-out': { readonly file: string; readonly entry: string; readonly unlike: string }
  /** A sheet that its workbook hides. */
  readonly hidden: { readonly file: string; readonly entry: string }
  /** A file of an archive that cannot be read as a table; `message`: the error. */
  readonly unreadable: { readonly file: string; readonly entry: string; readonly message: string }
  /** `characters`: average length. `tags`: most plots have HTML tags. */
  readonly plot: { readonly column: string; readonly characters: number; readonly tags: boolean }
  /** `perCell`: genres on average. */
  readonly genres: {
    readonly column: string
    readonly syntax: GenreSyntax
    readonly perCell: number
    readonly examples: readonly string[]
  }
  /** One column per genre. `columns`: how many. */
  readonly 'genre-columns': { readonly columns: number; readonly perMovie: number; readonly examples: readonly string[] }
  readonly title: { readonly column: string | null }
  /** `repeats` of the first `of` ids repeat an earlier one; `joined`: records of one id, or of one title and plot without ids, are one movie. */
  readonly id: { readonly column: string | null; readonly repeats: number; readonly of: number; readonly joined: boolean }
  readonly split: { readonly column: string }
  readonly 'filter-column': { readonly filter: 'year' | 'type'; readonly column: string }
  /** A warning: `count` of `of` records will be rejected. `whole`: these are all records, else those of the beginning. */
  readonly rejected: { readonly count: number; readonly of: number; readonly whole: boolean; readonly reasons: ImportForecast['rejected'] }
  /** A warning: movies without a plot or a genre, which cleaning removes. */
  readonly incomplete: { readonly lacks: 'plot' | 'genre'; readonly count: number; readonly of: number; readonly whole: boolean }
  /** A warning: `names` genres look like several ones with a separator, such as `example`. */
  readonly 'joined-names': { readonly example: string; readonly names: number; readonly separator: GenreSeparator }
  /** A warning: every genre is a number, such as `examples`. */
  readonly 'numbered-genres': { readonly examples: readonly string[] }
  /** A warning: every movie that has genres has these, so that a model cannot learn to tell them apart. */
  readonly 'same-genres': { readonly genres: readonly string[] }
}
type ByCode<M, C extends keyof M> = { [K in C]: { readonly code: K } & M[K] }[C]
export type EncodingEvidence<C extends keyof EncodingEvidences = keyof EncodingEvidences> = ByCode<EncodingEvidences, C>
export type ReasonCode = keyof ImportReasons
export type ImportReason<C extends ReasonCode = ReasonCode> = ByCode<ImportReasons, C>
/** A function for each reason that returns its text. The command line and the window share most of them. */
export type ReasonWording = { readonly [C in ReasonCode]: (reason: ImportReason<C>) => string }
export const wordReason = <C extends ReasonCode>(table: ReasonWording, reason: ImportReason<C>): string => table[reason.code](reason)

/** Counts of what the import would create, made before anything is written. */
export interface ImportForecast {
  /** Records that were read. */
  readonly records: number
  /** False if only the beginning of the files was read, as they are large. */
  readonly whole: boolean
  /** Movies that these records make, and how many of them lack a plot or a genre. */
  readonly movies: number
  readonly noPlot: number
  readonly noGenre: number
  /** The genres that every movie with genres has; empty if they differ. */
  readonly onlyGenres: readonly string[]
  /** Why records are rejected, the most frequent reason first. */
  readonly rejected: readonly { readonly why: string; readonly count: number }[]
  /** The first rejected records. */
  readonly rejectedRecords: ImportReport['rejected']
}

/** The plan of an import, shown before anything is written. */
export interface ImportPlan {
  readonly format: FormatId
  readonly formatName: string
  /** Why this format, and why each column. */
  readonly reasons: readonly ImportReason[]
  readonly files: readonly FilePlan[]
  readonly mapping: Mapping
  readonly genreSyntax: GenreSyntax
  /** For `one-hot`: the columns that stand for a genre each. Else all columns of genres if there are several, `mapping.genres` the first. */
  readonly genreColumns: readonly string[]
  /** True if the choices come from an earlier import of a table with the same header. */
  readonly remembered: boolean
  /** Key under which the choices for this header are remembered, see `import.forget`. */
  readonly headerKey: string
  /** Genre names that contain the separator themselves. */
  readonly protectedNames: readonly ProtectedName[]
  /** Columns that filters often use; null if the catalogue has no such column. */
  readonly filterColumns: { readonly year: string | null; readonly type: string | null }
  readonly forecast: ImportForecast
  /** Warnings before the import; empty if the plan has problems. */
  readonly warnings: readonly ImportReason[]
  /** True if a noticeable share of the records would be lost: the import has to be confirmed. */
  readonly asks: boolean
  /** Genres as the records of the forecast write them: unusual ones first, then by count; at most 500. */
  readonly genrePreview: readonly SourceGenre[]
  /** Repairs for damage that was found in the files, whether they are on or off in `FilePlan.repairs`. */
  readonly offers: readonly (RepairOffer & { readonly file: string })[]
  /** Log entries of the first records, as an example of what the import will list. */
  readonly log: readonly ImportLogEntry[]
  /** The first movies, as they would be imported; at most 100. */
  readonly preview: readonly { readonly key: string; readonly title: string; readonly plot: string; readonly genres: readonly string[] }[]
  /** Problems that prevent the import, such as a missing plot column; empty if it can start. */
  readonly problems: readonly string[]
}

/** Counts of an import. `records` are data rows of the files; movies are records after merging by id. */
export interface ImportReport {
  readonly format: FormatId
  readonly files: readonly { readonly name: string; readonly records: number; readonly rejected: number }[]
  readonly records: number
  readonly movies: number
  readonly emptyPlot: number
  readonly noGenre: number
  readonly genreCounts: Readonly<Record<string, number>>
  readonly rejected: readonly { readonly file: string; readonly line: number; readonly why: string; readonly raw: string }[]
  readonly split: 'column' | 'made'
  readonly clean: CleaningReport
}

const columnName = z.string().max(10_000)
const mapping = z
  .strictObject({
    id: columnName.nullable(),
    title: columnName.nullable(),
    plot: columnName.nullable(),
    genres: columnName.nullable(),
    split: columnName.nullable(),
    genresId: columnName.nullable(),
  })
  .partial()
const format = z
  .enum(['auto', '9000-movies', 'imdb-by-genre', 'movies-dataset', 'letterboxd-three', 'letterboxd-one', 'table', 'joined-tables'])
  .default('auto')
/** Files to import, and the user's choices. `auto` and missing values are detected from the content. */
export const SOURCE = {
  paths: z.array(path).min(1).max(200),
  format,
  mapping: mapping.default({}),
  genreSyntax: z.enum(['auto', ...GENRE_SYNTAXES]).default('auto'),
  /** Columns of flags that stand for a genre each, or several columns that hold genres. */
  genreColumns: z.array(columnName).max(10_000).default([]),
  /** Genre names that contain the separator of their cells and must not be split. */
  protectedNames: z.union([z.literal('auto'), z.array(z.string().min(1).max(500)).max(1000)]).default('auto'),
  encoding: z.enum(['auto', ...ENCODINGS]).default('auto'),
  delimiter: z.enum(['auto', ...DELIMITERS]).default('auto'),
  escape: z.enum(['auto', ...ESCAPES]).default('auto'),
  /** True if the first record names the columns. */
  header: z.enum(['auto', 'yes', 'none']).default('auto'),
  /** Line (in a sheet: row) in which the table begins, from 1. */
  headerLine: z.union([z.literal('auto'), z.int().min(1).max(10_000)]).default('auto'),
  repairs: z.partialRecord(z.enum(REPAIRS), z.boolean()).default({}),
  /** Files of an archive or sheets of a workbook to import; empty: those whose columns belong together. */
  entries: z.array(z.string().max(1000)).max(1000).default([]),
}
export type ImportSource = z.output<z.ZodObject<typeof SOURCE>>
const editedRecords = z
  .array(
    z.strictObject({
      record: id,
      raw: z
        .string()
        .min(1)
        .max(4 << 20),
    }),
  )
  .min(1)
  .max(200)

/** Imports and their log. */
export const IMPORT_METHODS = {
  'import.inspect': appMethod(SOURCE, type<ImportPlan>(), { paths: 'upload' }),
  /** Deletes the choices that are remembered for a header, see `ImportPlan.headerKey`. */
  'import.forget': appMethod({ headerKey: z.string().min(1).max(100) }, type<{ readonly forgotten: boolean }>()),
  /** Imports into a new project named `name`, at `path` or else in the projects folder; a job. */
  'import.run': appMethod(
    {
      ...SOURCE,
      name: z.string().min(1).max(100),
      path: path.nullable().default(null),
      /** True if the user accepts what the plan says will be lost. Without it, a plan that asks is refused. */
      accept: z.boolean().default(false),
      /** Opens the project when it is finished. */
      open: z.boolean().default(true),
      /** Cleaning rules; null: the default rule set. `clean` then switches single rules on or off. */
      ruleSet: CLEAN_RULE_SET.nullable().default(null),
      clean: CLEAN_SWITCHES.default({}),
      /** A file with the names of genres that the records write as ids; the genre table of cleaning will have them. */
      genreNames: path.nullable().default(null),
      seed: seed.default(42),
    },
    type<JobStarted>(),
    { paths: 'upload', genreNames: 'upload', path: 'new-project' },
  ),
  /** Null for a project that was not imported. */
  'import.report': projectMethod({}, type<ImportReport | null>()),
  /**
   * The import log: what imports decided about the text of the files, from the entry after `after` (0: the first) on. `last` of the result:
   * what to ask for next, as `after`; null at the end.
   */
  'import.log': projectMethod(
    page,
    type<{ readonly total: number; readonly entries: readonly ImportLogEntry[]; readonly last: number | null }>(),
  ),
}

/** Records that an import could not use. */
export const REJECTED_METHODS = {
  /** Records that could not be used, in pages like the log. */
  'rejected.list': projectMethod(
    page,
    type<{ readonly total: number; readonly records: readonly RejectedRecord[]; readonly last: number | null }>(),
  ),
  /** Checks edited records without writing anything. */
  'rejected.check': projectMethod({ records: editedRecords }, type<readonly RecordCheck[]>()),
  /** Adds the edited records that fit, in one transaction, and cleans the catalogue again; a job. */
  'rejected.retry': projectMethod({ records: editedRecords }, type<JobStarted>()),
}
