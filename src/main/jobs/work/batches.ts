/** Records as they cross from the thread that reads to the one that writes: flat lists of strings are the cheapest to copy. */
import type { ImportLogEntry } from '../../../contract/importing.ts'
import { readRecords, type ReadPlan, type SourceRecord } from '../../data/import/read.ts'

/** Records in one message. */
const BATCH = 500

/** Columns of {@link RecordBatch.numbers}. */
const NUMBERS = 3
/** Columns of {@link RecordBatch.texts}. */
const TEXTS = 6

export interface RecordBatch {
  /** Bytes of all files read so far. */
  readonly bytes: number
  /** (records, 3): index of the file, number of the record in it, first line. */
  readonly numbers: Int32Array
  /** (records, 6): exact text, id ('': none), title, plot, JSON of the genres, split ('': none). */
  readonly texts: readonly string[]
  /** Which of the records are rejected, by their place in the batch, and why. */
  readonly rejections: readonly (readonly [at: number, why: string])[]
  readonly log: readonly { readonly file: number; readonly entry: ImportLogEntry }[]
}
/** A record of a batch, see {@link SourceRecord}. */
export interface BatchedRecord {
  readonly file: number
  readonly number: number
  readonly line: number
  readonly raw: string
  readonly key: string
  readonly title: string
  readonly plot: string
  /** JSON of the names. */
  readonly genres: string
  readonly split: string
  readonly rejected: string | null
}

/** All records of a plan's files, in batches. Throws what reading them throws. */
export async function* recordBatches(plan: ReadPlan): AsyncGenerator<RecordBatch> {
  let bytes = 0
  let records: SourceRecord[] = []
  for await (const record of readRecords(plan, (b) => (bytes = b))) {
    records.push(record)
    if (records.length < BATCH) continue
    yield packBatch(records, bytes)
    records = []
  }
  yield packBatch(records, bytes)
}

export function packBatch(records: readonly SourceRecord[], bytes: number): RecordBatch {
  const numbers = new Int32Array(records.length * NUMBERS)
  const texts: string[] = []
  const rejections: [number, string][] = []
  const log: { file: number; entry: ImportLogEntry }[] = []
  records.forEach((r, i) => {
    numbers.set([r.file, r.record, r.line], i * NUMBERS)
    texts.push(r.raw, r.key ?? '', r.title, r.plot, JSON.stringify(r.genres), r.split ?? '')
    if (r.rejected !== null) rejections.push([i, r.rejected])
    for (const entry of r.log) log.push({ file: r.file, entry })
  })
  return { bytes, numbers, texts, rejections, log }
}

/** Inverse of {@link packBatch}, record by record. */
export function* unpackBatch({ numbers, texts, rejections }: RecordBatch): Generator<BatchedRecord> {
  let next = 0
  for (let i = 0; i * NUMBERS < numbers.length; i++) {
    const at = i * TEXTS
    const [place, reason] = rejections[next] ?? []
    if (place === i) next++
    yield {
      file: numbers[i * NUMBERS]!,
      number: numbers[i * NUMBERS + 1]!,
      line: numbers[i * NUMBERS + 2]!,
      raw: texts[at]!,
      key: texts[at + 1]!,
      title: texts[at + 2]!,
      plot: texts[at + 3]!,
      genres: texts[at + 4]!,
      split: texts[at + 5]!,
      rejected: place === i ? (reason ?? null) : null,
    }
  }
}
