/** Epochs as the pictures and words of the curves. */
import type { EpochFigures } from '../../../contract/models.ts'
import { count, duration, figure } from '../../messages/format.ts'
import { bestEpoch, type Stretch } from '../../stores/curves-logic.ts'
import { memory } from './cost.ts'

export interface Picture {
  readonly title: string
  readonly label: string
  readonly max?: number
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[]
}
type Key = 'trainLoss' | 'validLoss' | 'microF1' | 'macroF1'
const LABELS: Readonly<Record<Key, string>> = {
  trainLoss: 'Training loss',
  validLoss: 'Validation loss',
  microF1: 'Micro-F1',
  macroF1: 'Macro-F1',
}
const last = (values: readonly (number | null)[]): string => {
  const value = values.at(-1)
  return value == null ? 'not measured' : figure(value)
}
function picture(title: string, s: Stretch, keys: readonly Key[], max?: number): Picture | null {
  const series = keys
    .map((key) => ({ label: LABELS[key], values: s.epochs.map((e) => e[key]) }))
    .filter((line) => line.values.some((v) => v !== null))
  if (series.length === 0) return null
  const ends = series.map((line) => `${line.label.toLowerCase()} ${last(line.values)}`).join(', ')
  const label = `Line chart of ${s.title}: after epoch ${s.epochs.at(-1)?.epoch ?? 0}, ${ends}. The table below has every epoch.`
  return { title, label, series, ...(max === undefined ? {} : { max }) }
}
/** Loss, and F1 where it is measured. */
export const pictures = (s: Stretch): readonly Picture[] =>
  [picture('Loss', s, ['trainLoss', 'validLoss']), picture('F1 on the validation part', s, ['microF1', 'macroF1'], 1)].filter(
    (p) => p !== null,
  )

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'
/** `0.0025`, `5.0 · 10⁻⁴`: learning rates reach from 1e-7 to 1. */
export function rate(n: number): string {
  if (n === 0 || n >= 0.001) return String(Number(n.toPrecision(2)))
  const [digits = '', power = ''] = n.toExponential(1).split('e-')
  return `${digits} · 10⁻${power.replace(/\d/g, (d) => SUPERSCRIPTS.charAt(Number(d)))}`
}

/** What the last epoch says, in short pieces. */
export function figuresInWords(s: Stretch, live: boolean): readonly string[] {
  const e = s.epochs.at(-1)
  if (!e) return []
  const best = bestEpoch(s)
  return [
    `Epoch ${e.epoch} of ${e.epochs}`,
    ...(best ? [`best${live ? ' so far' : ''}: epoch ${best.epoch}`] : []),
    `learning rate ${rate(e.learningRate)}`,
    `${count(Math.round(e.tokensPerSecond))} tokens per second`,
    `${memory(e.memoryMb)} of memory`,
    `${duration(e.elapsedMs)}${live ? ' so far' : ''}`,
  ]
}
export const COLUMNS: readonly { readonly label: string; readonly value: (e: EpochFigures) => string }[] = [
  { label: 'Training loss', value: (e) => figure(e.trainLoss) },
  { label: 'Validation loss', value: (e) => (e.validLoss === null ? '–' : figure(e.validLoss)) },
  { label: 'Micro-F1', value: (e) => (e.microF1 === null ? '–' : figure(e.microF1)) },
  { label: 'Macro-F1', value: (e) => (e.macroF1 === null ? '–' : figure(e.macroF1)) },
  { label: 'Learning rate', value: (e) => rate(e.learningRate) },
  { label: 'Tokens per second', value: (e) => count(Math.round(e.tokensPerSecond)) },
  { label: 'Memory', value: (e) => memory(e.memoryMb) },
  { label: 'Elapsed', value: (e) => duration(e.elapsedMs) },
]
