/** How many wrong labels are left, what reviewing still finds, and how both have developed. */
import type { AuditResult, Interval } from '../../contract/audit.ts'
import type { Health, HealthRow, WrongEstimate } from '../../contract/suspects.ts'
import type { Store } from '../store/store.ts'
import { auditResult, auditState, isCorrected, reviewedOutside } from './audit.ts'
import type { Catalogue } from './catalogue.ts'
import type { Suspects } from './suspects.ts'

/** Movies over which the yield is taken. */
const LATELY = 100
/** Entries of the history that are kept. */
const MOST_ROWS = 1000

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
    .slice(0, LATELY)
  return {
    ...found,
    left: audit ? leftAfter(audit, changedSince(store)) : { basis: 'search', expected: found.expected, low: found.low, high: found.high },
    lately: { looked: latest.length, corrected: latest.filter((row) => isCorrected(catalogue, row)).length },
    history: store.meta.get('health') ?? [],
  }
}

/** Cleaning and updates change the movies: an audit of others says nothing about these. */
function finishedAudit(project: Pick<Project, 'store' | 'catalogue'>): AuditResult | null {
  const audit = auditState(project.store)?.finished ? auditResult(project) : null
  return audit?.population.movies === project.catalogue.n ? audit : null
}

/** Labels that are no longer as they were when the audit was drawn. */
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

/** Every change is taken to have put a wrong label right. */
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
  store.transaction(() => store.meta.set('health', [...(store.meta.get('health') ?? []), row].slice(-MOST_ROWS)))
}
