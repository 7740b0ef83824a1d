import { Worker } from 'node:worker_threads'
import { threadEntry } from '../thread-entry.ts'
import type { TextQuery } from './matcher.ts'
import type { SearchReply, SearchRequest } from './thread.ts'

interface Waiting {
  readonly resolve: (movies: Int32Array) => void
  readonly reject: (error: Error) => void
}

/** One thread for the whole program, started by its first search; an idle thread does not keep the program running. */
class SearchThread {
  readonly #worker = new Worker(threadEntry('search-thread', './search/thread.ts'))
  readonly #waiting = new Map<number, Waiting>()
  #next = 1
  /** True once the thread has ended and another one is needed. */
  over = false

  constructor() {
    this.#worker.on('message', (reply: SearchReply) => {
      const waiting = this.#waiting.get(reply.id)
      this.#settle(reply.id)
      if (reply.movies) waiting?.resolve(reply.movies)
      else waiting?.reject(new Error(reply.error))
    })
    this.#worker.on('error', (error: Error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error('The search ended before it was done: try again.')))
    // after the listeners: adding one keeps the program running again
    this.#worker.unref()
  }
  search(project: string, query: TextQuery): Promise<Int32Array> {
    return new Promise((resolve, reject) => {
      const id = this.#next++
      this.#waiting.set(id, { resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage({ id, project, query } satisfies SearchRequest)
    })
  }
  #settle(id: number): void {
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#worker.unref()
  }
  #end(error: Error): void {
    this.over = true
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

let thread: SearchThread | null = null

/** Starts the thread in advance: its start takes longer than most searches. */
export function startSearchThread(): void {
  searchThread()
}

function searchThread(): SearchThread {
  if (!thread || thread.over) thread = new SearchThread()
  return thread
}

/** Runs `MovieTable.search` on a project file in a thread. */
export function searchInThread(project: string, query: TextQuery): Promise<Int32Array> {
  return searchThread().search(project, query)
}
