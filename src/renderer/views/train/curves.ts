/** Epochs as charts, as a sentence and as rows of a table. */
import type { EpochFigures } from '../../../contract/models.ts'
import { count, duration, figure, memory } from '../../messages/format.ts'
import { m } from '../../messages/index.ts'
import { bestEpoch, type CurvePart } from '../../stores/curves-logic.ts'

/** One line chart of the curves. */
export interface Picture {
  readonly title: string
  readonly label: string
  readonly max?: number
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[]
}
const text = m.train.curves
type Key = keyof typeof text.series

function picture(title: string, s: CurvePart, keys: readonly Key[], max?: number): Picture | null {
  const series = keys
    .map((key) => ({ label: text.series[key], values: s.epochs.map((e) => e[key]) }))
    .filter((line) => line.values.some((v) => v !== null))
  if (series.length === 0) return null
  const ends = series.map((line) => text.end(line.label, line.values.at(-1) ?? null))
  const label = text.alt(s.title, s.epochs.at(-1)?.epoch ?? 0, ends)
  return { title, label, series, ...(max === undefined ? {} : { max }) }
}
/** Charts of the loss, and of F1 if it was measured; a single epoch has no curve. */
export const pictures = (s: CurvePart): readonly Picture[] =>
  s.epochs.length < 2
    ? []
    : [picture(text.loss, s, ['trainLoss', 'validLoss']), picture(text.f1, s, ['microF1', 'macroF1'], 1)].filter((p) => p !== null)

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'
/** `0.0025`, `5.0 · 10⁻⁴`: learning rates reach from 1e-7 to 1. */
export function rate(n: number): string {
  if (n === 0 || n >= 0.001) return String(Number(n.toPrecision(2)))
  const [digits = '', power = ''] = n.toExponential(1).split('e-')
  return `${digits} · 10⁻${power.replace(/\d/g, (d) => SUPERSCRIPTS.charAt(Number(d)))}`
}

/** The last epoch in short pieces of text. */
export function lastEpoch(s: CurvePart, live: boolean): readonly string[] {
  const e = s.epochs.at(-1)
  if (!e) return []
  const best = bestEpoch(s)
  return [
    text.epochOf(e.epoch, e.epochs),
    ...(best ? [text.bestEpoch(best.epoch, live)] : []),
    text.rate(rate(e.learningRate)),
    text.speed(e.tokensPerSecond),
    text.memory(e.memoryMb),
    text.elapsed(e.elapsedMs, live),
  ]
}
const orDash = (value: number | null): string => (value === null ? m.common.none : figure(value))
/** The columns of the table of epochs. */
export const COLUMNS: readonly { readonly label: string; readonly value: (e: EpochFigures) => string }[] = [
  { label: text.series.trainLoss, value: (e) => figure(e.trainLoss) },
  { label: text.series.validLoss, value: (e) => orDash(e.validLoss) },
  { label: text.series.microF1, value: (e) => orDash(e.microF1) },
  { label: text.series.macroF1, value: (e) => orDash(e.macroF1) },
  { label: text.learningRate, value: (e) => rate(e.learningRate) },
  { label: text.tokensPerSecond, value: (e) => count(Math.round(e.tokensPerSecond)) },
  { label: text.memoryColumn, value: (e) => memory(e.memoryMb) },
  { label: text.elapsedColumn, value: (e) => duration(e.elapsedMs) },
]
