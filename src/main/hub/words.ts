/** Sizes and names as sentences have them. */

const units: readonly (readonly [bytes: number, name: string])[] = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
]
/** `268 MB`, `1.1 GB`. */
export function size(bytes: number): string {
  const [unit, name] = units.find(([u]) => bytes >= u) ?? [1, 'bytes']
  const n = bytes / unit
  return `${n < 10 && unit > 1 ? n.toFixed(1) : Math.round(n)} ${name}`
}

const MAX_QUOTED = 120
/** What came from elsewhere, safe to be shown in a sentence. */
export const quoted = (text: string): string => JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text)
