/** The thread that makes the columns of an import. */
import { workerData } from 'node:worker_threads'
import type { ColumnAnswer, ColumnQuestion } from './column-thread.ts'
import { makeColumns, type ColumnsHost, type ColumnsInput, type MovieBatch } from './columns.ts'
import { batches, next, serve, tell } from './fed-port.ts'

const say = (m: ColumnQuestion): void => tell(m)
async function* read(): AsyncGenerator<MovieBatch> {
  say({ t: 'read' })
  yield* batches()
}
const host: ColumnsHost = {
  read,
  describe: async (movies) => {
    say({ t: 'describe', movies })
    return (await next<Extract<ColumnAnswer, { t: 'names' }>>('names')).names
  },
  genreIds: async (names) => {
    say({ t: 'genres', names })
    return (await next<Extract<ColumnAnswer, { t: 'genres' }>>('genres')).ids
  },
  changed: (plots) => say({ t: 'changed', plots }),
}
await serve('', () => makeColumns(workerData as ColumnsInput, host, new AbortController().signal))
