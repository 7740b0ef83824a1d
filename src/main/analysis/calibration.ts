/** Measures how well probabilities are calibrated, before and after scaling. */
import type { CalibrationKind, Genre, Scale } from '../../contract/records.ts'
import type { CalibrationFigures, CalibrationReport, ReliabilityBin } from '../../contract/thresholds.ts'
import { labelCounts } from './confusion.ts'
import { calibrated, increasing, plattScales, scaled, temperatureScales } from './platt.ts'
import type { Steps } from './steps.ts'
import { parts, type Cells } from './strategies.ts'
import { predict } from './thresholds.ts'

const BINS = 10
const FOLDS = 5

type Scaled = Readonly<Record<CalibrationKind, Float32Array>>
type Scales = Readonly<Record<Exclude<CalibrationKind, 'none'>, readonly Scale[]>>

/** Scales of both kinds for each genre, fitted on these movies, in steps. */
function* fitScales({ y, p, n, k }: Cells): Steps<Scales> {
  const platt: Scale[] = []
  const temperature: Scale[] = []
  for (let g = 0; g < k; g++) {
    const at = (i: number): number => i * k + g
    const [labels, own] = [Uint8Array.from({ length: n }, (_, i) => y[at(i)]!), Float32Array.from({ length: n }, (_, i) => p[at(i)]!)]
    platt.push(...plattScales(labels, own, n, 1).map(increasing))
    yield
    temperature.push(...temperatureScales(labels, own, n, 1).map(increasing))
    yield
  }
  return { platt, temperature }
}

/** Probabilities as they are and scaled. */
function applyScales({ p, n, k }: Cells, scales: Scales): Scaled {
  return { none: p, platt: calibrated(p, scales.platt, n, k), temperature: calibrated(p, scales.temperature, n, k) }
}

/** Probabilities of each fifth of the movies, with scales that were fitted on the others, in steps. */
function* crossScaled(cells: Cells, seed: number): Steps<Scaled> {
  const { n, k } = cells
  const out = { none: cells.p, platt: new Float32Array(n * k), temperature: new Float32Array(n * k) }
  for (const { rest, held, rows } of parts(cells, FOLDS, seed)) {
    const scaled = applyScales(held, yield* fitScales(rest))
    for (const kind of ['platt', 'temperature'] as const)
      rows.forEach((row, i) => out[kind].set(scaled[kind].subarray(i * k, i * k + k), row * k))
    yield
  }
  return out
}

/** Figures of one genre, or of all cells (`g` null). @param p (n, k) */
function calibrationFigures({ y, n, k }: Cells, p: Float32Array, g: number | null): CalibrationFigures {
  const bins = Array.from({ length: BINS }, () => ({ movies: 0, p: 0, y: 0 }))
  let squares = 0
  const [first, step] = g === null ? [0, 1] : [g, k]
  for (let at = first; at < n * k; at += step) {
    const bin = bins[Math.min(BINS - 1, Math.floor(p[at]! * BINS))]!
    bin.movies++
    bin.p += p[at]!
    bin.y += y[at]!
    squares += (p[at]! - y[at]!) ** 2
  }
  const cells = g === null ? n * k : n
  const shares = bins.map(({ movies, p: sum, y: positives }): ReliabilityBin => ({
    movies,
    mean: movies === 0 ? 0 : sum / movies,
    share: movies === 0 ? 0 : positives / movies,
  }))
  const ece = bins.reduce((sum, bin) => sum + Math.abs(bin.y - bin.p), 0)
  return { ece: cells === 0 ? 0 : ece / cells, brier: cells === 0 ? 0 : squares / cells, bins: shares }
}

/**
 * The report on some movies, in steps.
 * @param outOfFold movies on which the scales are fitted; null: these ones, each fifth with scales of the others
 * @param thresholds (k) @param named (k)
 */
export function* calibrationSteps(
  cells: Cells,
  outOfFold: Cells | null,
  thresholds: Float32Array,
  named: readonly Genre[],
  seed: number,
): Steps<Pick<CalibrationReport, 'pooled' | 'genres'>> {
  const { y, p, n, k } = cells
  const scales = yield* fitScales(outOfFold ?? cells)
  const all = outOfFold === null ? yield* crossScaled(cells, seed) : applyScales(cells, scales)
  const figuresOf = (g: number | null): Readonly<Record<CalibrationKind, CalibrationFigures>> => ({
    none: calibrationFigures(cells, all.none, g),
    platt: calibrationFigures(cells, all.platt, g),
    temperature: calibrationFigures(cells, all.temperature, g),
  })
  const { tp, fp, fn } = labelCounts(y, predict(p, thresholds, n, k, { atLeastOne: false }), n, k)
  yield
  const genres: CalibrationReport['genres'][number][] = []
  for (const [g, { id, name }] of named.entries()) {
    const [platt, temperature, threshold] = [scales.platt[g]!, scales.temperature[g]!, thresholds[g]!]
    const labels = 2 * tp[g]! + fp[g]! + fn[g]!
    genres.push({
      id,
      name,
      support: tp[g]! + fn[g]!,
      figures: figuresOf(g),
      scales: { platt, temperature },
      threshold,
      calibratedThreshold: scaled(threshold, platt),
      halfOfF1: labels === 0 ? 0 : tp[g]! / labels,
    })
    yield
  }
  return { pooled: figuresOf(null), genres }
}
