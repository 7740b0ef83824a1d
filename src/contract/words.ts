/** Numbers in sentences, as the window, the engine and the command line write them. */
const whole = new Intl.NumberFormat('en')
export const count = (n: number): string => whole.format(n)
/** `1 movie`, `2,000 movies`. */
export const many = (n: number, one: string, several = `${one}s`): string => `${count(n)} ${n === 1 ? one : several}`

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

/** `20 November 2026`, in the time zone of the machine. */
export const day = (at: string): string => new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
/** `20 November 2026, 14:02`. */
export const moment = (at: string): string =>
  `${day(at)}, ${new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`

const MAX_QUOTED = 120
/** Text from outside the program, limited and escaped so that it can be shown in a sentence. */
export const quoted = (text: string): string => JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text)
