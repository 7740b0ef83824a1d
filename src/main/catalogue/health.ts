/** Estimates how many wrong labels are left and how many reviewing still finds, and keeps the history of these figures. */
import type { AuditResult, Interval } from '../../contract/audit.ts'
import type { Health, HealthRow, WrongEstimate } from '../../contract/suspects.ts'
import type { Store } from '../store/store.ts'
import { auditResult, auditState, isCorrected, reviewedOutside } from './audit.ts'
import type { Catalogue } from './catalogue.ts'
import type { Suspects } from './suspects.ts'

/** Number of last reviewed movies over which the yield is computed. */
const YIELD_MOVIES = 100
/** Entries of the history that are kept. */
const MAX_ROWS = 1000

interface Project {
  readonly store: Store
  readonly catalogue: Catalogue
  readonly suspects: Suspects | null
}

/** The health of a catalogue; null if suspects were never searched for. */
export function healthOf(project: Project): Health | null {
  const { store, catalogue, suspects } = project
  if (!suspects) return null
  const found = suspects.health()
  const audit = finishedAudit(project)
  const latest = reviewedOutside(catalogue, store.meta.get('audit'))
    .sort((a, b) => catalogue.lastTouch[b]! - catalogue.lastTouch[a]!)
    .slice(0, YIELD_MOVIES)
  return {
    ...found,
    left: audit ? leftAfter(audit, changedSince(store)) : { basis: 'search', expected: found.expected, low: found.low, high: found.high },
    recentYield: { looked: latest.length, corrected: latest.filter((row) => isCorrected(catalogue, row)).length },
    history: store.meta.get('health') ?? [],
  }
}

/** The result of a finished audit; null if cleaning or an update has changed the movies since. */
function finishedAudit(project: Pick<Project, 'store' | 'catalogue'>): AuditResult | null {
  const audit = auditState(project.store)?.finished ? auditResult(project) : null
  return audit?.population.movies === project.catalogue.n ? audit : null
}

/** Number of labels that differ from those when the audit was drawn. */
function changedSince(store: Store): number {
  const first = new Map<string, boolean>()
  const changed = new Set<string>()
  for (const { movie, genre, field, was, becomes } of store.changes.all(store.meta.get('audit')?.lastBatch)) {
    if (field !== 'label') continue
    const cell = `${movie} ${genre}`
    if (!first.has(cell)) first.set(cell, was === '1')
    if (first.get(cell) === (becomes === '1')) changed.delete(cell)
    else changed.add(cell)
  }
  return changed.size
}

/** The estimate of the audit minus the changed labels, each of which counts as a corrected error. */
function leftAfter({ cells: { rate, low, high }, population }: AuditResult, changed: number): WrongEstimate & { basis: 'audit' } {
  const left = (share: number): number => Math.max(0, share * population.cells - changed)
  return { basis: 'audit', expected: left(rate), low: left(low), high: left(high) }
}

/** Adds today's figures to the history. */
export function recordHealth(project: Project, from: HealthRow['from']): void {
  const { store, catalogue, suspects } = project
  const found = suspects?.health()
  const audit = finishedAudit(project)
  const only = ({ rate, low, high }: Interval): Interval => ({ rate, low, high })
  const row: HealthRow = {
    at: new Date().toISOString(),
    from,
    wrong: found ? { expected: found.expected, low: found.low, high: found.high } : null,
    labels: catalogue.labels.reduce((sum, label) => sum + label, 0),
    reviewed: catalogue.reviewedCount(),
    corrections: catalogue.corrections(),
    audit: audit && { movies: only(audit.movies), cells: only(audit.cells) },
  }
  store.transaction(() => store.meta.set('health', [...(store.meta.get('health') ?? []), row].slice(-MAX_ROWS)))
}
