/** Names of exported files: valid on every file system, and without folders. */
import type { FilePlan } from '../../../contract/importing.ts'

const MAX_CHARACTERS = 150
/** Names of devices on Windows, whatever their extension. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/** Returns `titles.csv` for `movies.zip: data/titles.csv`. Other formats are exported as CSV: `book Sheet1.csv` for `book.xlsx: Sheet1`. */
export function exportName({ name, kind, packing, entry }: Pick<FilePlan, 'name' | 'kind' | 'packing' | 'entry'>): string {
  const own = packing === 'zip' && entry !== null ? entry.slice(entry.lastIndexOf('/') + 1) : name
  const unpacked = packing === 'gzip' ? own.replace(/\.gz$/i, '') : own
  const renamed =
    kind === 'csv' && /\.\w{1,5}$/.test(unpacked)
      ? unpacked
      : `${unpacked.replace(/\.(?:jsonl?|ndjson|parquet|xlsx|gz)\b/gi, '').replace(': ', ' ')}.csv`
  return safeName(renamed)
}

function safeName(name: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = name.replaceAll(/[\x00-\x1f\x7f<>:"/\\|?*]/g, '_').replace(/^[. ]+/, '_')
  const extension = /\.\w{1,5}$/.exec(plain)?.[0] ?? ''
  const stem = plain
    .slice(0, plain.length - extension.length)
    .slice(0, MAX_CHARACTERS)
    .replace(/[. ]+$/, '')
  return (DEVICES.test(stem) || stem === '' ? '_' : '') + stem + extension
}

/** Numbers repeated names: two folders may each have a `movies.csv`, and many systems do not distinguish `Movies.csv`. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set(names.map((name) => name.toLowerCase()))
  const given = new Set<string>()
  return names.map((name) => {
    let own = name
    for (let i = 2; given.has(own.toLowerCase()) || (own !== name && taken.has(own.toLowerCase())); i++) own = `${i}-${name}`
    given.add(own.toLowerCase())
    return own
  })
}
