import type { ImpossibleReason, Suggestion } from './records.ts'

/** Numbers, sizes and dates in sentences, as the window, the engine and the command line write them. */
const whole = new Intl.NumberFormat('en')
export const count = (n: number): string => whole.format(n)
/** An estimate, without its fraction. */
export const rounded = (n: number): string => count(Math.round(n))
/** `1 movie`, `2,000 movies`. */
export const many = (n: number, one: string, several = `${one}s`): string => `${count(n)} ${n === 1 ? one : several}`

const units: readonly (readonly [bytes: number, name: string])[] = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
]
/** `268 MB`, `1.1 GB`; 1 MB is a million bytes. */
export function size(bytes: number): string {
  const [unit, name] = units.find(([u]) => bytes >= u) ?? []
  if (unit === undefined) return many(bytes, 'byte')
  const n = bytes / unit
  return `${n < 10 ? n.toFixed(1) : rounded(n)} ${name}`
}

const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
/** `20 November 2026`, in the time zone of the machine. */
export const day = (iso: string): string => date.format(new Date(iso))
const time = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
/** `20 Nov 2026, 14:02`; text that is no date is returned unchanged. */
export const moment = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : time.format(new Date(iso)))

/** `93%`, `<1%`, `>99%`. */
export function percent(p: number): string {
  // what is nearly certain is not certain
  if (p > 0 && p < 0.005) return '<1%'
  if (p > 0.995 && p < 1) return '>99%'
  return `${Math.round(100 * p)}%`
}

/** Why a label of this genre is estimated impossible. */
export function impossibleText(genre: string, { carried, short, having, of }: ImpossibleReason): string {
  const nothing = 'no word of the plot speaks for it'
  const similar =
    having === 0
      ? `and none of its ${of} most similar movies has it`
      : `and its most similar movies have it no more often than those of other movies (${having} of ${of})`
  const silent = of === 0 ? nothing : `${nothing}, ${similar}`
  return `${silent}; ${short ? 'the plot is short' : `models find only ${percent(carried)} of the labels ${genre} in plots`}`
}

/** What a button that follows a suggestion does: `Remove Documentary`. */
export function suggestionText(genre: string, { kind, by }: Suggestion): string {
  if (kind === 'replace') return `Replace ${genre} by ${by.name}`
  return `${kind === 'add' ? 'Add' : 'Remove'} ${genre}`
}

const MAX_QUOTED = 120
/** Text from outside the program, limited and escaped so that it can be shown in a sentence. */
export const quoted = (text: string): string => JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text)
