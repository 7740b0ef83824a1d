/** Typed values of a cell as text. */

const MIDNIGHT = 'T00:00:00.000Z'

/** Text unchanged, dates as ISO text, lists and objects as JSON, '' for a missing value. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (value instanceof Date) return dateText(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (typeof value === 'object') return JSON.stringify(value, forJson)
  return (value as number | bigint | boolean).toString()
}

/** The day if the time is midnight, else day and time; '' for an invalid date. */
function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return ''
  const text = date.toISOString()
  return text.endsWith(MIDNIGHT) ? text.slice(0, -MIDNIGHT.length) : text.replace('.000Z', 'Z')
}

function forJson(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}
