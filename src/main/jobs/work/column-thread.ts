/** The columns of an import, made in a thread of their own that is fed while movies are written. */
import type { ChangedPlot } from '../../data/clean/cleaner.ts'
import type { Named, Names } from '../../data/clean/tally.ts'
import type { ColumnsHost, ColumnsInput, MovieBatch, MovieColumns } from './columns.ts'
import { FedThread } from './fed-thread.ts'

export type ColumnQuestion =
  /** Begin a pass. */
  | { readonly t: 'read' }
  | { readonly t: 'describe'; readonly movies: readonly number[] }
  | { readonly t: 'genres'; readonly names: readonly string[] }
  | { readonly t: 'changed'; readonly plots: readonly ChangedPlot[] }
export type ColumnAnswer = { readonly t: 'names'; readonly names: Names } | { readonly t: 'genres'; readonly ids: readonly number[] }

/** Answers what the thread asks; `pages` are all movies, for passes after the first. */
export interface ThreadHost extends Pick<ColumnsHost, 'changed'> {
  readonly describe: (movies: readonly number[]) => ReadonlyMap<number, Named>
  readonly genreIds: (names: readonly string[]) => readonly number[]
  readonly pages: () => Iterable<MovieBatch>
}
export type ColumnThread = FedThread<MovieColumns, ColumnQuestion, ColumnAnswer>

export function startColumns(input: ColumnsInput, host: ThreadHost): ColumnThread {
  let passes = 0
  const thread: ColumnThread = new FedThread('column-worker', input, (m) => {
    if (m.t === 'changed') host.changed(m.plots)
    else if (m.t === 'describe') thread.post({ t: 'names', names: host.describe(m.movies) })
    else if (m.t === 'genres') thread.post({ t: 'genres', ids: host.genreIds(m.names) })
    // the first pass is fed as movies are written
    else if (passes++ > 0) void feedAll(thread, host.pages())
  })
  return thread
}

async function feedAll(thread: ColumnThread, pages: Iterable<MovieBatch>): Promise<void> {
  try {
    for (const batch of pages) {
      await thread.whenReady()
      if (thread.failed) return
      thread.feed(batch)
    }
    thread.end()
  } catch (error) {
    thread.fail(error)
  }
}
