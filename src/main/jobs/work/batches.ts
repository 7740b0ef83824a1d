/** Records as they cross from the thread that reads to the one that writes: flat lists of strings are the cheapest to copy. */
import type { ImportDecision } from '../../../contract/importing.ts'
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
  /** Which of the records are set aside, by their place in the batch, and why. */
  readonly aside: readonly (readonly [at: number, why: string])[]
  readonly decisions: readonly { readonly file: number; readonly decision: ImportDecision }[]
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
  readonly setAside: string | null
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
  const aside: [number, string][] = []
  const decisions: { file: number; decision: ImportDecision }[] = []
  records.forEach((r, i) => {
    numbers.set([r.file, r.record, r.line], i * NUMBERS)
    texts.push(r.raw, r.key ?? '', r.title, r.plot, JSON.stringify(r.genres), r.split ?? '')
    if (r.setAside !== null) aside.push([i, r.setAside])
    for (const decision of r.decisions) decisions.push({ file: r.file, decision })
  })
  return { bytes, numbers, texts, aside, decisions }
}

/** Inverse of {@link packBatch}, record by record. */
export function* unpackBatch({ numbers, texts, aside }: RecordBatch): Generator<BatchedRecord> {
  let asides = 0
  for (let i = 0; i * NUMBERS < numbers.length; i++) {
    const at = i * TEXTS
    const setAside = aside[asides]?.[0] === i ? aside[asides++]![1] : null
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
      setAside,
    }
  }
}
