/** Parsing of files that others made, in a process of its own: it may take too long, take too much memory or crash without harm. */
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { ImportPlan, ImportSource } from '../../contract/importing.ts'
import { READER_MEGABYTES } from '../../contract/jobs.ts'
import type { SpawnProcess } from '../processes/work-process.ts'
import { WarmProcess, type ReplyTo, type AskOptions, type RequestOf } from '../processes/warm-process.ts'

/** Time limit of reading a small table. Large ones get more (`BYTES_PER_MS`): all bytes are read to detect the encoding. */
const TABLE_TIMEOUT_MS = 10_000
const BYTES_PER_MS = 10_000
/** Published vocabularies of 250,000 words take some seconds. */
const MODEL_TIMEOUT_MS = 30_000
const OF_TABLES: readonly RequestOf<'reader'>['t'][] = ['inspect', 'genre-names']
const [OTHER_TABLE, OTHER_MODEL] = ['If you trust it, save it as CSV, or in smaller pieces.', 'Choose another model.']

/** The engine's side of the reader process. */
export class Reader {
  readonly #process: WarmProcess<'reader'>
  readonly #limitMs: number
  /** The inspection of each window. */
  readonly #inspections = new WeakMap<object, AbortController>()

  constructor(spawn: SpawnProcess, limitMs = TABLE_TIMEOUT_MS) {
    this.#process = new WarmProcess('reader', spawn, () => tooMuch('the files', OTHER_TABLE))
    this.#limitMs = limitMs
  }
  /**
   * Plans an import. A window that asks again cancels what it asked before, since only the last choices count.
   * @param memory file of the choices of earlier imports
   * @param characters how much of the files the forecast reads
   * @param caller the window that asks; none: the plan is wanted whatever windows do, as for an import that has begun
   * @throws UserError what reading the files throws, and as {@link ask}; `superseded`
   */
  async inspect(source: ImportSource, memory: string, characters: number, caller: object = {}): Promise<ImportPlan> {
    const own = new AbortController()
    this.#inspections.get(caller)?.abort(new UserError('superseded', 'The files are being read again with other choices.'))
    this.#inspections.set(caller, own)
    return (await this.ask({ t: 'inspect', source, memory, characters }, source.paths, own.signal)).plan
  }
  /**
   * @param paths what is read
   * @throws UserError the error of reading; `reader-slow`, `reader-died`
   */
  ask<Q extends RequestOf<'reader'>>(question: Q, paths: readonly string[], signal?: AbortSignal): Promise<ReplyTo<'reader', Q['t']>> {
    const what = namesOf(paths)
    const bytes = paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0)
    const isTable = OF_TABLES.includes(question.t)
    const ms = isTable ? this.#limitMs + bytes / BYTES_PER_MS : MODEL_TIMEOUT_MS
    const todo = isTable ? OTHER_TABLE : OTHER_MODEL
    const options: AskOptions = { limit: { ms, timeoutError: () => tooSlow(what, ms, todo) }, died: () => tooMuch(what, todo), signal }
    return this.#process.ask(question, options)
  }
  /** Cancels the inspection of a window that was closed. */
  left(caller: object): void {
    this.#inspections.get(caller)?.abort(new UserError('cancelled', 'The window that asked for it was closed.'))
  }
  close(): void {
    this.#process.close()
  }
}

function namesOf([first = '', ...others]: readonly string[]): string {
  const name = basename(first)
  return others.length === 0 ? name : `${name} and ${others.length} more`
}
const tooMuch = (what: string, todo: string): UserError =>
  new UserError(
    'reader-died',
    `The program that reads files ended while it read ${what}: it needs more than ${READER_MEGABYTES} MB of memory, or is made to do harm. Nothing was changed. ${todo}`,
  )
const tooSlow = (what: string, limitMs: number, todo: string): UserError =>
  new UserError(
    'reader-slow',
    `Reading ${what} took longer than ${Math.round(limitMs / 1000)} seconds and was ended. Nothing was changed. ${todo}`,
  )
