import type { Comparison, MetricsPart } from '../../../contract/records.ts'
import { signed } from '../../messages/format.ts'

export const FIGURES = [
  { key: 'microF1', label: 'Micro-F1' },
  { key: 'macroF1', label: 'Macro-F1' },
  { key: 'jaccard', label: 'Jaccard' },
] as const
export const PARTS: Readonly<Record<MetricsPart, string>> = {
  test: 'test part',
  valid: 'validation part',
  oof: 'training part, out of fold',
}

export function verdictInWords(c: Comparison, name: (run: number) => string): string {
  const { difference, low, high } = c.corrected.microF1
  const by = `micro-F1 ${signed(difference)}, between ${signed(low)} and ${signed(high)}`
  if (c.verdict === 'better') return `Better: ${name(c.b)} fits the corrected labels better than ${name(c.a)} (${by}).`
  if (c.verdict === 'worse')
    return `Worse: ${name(c.b)} fits the corrected labels less well than ${name(c.a)} (${by}). The list of runs says which one is current, and changes it.`
  return `Undecided: the difference could be chance (${by}). More corrections will tell.`
}

/** Largest gain first. */
export const perGenreChanges = (c: Comparison): { name: string; change: number }[] =>
  c.perGenre.map((g) => ({ name: g.genre, change: g.new - g.old })).sort((a, b) => b.change - a.change)
