/**
 * Everything the window, the browser host and the command line may ask of the engine. Arguments are parsed against
 * `ARGS` at the boundary; results are typed in `Results`. A method without a handler does not compile.
 */
import { z } from 'zod'
import type { CleaningReport, CleanRuleSet, GenrePreview, RuleSetFile, RuleBook, SavedRuleSet } from './cleaning.ts'
import { CLEAN_RULE_SET, CLEAN_SWITCHES, RULE_SET_NAME, RULE_IDS } from './cleaning.ts'
import type { RecordCheck, RejectedRecord, ImportLogEntry, ImportPlan, ImportReport } from './importing.ts'
import type { MergePlan } from './merging.ts'
import { DELIMITERS, ENCODINGS, ESCAPES, GENRE_SYNTAXES, REPAIRS } from './importing.ts'
import type { BatchInfo, Bucket, ChangeEntry, Explanation, Genre, MetricsReport, MovieDetail, MovieRow, UndoState } from './records.ts'
import type { EpochFigures } from './models.ts'
import type { BackupList, EverythingReport, SalvageReport } from './safety.ts'
import { TRAINING_ARGS, type TrainingResults } from './training.ts'

const id = z.int().positive()
const genreRef = z.union([id, z.string().min(1).max(200)])
const path = z.string().min(1).max(4096)
const nothing = z.strictObject({})

export const FILTER = z.strictObject({
  bucket: z.enum(['all', 'good', 'bad', 'impossible']).default('all'),
  /** Restrict to movies whose cell of this genre is in the bucket (bucket `all`: movies that carry the genre). */
  genre: id.nullable().default(null),
  /** Kind of bad cell. */
  kind: z.enum(['any', 'missing', 'spurious', 'swapped']).default('any'),
  /** Words of title or plot; all must occur. */
  text: z.string().max(500).default(''),
  reviewed: z.enum(['any', 'yes', 'no']).default('any'),
  split: z.enum(['any', 'train', 'valid', 'test']).default('any'),
  sort: z.enum(['score', 'title', 'file', 'probability']).default('score'),
  descending: z.boolean().default(false),
})

const columnName = z.string().max(10_000)
const mapping = z
  .strictObject({
    id: columnName.nullable(),
    title: columnName.nullable(),
    plot: columnName.nullable(),
    genres: columnName.nullable(),
    split: columnName.nullable(),
  })
  .partial()
const format = z
  .enum(['auto', '9000-movies', 'imdb-by-genre', 'movies-dataset', 'letterboxd-three', 'letterboxd-one', 'table'])
  .default('auto')
/** Files to import, and what is chosen by hand about them; `auto` and what is left out are decided by the content. */
const source = {
  paths: z.array(path).min(1).max(200),
  format,
  mapping: mapping.default({}),
  genreSyntax: z.enum(['auto', ...GENRE_SYNTAXES]).default('auto'),
  /** Of `one-hot`: the columns that are a genre each. */
  genreColumns: z.array(columnName).max(10_000).default([]),
  /** Genre names that hold the separator of their cells and are not taken apart. */
  protectedNames: z.union([z.literal('auto'), z.array(z.string().min(1).max(500)).max(1000)]).default('auto'),
  encoding: z.enum(['auto', ...ENCODINGS]).default('auto'),
  delimiter: z.enum(['auto', ...DELIMITERS]).default('auto'),
  escape: z.enum(['auto', ...ESCAPES]).default('auto'),
  /** Whether the first record names the columns. */
  header: z.enum(['auto', 'yes', 'none']).default('auto'),
  repairs: z.partialRecord(z.enum(REPAIRS), z.boolean()).default({}),
  /** Files of an archive, or sheets of a workbook, that are imported; empty: those whose columns belong together. */
  entries: z.array(z.string().max(1000)).max(1000).default([]),
}
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
const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)

const change = z.discriminatedUnion('field', [
  z.strictObject({ field: z.literal('label'), movie: id, genre: id, to: z.boolean() }),
  z.strictObject({ field: z.literal('verdict'), movie: id, genre: id, to: z.enum(['keep', 'impossible']).nullable() }),
  z.strictObject({ field: z.literal('reviewed'), movie: id, to: z.boolean() }),
  z.strictObject({ field: z.literal('note'), movie: id, to: z.string().max(4000) }),
])
const exportOptions = z
  .strictObject({
    /** Extra columns of the cleaned catalogue. */
    columns: z.array(z.enum(['previous', 'verdict', 'probability', 'who', 'when'])).default([]),
    /** Prefix cells that a spreadsheet would run as a formula. */
    neutraliseFormulas: z.boolean().default(false),
  })
  .prefault({})

export const ARGS = {
  ...TRAINING_ARGS,
  'app.info': nothing,
  /** Projects in the projects folder, newest first. */
  'project.list': nothing,
  'project.open': z.strictObject({ path }),
  /** The embedded sample project, made when it is not there. */
  'project.sample': nothing,
  'project.info': nothing,
  /** Bytes of a file dropped on the window, in order; `path` of the finished temporary file in the answer. */
  'files.put': z.strictObject({
    name: z.string().min(1).max(255),
    upload: z.string().regex(/^[a-z0-9-]{8,64}$/),
    offset: z.int().nonnegative(),
    bytes: z.instanceof(Uint8Array).refine((b) => b.byteLength <= 4 << 20, 'at most 4 MiB a piece'),
  }),
  /** Bytes of a file that an export made. */
  'files.get': z.strictObject({ file: z.string().min(1).max(100), offset: z.int().nonnegative() }),
  'import.inspect': z.strictObject(source),
  /** Forgets the choices that are remembered for a header, see `ImportPlan.headerKey`. */
  'import.forget': z.strictObject({ headerKey: z.string().min(1).max(100) }),
  /** Imports into a new project named `name`, at `path` or else in the projects folder, and opens it; a job. */
  'import.run': z.strictObject({
    ...source,
    name: z.string().min(1).max(100),
    path: path.nullable().default(null),
    /** How to clean; null: the default rule set. `clean` then switches rules on or off. */
    ruleSet: CLEAN_RULE_SET.nullable().default(null),
    clean: CLEAN_SWITCHES.default({}),
    seed: seed.default(42),
  }),
  'import.report': nothing,
  /** The import log: what imports decided about the text of the files, from the entry after `after` (0: the first) on. */
  'import.log': z.strictObject({ after: z.int().nonnegative().default(0), limit: z.int().min(1).max(500).default(100) }),
  /** Records that could not be used, in pages like the log. */
  'rejected.list': z.strictObject({ after: z.int().nonnegative().default(0), limit: z.int().min(1).max(500).default(100) }),
  /** What edited records would become; nothing is written. */
  'rejected.check': z.strictObject({ records: editedRecords }),
  /** Takes edited records in, those that fit: all of them or, where one fails to be written, none; a job, since cleaning runs anew. */
  'rejected.retry': z.strictObject({ records: editedRecords }),
  /** Reads files that are to update the open project, and compares them with it; a job. Nothing of the project changes. */
  'merge.stage': z.strictObject(source),
  /** What the staged update would do; null where none is staged. */
  'merge.plan': nothing,
  /** Joins what was staged to the project; a job. */
  'merge.run': z.strictObject({ token: z.string().max(100), removed: z.enum(['keep', 'take-out']) }),
  'merge.discard': nothing,
  /** Every cleaning rule with its parameters, and the default rule set. */
  'clean.rules': nothing,
  /** The rule set in force. */
  'clean.ruleSet': nothing,
  'clean.report': nothing,
  /** Cleans anew with a rule set (null: the one in force), after switching rules of it on or off; a job. */
  'clean.set': z.strictObject({ ruleSet: CLEAN_RULE_SET.nullable().default(null), switches: CLEAN_SWITCHES.default({}) }),
  /** What `clean.set` would report; nothing is written. A job of kind `preview` that can be cancelled; this answers when it ends. */
  'clean.preview': z.strictObject({
    ruleSet: CLEAN_RULE_SET,
    /** Costly rules to count even where they are off. */
    count: z.array(z.enum(RULE_IDS)).max(RULE_IDS.length).default([]),
  }),
  /** What the genre rules of a rule set would do; at once. */
  'clean.genres': z.strictObject({ ruleSet: CLEAN_RULE_SET }),
  /** Rule sets that were saved under a name, for every project. */
  'clean.saved': nothing,
  /** Saves a rule set under a name, in place of one of that name. The answer's `text` is the rule set file, for sharing. */
  'clean.save': z.strictObject({ name: RULE_SET_NAME, ruleSet: CLEAN_RULE_SET }),
  /** A saved rule set by its name, or one from the text of a rule set file; checked and completed. */
  'clean.load': z.union([z.strictObject({ name: RULE_SET_NAME }), z.strictObject({ text: z.string().max(1 << 20) })]),
  'clean.delete': z.strictObject({ name: RULE_SET_NAME }),
  'overview.get': nothing,
  'metrics.get': z.strictObject({
    run: id.nullable().default(null),
    part: z.enum(['test', 'valid', 'oof']).default('test'),
    labels: z.enum(['source', 'corrected']).default('corrected'),
    threshold: z.union([z.literal('per-genre'), z.number().min(0).max(1)]).default('per-genre'),
  }),
  'review.query': FILTER,
  /** The beginning of the same list, as soon as it is known. */
  'review.first': FILTER.extend({ limit: z.int().min(1).max(1000).default(200) }),
  'review.rows': z.strictObject({ movies: z.array(id).max(500) }),
  'review.movie': z.strictObject({ movie: id }),
  /** The movie with this key, whether cleaning kept it or not. */
  'review.find': z.strictObject({ key: z.string().min(1).max(1000) }),
  'review.explain': z.strictObject({ movie: id, genre: id }),
  'labels.apply': z.strictObject({
    changes: z.array(change).min(1).max(1000),
    why: z.string().max(1000).default(''),
    description: z.string().max(200).default(''),
    /** Answering the current run's suggestion. */
    suggestion: z.boolean().default(false),
  }),
  /** Adds or removes a genre on every movie of a filter, as one undoable change; `dryRun` only counts. */
  'labels.bulk': z.strictObject({ filter: FILTER, action: z.enum(['add', 'remove']), genre: genreRef, dryRun: z.boolean() }),
  'labels.undo': nothing,
  'labels.redo': nothing,
  'labels.state': nothing,
  'labels.history': z.strictObject({ limit: z.int().min(1).max(1000).default(100) }),
  'jobs.list': nothing,
  'jobs.cancel': z.strictObject({ job: id }),
  /** Of the project at `path`, which need not be readable; null: of the open one. */
  'backups.list': z.strictObject({ path: path.nullable().default(null) }),
  /** A backup now, whole, however large the project is; a job. */
  'backups.make': nothing,
  /** Puts a backup in the project's place, which is backed up first; a job. */
  'backups.restore': z.strictObject({ name: z.string().min(1).max(200), path: path.nullable().default(null) }),
  /** Whether backups are made without being asked for. */
  'backups.set': z.strictObject({ automatic: z.boolean() }),
  /** Writes the open project to a new file, even where its own is gone; null: into the projects folder. A job. */
  'project.copy': z.strictObject({ path: path.nullable() }),
  /** Exports what can be read of a damaged project into a new folder; null: into the projects folder. A job. */
  'project.salvage': z.strictObject({ path, folder: path.nullable().default(null) }),
  /** What a finished salvage came to. */
  'project.salvaged': z.strictObject({ job: id }),
  /** Everything the project holds as plain CSV and JSON in a new folder; null: to be fetched with `files.get`. A job. */
  'export.everything': z.strictObject({ path: path.nullable() }),
  /** What a finished export of everything came to. */
  'export.made': z.strictObject({ job: id }),
  'export.run': z.strictObject({
    what: z.enum(['catalogue', 'changes', 'predictions']),
    /** Where to write; null writes into a temporary folder to be fetched with `files.get`. */
    path: path.nullable(),
    options: exportOptions,
  }),
} as const

export type Method = keyof typeof ARGS
/** Arguments as a caller writes them (defaults may be left out). */
export type ArgsIn<M extends Method> = z.input<(typeof ARGS)[M]>
/** Arguments as a handler gets them. */
export type Args<M extends Method> = z.output<(typeof ARGS)[M]>
export type Filter = z.output<typeof FILTER>
export type FilterIn = z.input<typeof FILTER>
export type Change = z.output<typeof change>
export type ExportOptions = z.output<typeof exportOptions>
export const METHODS = Object.keys(ARGS) as Method[]
export const isMethod = (m: unknown): m is Method => typeof m === 'string' && Object.hasOwn(ARGS, m)

export interface ProjectInfo {
  readonly path: string
  readonly name: string
  readonly sample: boolean
  readonly movies: number
  readonly kept: number
  readonly genres: readonly Genre[]
  readonly splits: Readonly<Record<'train' | 'valid' | 'test', number>>
  readonly currentRun: number | null
  /** What the last start found and put right, for the analyst to read once. */
  readonly notices: readonly string[]
}
export interface Overview {
  readonly movies: number
  readonly genres: readonly {
    readonly id: number
    readonly name: string
    readonly source: number
    readonly corrected: number
    /** Bad cells of the current run, by kind; 0 before the first training. */
    readonly missing: number
    readonly spurious: number
    readonly swapped: number
    readonly impossible: number
  }[]
  /** Movies with both genres, row-major (genres x genres), corrected labels; the diagonal is the genre's support. */
  readonly cooccurrence: Int32Array
  readonly buckets: Readonly<Record<Bucket, number>>
  readonly labelsPerMovie: readonly number[]
  readonly reviewed: number
}
export interface ExportedFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** Handle for `files.get`; null when it was written to a path of the caller's. */
  readonly file: string | null
}
export interface ExportReport {
  readonly files: readonly ExportedFile[]
  readonly records: number
  readonly changedRecords: number
  readonly neutralised: number
}
export interface AppInfo {
  readonly version: string
  readonly node: string
  readonly sqlite: string
  readonly projectsDir: string
}
export interface ProjectEntry {
  readonly path: string
  readonly name: string
  readonly modifiedAt: string
  readonly bytes: number
}

/** What each method answers. */
export interface Results extends TrainingResults {
  'app.info': AppInfo
  'project.list': readonly ProjectEntry[]
  'project.open': ProjectInfo
  'project.sample': ProjectInfo
  'project.info': ProjectInfo
  'files.put': { readonly path: string; readonly bytes: number }
  'files.get': { readonly bytes: Uint8Array; readonly total: number }
  'import.inspect': ImportPlan
  'import.forget': { readonly forgotten: boolean }
  'import.run': { readonly job: number }
  /** Null for a project that was not imported. */
  'import.report': ImportReport | null
  /** `last`: what to ask for next, as `after`; null at the end. */
  'import.log': { readonly total: number; readonly entries: readonly ImportLogEntry[]; readonly last: number | null }
  'rejected.list': { readonly total: number; readonly records: readonly RejectedRecord[]; readonly last: number | null }
  'rejected.check': readonly RecordCheck[]
  'rejected.retry': { readonly job: number }
  'merge.stage': { readonly job: number }
  'merge.plan': MergePlan | null
  'merge.run': { readonly job: number }
  'merge.discard': null
  'clean.rules': RuleBook
  'clean.ruleSet': CleanRuleSet
  'clean.report': CleaningReport
  'clean.set': { readonly job: number }
  'clean.preview': CleaningReport
  'clean.genres': GenrePreview
  'clean.saved': readonly SavedRuleSet[]
  'clean.save': { readonly path: string; readonly text: string; readonly file: RuleSetFile }
  'clean.load': CleanRuleSet
  'clean.delete': null
  'overview.get': Overview
  'metrics.get': MetricsReport
  /** Movie ids of the whole filtered list in order, and how many movies each bucket holds under the other filters. */
  'review.query': { readonly movies: Int32Array; readonly buckets: Readonly<Record<Bucket | 'all', number>> }
  /** `complete`: these are all; `buckets`: null where they take longer to count. */
  'review.first': {
    readonly movies: Int32Array
    readonly buckets: Readonly<Record<Bucket | 'all', number>> | null
    readonly complete: boolean
  }
  'review.rows': readonly MovieRow[]
  'review.movie': MovieDetail
  'review.find': { readonly movie: number }
  'review.explain': Explanation
  'labels.apply': BatchInfo & UndoState
  /** `count`: movies that it changes (or would change). */
  'labels.bulk': { readonly count: number; readonly matched: number; readonly batch: number | null } & UndoState
  'labels.undo': BatchInfo & UndoState
  'labels.redo': BatchInfo & UndoState
  'labels.state': UndoState
  'labels.history': readonly ChangeEntry[]
  'jobs.list': readonly JobEvent[]
  'jobs.cancel': JobEvent
  'backups.list': BackupList
  'backups.make': { readonly job: number }
  'backups.restore': { readonly job: number }
  'backups.set': BackupList
  'project.copy': { readonly job: number }
  'project.salvage': { readonly job: number }
  'project.salvaged': SalvageReport
  'export.everything': { readonly job: number }
  'export.made': EverythingReport
  'export.run': ExportReport
}

export interface JobEvent {
  readonly job: number
  readonly kind:
    | 'import'
    | 'clean'
    | 'preview'
    | 'compare'
    | 'merge'
    | 'repair'
    | 'train'
    | 'retrain'
    | 'backup'
    | 'restore'
    | 'copy'
    | 'salvage'
    | 'everything'
    | 'download'
    | 'export-model'
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  /** What it is doing now, such as `fold 3 of 5`. */
  readonly phase: string
  /** From 0 to 1. */
  readonly progress: number
  readonly elapsedMs: number
  /** Estimate of the time left; null while there is too little to go by. */
  readonly remainingMs: number | null
  /** How it ended, in a sentence; for a failure the reason and what to do. */
  readonly message: string
  /** Of a failure: the code of its error, for programs (`internal`: a defect); else null. */
  readonly code: string | null
  readonly run: number | null
}
export interface Events {
  job: JobEvent
  /** An epoch of a running training has ended. */
  epoch: { readonly run: number; readonly figures: EpochFigures }
  /** Something the window shows has changed: read it again. */
  changed: { readonly what: 'project' | 'labels' | 'runs' | 'catalogue' }
}
export type EventName = keyof Events
export const EVENT_NAMES = ['job', 'epoch', 'changed'] as const satisfies readonly EventName[]

/** The engine as a caller sees it, on every host. */
export interface Api {
  call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Results[M]>
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void
}
