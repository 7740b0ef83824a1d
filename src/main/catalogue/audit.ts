/** The audit of a project: its sample, its progress and its result. */
import { MAX_AUDITED, type AuditDesign, type AuditResult, type AuditState } from '../../contract/audit.ts'
import { answeredOf, auditFigures, limitOf, quantitiesOf, WRONG_UNIT, type Figures } from '../analysis/audit/result.ts'
import { drawSample } from '../analysis/audit/sample.ts'
import type { Steps } from '../analysis/steps.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import type { Predictions } from './predictions.ts'
import type { Suspects } from './suspects.ts'

/** The largest number of cells of drawn movies that are stored, about 3 MB. */
const MAX_CELLS = 600_000

interface Project {
  readonly store: Store
  readonly catalogue: Catalogue
  readonly predictions: Predictions | null
  readonly suspects: Suspects | null
}

/** Movies processed between two yields. */
const ROWS = 1000

/** Draws a sample from the catalogue as it is at the end of the steps: a decision that is made meanwhile starts them again. */
export function* drawAudit(project: Project, wanted: Pick<AuditDesign, 'size' | 'width' | 'seed'>): Steps<AuditDesign> {
  const { catalogue, predictions, suspects } = project
  const { size, width, seed } = wanted
  const { n, k, ids, genres, labels, lastBatch } = catalogue
  const isGiven = (row: number) => (column: number) => labels[row * k + column] === 1
  const suspicion = suspects || predictions ? new Float64Array(n) : null
  for (let row = 0; suspicion && row < n; row++) {
    suspicion[row] = (suspects ? suspects.movie(row) : 1 - (predictions?.score[row] ?? 1)) || 0
    if (row % ROWS === 0) yield
  }
  const most = Math.max(size, Math.min(MAX_AUDITED, Math.floor(MAX_CELLS / Math.max(1, k))))
  const { stratum, sizes, order } = drawSample(n, suspicion, most, seed)
  const wrong = (row: number): number[] => genres.map((_, column) => Math.round((suspects?.wrong(row, column) ?? 0) / WRONG_UNIT))
  const sums: Float64Array[] = sizes.map(() => new Float64Array())
  for (let row = 0; suspects && row < n; row++) {
    const probabilities = wrong(row).map((units) => units * WRONG_UNIT)
    const of = quantitiesOf(probabilities, isGiven(row))
    const sum = sums[stratum[row]!]!
    sums[stratum[row]!] = of.map((value, i) => value + (sum[i] ?? 0))
    if (row % ROWS === 0) yield
  }
  if (catalogue.lastBatch !== lastBatch) return yield* drawAudit(project, wanted)
  return {
    at: new Date().toISOString(),
    seed,
    lastBatch,
    basis: suspects ? 'suspects' : predictions ? 'run' : 'none',
    size,
    width,
    genres: genres.map(({ id }) => id),
    strata: sizes.map((movies, h) => ({ movies, sums: [...sums[h]!] })),
    draws: Array.from(order, (row) => ({
      movie: ids[row]!,
      stratum: stratum[row]!,
      labels: genres.filter((_, column) => isGiven(row)(column)).map(({ id }) => id),
      wrong: suspects ? wrong(row) : null,
    })),
  }
}

const figuresOf = (store: Store, design: AuditDesign): Figures | null => {
  const names = new Map(store.movies.genres().map(({ id, name }) => [id, name]))
  return auditFigures(
    design,
    store.meta.get('auditAnswers') ?? {},
    design.genres.map((id) => names.get(id) ?? ''),
  )
}

/** The progress of the project's audit; null if there is none. */
export function auditState(store: Store): AuditState | null {
  const design = store.meta.get('audit')
  return design && stateOf(store, design, design.width === null ? null : figuresOf(store, design))
}

function stateOf(store: Store, design: AuditDesign, figures: Figures | null): AuditState {
  const { at, seed, basis, size, width } = design
  const [answered, limit] = [answeredOf(design, store.meta.get('auditAnswers') ?? {}), limitOf(design)]
  const more = figures?.more ?? null
  return { at, seed, basis, size, width, answered, limit, more, finished: answered >= limit || more === 0 }
}

/** The result of the project's audit; null if there is none, or too few movies are labelled. */
export function auditResult({ store, catalogue }: Pick<Project, 'store' | 'catalogue'>): AuditResult | null {
  const design = store.meta.get('audit')
  const figures = design && figuresOf(store, design)
  if (!figures) return null
  const rows = reviewedOutside(catalogue, design)
  const reviewed = { movies: rows.length, corrected: rows.filter((row) => isCorrected(catalogue, row)).length }
  return { ...stateOf(store, design, figures), ...figures.rates(), reviewed }
}

/** Rows that were reviewed, without those of the audit's sample. */
export function reviewedOutside({ n, ids, marks }: Catalogue, audit: AuditDesign | null): number[] {
  const sample = new Set(audit?.draws.slice(0, limitOf(audit)).map(({ movie }) => movie))
  return Array.from({ length: n }, (_, row) => row).filter((row) => marks.reviewed[row] === 1 && !sample.has(ids[row]!))
}
/** True if a label of the movie is not that of the source. */
export const isCorrected = ({ k, labels, source }: Catalogue, row: number): boolean =>
  labels.subarray(row * k, (row + 1) * k).some((label, column) => label !== source[row * k + column])
