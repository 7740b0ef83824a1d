import type { MapColour } from '../../../contract/map.ts'
import { m } from '../../messages/index.ts'

/** An entry of a legend in words. */
export function binText(by: string, { value, from, to }: MapColour): string {
  if (value === '') return m.map.noValue
  if (value !== null) return (by === 'outcome' || by === 'split' ? m.map.values[value] : undefined) ?? value
  if (by === 'pwrong') return m.map.between(`${100 * (from ?? 0)}`, `${Math.round(100 * (to ?? 1))}%`)
  return from === null ? m.map.below(String(to)) : to === null ? m.map.from(String(from)) : m.map.between(String(from), String(to))
}
