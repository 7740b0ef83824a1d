/** Batches of records, which the thread that reads an import's files sends to the one that writes them. Flat lists are cheapest to copy. */
import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { UserError, type ErrorReply } from '../../../contract/errors.ts'
import type { ImportLogEntry } from '../../../contract/importing.ts'
import { entryFile } from '../../processes/entries.ts'
import { readRecords, type ReadPlan, type SourceRecord } from '../../data/import/records/read.ts'

/** Records in one message. */
const BATCH = 500
/** Batches that may wait for the writer. */
const MAX_WAITING = 8
/** Young generation of the reading thread: batches then die young, and the process needs a fifth less memory. */
const YOUNG_MB = 96

/** Columns of {@link RecordBatch.numbers}. */
const NUMBERS = 4
/** Columns of {@link RecordBatch.texts}. */
const TEXTS = 5

export interface RecordBatch {
  /** Bytes of all files read so far. */
  readonly bytes: number
  /** (records, 4): index of the file, number of the record in it, first line, number of its list of genres. */
  readonly numbers: Int32Array
  /** (records, 5): exact text, id ('': none), title, plot, split ('': none). */
  readonly texts: readonly string[]
  /** Lists of genres that no earlier batch contains; lists are numbered from 0 in the order in which they are sent. */
  readonly newLists: readonly (readonly string[])[]
  /** Which of the records are rejected, by their place in the batch, and why. */
  readonly rejections: readonly (readonly [at: number, why: string])[]
  readonly log: readonly { readonly file: number; readonly entry: ImportLogEntry }[]
}
/** A record of a batch, see {@link SourceRecord}. Records with equal genres share one array. */
export interface BatchedRecord {
  readonly file: number
  readonly number: number
  readonly line: number
  readonly raw: string
  readonly key: string
  readonly title: string
  readonly plot: string
  readonly genres: readonly string[]
  readonly split: string
  readonly rejected: string | null
}

/** Packs records; numbers their lists of genres, most of which many records share. */
export class BatchPacker {
  readonly #lists = new Map<string, number>()

  pack(records: readonly SourceRecord[], bytes: number): RecordBatch {
    const numbers = new Int32Array(records.length * NUMBERS)
    const texts: string[] = []
    const newLists: (readonly string[])[] = []
    const rejections: [number, string][] = []
    const log: { file: number; entry: ImportLogEntry }[] = []
    records.forEach((r, i) => {
      const key = r.genres.join('\0')
      let list = this.#lists.get(key)
      if (list === undefined) {
        list = this.#lists.size
        this.#lists.set(key, list)
        newLists.push(r.genres)
      }
      numbers.set([r.file, r.record, r.line, list], i * NUMBERS)
      texts.push(r.raw, r.key ?? '', r.title, r.plot, r.split ?? '')
      if (r.rejected !== null) rejections.push([i, r.rejected])
      for (const entry of r.log) log.push({ file: r.file, entry })
    })
    return { bytes, numbers, texts, newLists, rejections, log }
  }
}

/** Unpacks the batches of one {@link BatchPacker}, in their order. */
export class BatchUnpacker {
  readonly #lists: (readonly string[])[]

  constructor() {
    this.#lists = []
  }
  *records({ numbers, texts, newLists, rejections }: RecordBatch): Generator<BatchedRecord> {
    this.#lists.push(...newLists)
    const reasons = new Map(rejections)
    const number = (i: number, column: number): number => numbers[i * NUMBERS + column] ?? 0
    const text = (i: number, column: number): string => texts[i * TEXTS + column] ?? ''
    for (let i = 0; i * NUMBERS < numbers.length; i++)
      yield {
        file: number(i, 0),
        number: number(i, 1),
        line: number(i, 2),
        genres: this.#lists[number(i, 3)] ?? [],
        raw: text(i, 0),
        key: text(i, 1),
        title: text(i, 2),
        plot: text(i, 3),
        split: text(i, 4),
        rejected: reasons.get(i) ?? null,
      }
  }
}

/** Reads all records of a plan's files, in batches. @throws UserError what reading them throws */
export async function* recordBatches(plan: ReadPlan): AsyncGenerator<RecordBatch> {
  const packer = new BatchPacker()
  let bytes = 0
  let records: SourceRecord[] = []
  for await (const record of readRecords(plan, (b) => (bytes = b))) {
    records.push(record)
    if (records.length < BATCH) continue
    yield packer.pack(records, bytes)
    records = []
  }
  yield packer.pack(records, bytes)
}

/** Messages of the reading thread. It waits for an answer to each batch once {@link ReaderInput.mostWaiting} are on their way. */
export type FromReader =
  { readonly t: 'batch'; readonly batch: RecordBatch } | { readonly t: 'end' } | { readonly t: 'error'; readonly error: ErrorReply }
export interface ReaderInput {
  readonly plan: ReadPlan
  readonly mostWaiting: number
}

/** {@link recordBatches} in a thread of its own, which has ended when this returns. */
export async function* recordBatchesOfThread(plan: ReadPlan): AsyncGenerator<RecordBatch> {
  const workerData: ReaderInput = { plan, mostWaiting: MAX_WAITING }
  const worker = new Worker(entryFile('read-worker'), { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
  try {
    for await (const [message] of on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[FromReader]>) {
      if (message.t === 'end') return
      if (message.t === 'error') throw asError(message.error)
      yield message.batch
      worker.postMessage('taken')
    }
    throw new Error('the reading thread ended before it had read everything')
  } finally {
    await worker.terminate()
  }
}

const asError = ({ code, message, details }: ErrorReply): Error =>
  code === 'internal' ? new Error(message) : new UserError(code, message, details)
