import type { CleanStep, RuleSpec } from '../../../contract/cleaning.ts'
import { isRepeatable, valueOf } from '../../stores/cleaning-logic.ts'

/** A rule's name; one that may stand in the list twice is told apart by its first parameters. */
export function stepTitle(step: CleanStep, spec: RuleSpec | undefined): string {
  if (!spec) return step.rule
  if (!isRepeatable(step.rule)) return spec.title
  const own = spec.params.slice(0, 1).map((p) => {
    const value = valueOf(step, p)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  })
  return own.some((v) => v !== '') ? `${spec.title}: ${own.join(' ')}` : spec.title
}
