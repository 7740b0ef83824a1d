import { existsSync } from 'node:fs'

/** The file that a thread of the store begins with: the source relative to this folder, or the bundle of that name, beside the bundled entry or a chunk. */
export function threadEntry(bundle: string, source: string): URL {
  const urls = (import.meta.url.endsWith('.ts') ? [source] : [`./${bundle}.js`, `../${bundle}.js`]).map(
    (entry) => new URL(entry, import.meta.url),
  )
  const found = urls.find((url) => existsSync(url))
  if (!found) throw new Error(`there is no ${bundle} beside ${import.meta.url}`)
  return found
}
