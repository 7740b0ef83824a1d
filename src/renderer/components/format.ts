/** Figures and times as the window writes them. */
import { count, many } from '../../contract/words.ts'

export { count, many }
export const figure = (n: number): string => n.toFixed(3).replace(/^-(?=[0.]+$)/, '')
export const percent = (n: number): string => `${Math.round(n * 100)} %`
/** Three digits with a sign; none for what rounds to zero. */
export const signed = (n: number): string => {
  const digits = Math.abs(n).toFixed(3)
  return digits === '0.000' ? digits : `${n < 0 ? '−' : '+'}${digits}`
}

export function bytes(n: number): string {
  if (n < 1024) return many(n, 'byte')
  const [unit, size] = n < 1 << 20 ? (['KiB', 1024] as const) : n < 1 << 30 ? (['MiB', 1 << 20] as const) : (['GiB', 1 << 30] as const)
  const value = n / size
  return `${value < 10 ? value.toFixed(1) : count(Math.round(value))} ${unit}`
}
/** `45 s`, `3 min 20 s`, `1 h 5 min`. */
export function duration(ms: number): string {
  const s = Math.max(1, Math.round(ms / 1000))
  if (s < 60) return `${s} s`
  const min = Math.floor(s / 60)
  if (min < 60) return s % 60 === 0 ? `${min} min` : `${min} min ${s % 60} s`
  return `${Math.floor(min / 60)} h ${min % 60} min`
}
const moment = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false })
export const when = (iso: string): string => {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : moment.format(at)
}
