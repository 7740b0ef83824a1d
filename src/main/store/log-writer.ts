/** Appends large batches to the log in a thread. */
import { Worker } from 'node:worker_threads'
import { fromReply, type ErrorReply } from '../../contract/errors.ts'
import type { ChangeField } from '../../contract/records.ts'
import { required } from '../../contract/required.ts'
import type { Copy, LogChange, NewBatch } from './changes.ts'
import { threadEntry } from './thread-entry.ts'

/** Changes as columns, which are passed to a thread quickly. Index 0 of `genres` stands for null, as ids start at 1. */
export interface PackedChanges {
  readonly movies: Int32Array
  readonly genres: Int32Array
  /** For each change its field, value before and value after, as indexes into `texts`. */
  readonly codes: Int32Array
  readonly texts: readonly string[]
}
export interface LogRequest {
  readonly project: string
  readonly identity: string | null
  readonly batch: NewBatch
  readonly changes: PackedChanges | Copy
  /** As {@link ChangeTable.append} takes it. */
  readonly after: number
}
export type LogReply = { readonly batch: number } | { readonly error: ErrorReply }

const STEP = 1000
/** In steps of a millisecond. */
export function* packed(changes: readonly LogChange[]): Generator<undefined, PackedChanges> {
  const [movies, genres] = [new Int32Array(changes.length), new Int32Array(changes.length)]
  const codes = new Int32Array(3 * changes.length)
  const texts = new Map<string, number>()
  const codeOf = (text: string): number => {
    const code = texts.get(text) ?? texts.size
    texts.set(text, code)
    return code
  }
  for (const [i, { movie, genre, field, was, becomes }] of changes.entries()) {
    movies[i] = movie
    genres[i] = genre ?? 0
    codes.set([codeOf(field), codeOf(was), codeOf(becomes)], 3 * i)
    if (i % STEP === 0) yield
  }
  return { movies, genres, codes, texts: [...texts.keys()] }
}
export function* unpacked({ movies, genres, codes, texts }: PackedChanges): Generator<LogChange> {
  const text = (at: number): string => required(texts[codes[at] ?? -1], 'an entry of texts')
  for (const [i, movie] of movies.entries())
    yield { movie, genre: genres[i] || null, field: text(3 * i) as ChangeField, was: text(3 * i + 1), becomes: text(3 * i + 2) }
}

/** @throws what {@link ChangeTable.append} throws, and `project-gone` */
export function appendInThread(request: LogRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(threadEntry('log-thread', './log-thread.ts'), { workerData: request })
    worker.once('message', (reply: LogReply) => ('batch' in reply ? resolve(reply.batch) : reject(fromReply(reply.error))))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread that writes the log ended before it was done')))
  })
}
