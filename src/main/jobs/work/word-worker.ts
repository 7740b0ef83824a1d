/** The thread that makes the text index of an import. */
import { workerData } from 'node:worker_threads'
import { WordIndex } from '../../store/word-index.ts'
import { batches, serve } from './fed-port.ts'

export interface WordInput {
  /** The file to make. */
  readonly path: string
  /** Makes the index's table. */
  readonly sql: string
}

const { path, sql } = workerData as WordInput
await serve(path, async () => {
  const words = new WordIndex(path, sql)
  for await (const { ids, texts } of batches()) ids.forEach((id, i) => words.add(id, texts[2 * i]!, texts[2 * i + 1]!))
  words.finish()
  return null
})
