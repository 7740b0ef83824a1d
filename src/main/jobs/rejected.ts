/** Reads rejected records again, after an analyst has edited their text. */
import type { RecordCheck } from '../../contract/importing.ts'
import { SPLITS } from '../../contract/records.ts'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import { mergeRule, recordReader, splitOf, type SourceRecord } from '../data/import/records/read.ts'
import { logEntry, lineEnding } from '../data/import/files/table.ts'
import { recordFromText } from '../data/import/files/tables.ts'
import { chunkOf, OF_THE_SOURCE, slotOf } from '../store/columns.ts'
import type { StoredPlan } from '../store/imports.ts'
import { freeKey } from '../store/movies.ts'
import type { Store } from '../store/store.ts'

export interface EditedRecord {
  readonly record: number
  readonly raw: string
}

interface Read {
  readonly plan: StoredPlan
  readonly file: number
  readonly cells: RecordCheck['cells']
  readonly source: SourceRecord
  /** The movie that has the record's id, if records of one id are one movie; else null. */
  readonly joins: number | null
  readonly before: string
}

/** Returns what each edited record would become; nothing is written. @throws UserError `not-rejected` */
export function checkRecords(store: Store, records: readonly EditedRecord[]): RecordCheck[] {
  return records.map(({ record, raw }) => {
    const { source, cells, joins } = readEdited(store, record, raw)
    const why = source.rejected ?? nothingIn(source)
    const { title, plot, genres } = source
    const movie = { key: source.key ?? `row-${source.record}`, title, plot, genres, joins: joins !== null }
    return { record, why, cells, movie: why === null ? movie : null }
  })
}

/**
 * Adds the edited records that fit, in one transaction, as movies of the training part; the others stay rejected. The import log keeps
 * their former text.
 * @returns the number of added records, and the reason for each of the others
 */
export function takeInRecords(
  store: Store,
  records: readonly EditedRecord[],
): { readonly taken: number; readonly left: readonly string[] } {
  const left: string[] = []
  let taken = 0
  store.transaction(() => {
    const importId = store.imports.begin('repair')
    for (const { record, raw } of records) {
      const read = readEdited(store, record, raw)
      const why = read.source.rejected ?? nothingIn(read.source)
      if (why !== null) left.push(`line ${read.source.line}: ${why}`)
      else {
        const movie = read.joins === null ? addMovie(store, read, importId) : joinMovie(store, read.joins, read.source)
        store.sources.takeIn(record, read.source.raw, movie)
        const { file, before, source } = read
        store.importLog.add({ ...logEntry({ name: '' }, 'repaired', source.line, before, source.raw, 'edited by hand'), file })
        taken++
      }
    }
    if (taken > 0) store.columns.rankTitles()
  })
  return { taken, left }
}

function readEdited(store: Store, record: number, text: string): Read {
  const rejected = store.sources.rejectedRecord(record)
  if (!rejected)
    throw new UserError('not-rejected', `Record ${record} is not rejected: it may have been added already. Look at the list again.`)
  const files = store.sources.files()
  const file = required(
    files.find((f) => f.id === rejected.file),
    'the file of a rejected record',
  )
  const plan = store.imports.plan(file.import)
  const index = files.filter((f) => f.import === file.import && f.id < file.id).length
  const table = plan?.files[index]
  if (!plan || !table)
    throw new UserError(
      'no-plan',
      `${file.name} was imported by an older Reelabel, which did not note how it was read: import the file again (Update from files), then edit its records.`,
    )
  // an editor drops the line ending, and the file needs it
  const ending = lineEnding(rejected.raw) || '\n'
  const row = recordFromText(text.slice(0, text.length - lineEnding(text).length) + ending, table)
  const source = { ...recordReader(plan, index)(row, rejected.number), line: rejected.line }
  const width = Math.max(table.columns.length, row.fields.length)
  const cells = Array.from({ length: width }, (_, i) => ({ column: table.columns[i] ?? '', value: row.fields[i] ?? '' }))
  const holder = mergeRule(plan) === 'by-id' && source.key !== null ? store.movies.idOfKey(source.key) : null
  const joins = holder !== null && store.movies.isInSource(holder) ? holder : null
  return { plan, file: file.id, cells, source, joins, before: rejected.raw }
}

/** Why an accepted record cannot become a movie, such as a line of separators; null if it can. */
function nothingIn({ title, plot, genres }: SourceRecord): string | null {
  return title.trim() === '' && plot.trim() === '' && genres.length === 0 ? 'it has neither a title, a plot nor a genre' : null
}

function addMovie(store: Store, { plan, source }: Read, importId: number): number {
  const own = source.key ?? `row-${source.record}`
  const { title, plot, genres } = source
  // a movie that an update removed returns with its decisions
  const gone = store.movies.idOfKey(own)
  if (gone !== null && !store.movies.isInSource(gone)) {
    store.movies.bringBack(gone, importId)
    store.movies.rewrite(gone, title, plot, genres)
    return gone
  }
  const key = freeKey(own, (taken) => store.movies.idOfKey(taken) !== null)
  const movie = store.movies.add({ key, title, plot, genres, import: importId })
  store.movies.index(movie, title, plot)
  const part = plan.mapping.split === null ? null : splitOf(source.split ?? '')
  setSplit(store, movie, SPLITS.indexOf(part ?? 'train'))
  return movie
}

/** The part (train, valid or test) of a new movie, whose id is the highest. */
function setSplit(store: Store, movie: number, part: number): void {
  const before = store.columns.get(OF_THE_SOURCE, 'split', chunkOf(movie))
  const split = new Uint8Array(slotOf(movie) + 1)
  if (before) split.set(before.subarray(0, split.length))
  split[slotOf(movie)] = part
  store.columns.put(OF_THE_SOURCE, 'split', chunkOf(movie), split)
}

/** Merges a record into a movie as an import does: missing values are filled in, genres are united. */
function joinMovie(store: Store, movie: number, source: SourceRecord): number {
  const old = required(store.movies.source(movie), 'the source of a movie')
  const genres = [...new Set([...old.genres, ...source.genres])]
  store.movies.rewrite(movie, old.title || source.title, old.plot || source.plot, genres)
  return movie
}
