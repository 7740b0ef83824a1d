/** A program that downloads one model: `downloader.ts DIR ID`, with the Hub's address in the environment. */
import { Hub } from '../../src/main/hub/hub.ts'
import { Library } from '../../src/main/hub/library.ts'

const [dir = '', id = ''] = process.argv.slice(2)
const say = (message: { readonly done?: number; readonly error?: string }): void => void process.send?.(message)
try {
  const hub = new Hub({ library: new Library({ dir }), wait: () => Promise.resolve() })
  await hub.download(id, { consent: true, progress: ({ done }) => say({ done }) })
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) })
} finally {
  process.disconnect?.()
}
