/** Functions for editing a rule set. */
import type {
  CleaningReport,
  CleanRuleSet,
  CleanStep,
  CleanStepReport,
  ParamSpec,
  ParamValue,
  RuleId,
  RuleSpec,
} from '../../contract/cleaning.ts'
import { m } from '../messages/index.ts'

/** A step of the list on screen; `id` stays the same while the list is edited. */
export interface EditedStep extends CleanStep {
  readonly id: number
}
/** Result of a list of steps. `steps`: by the id of the step on screen. */
export interface Figures {
  readonly report: CleaningReport
  readonly key: string
  readonly steps: ReadonlyMap<number, CleanStepReport>
}
export const figuresOf = (report: CleaningReport, key: string, ids: readonly number[]): Figures => ({
  report,
  key,
  steps: new Map(report.steps.map((s, i) => [ids[i] ?? 0, s])),
})
/** Rules that may occur several times, each with its own parameters. */
const REPEATABLE: readonly RuleId[] = ['column-filter']
const isRepeatable = (rule: RuleId): boolean => REPEATABLE.includes(rule)

export const ruleSetOf = (steps: readonly EditedStep[]): CleanRuleSet => steps.map(({ rule, on, params }) => ({ rule, on, params }))
/** A rule set as text, for comparison: equal rule sets have equal texts. */
export const ruleSetKey = (ruleSet: CleanRuleSet): string =>
  JSON.stringify(ruleSet.map(({ rule, on, params }) => [rule, on, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))]))
/** The list with the step `id` moved by `by` places, or unchanged if it would leave the list. */
export function moved(steps: readonly EditedStep[], id: number, by: number): readonly EditedStep[] {
  const from = steps.findIndex((s) => s.id === id)
  const to = from + by
  const step = steps[from]
  if (!step || to < 0 || to >= steps.length) return steps
  return steps.toSpliced(from, 1).toSpliced(to, 0, step)
}
/** Steps with ids: ids of steps on screen with the same rule are reused in order, so that their lines are not recreated. */
export function idsFor(ruleSet: CleanRuleSet, steps: readonly EditedStep[], next: () => number): readonly number[] {
  const left = [...steps]
  return ruleSet.map(({ rule }) => {
    const at = left.findIndex((s) => s.rule === rule)
    return at < 0 ? next() : (left.splice(at, 1)[0]?.id ?? next())
  })
}
/** Rules that can be added: those missing in the list, and those that may occur several times. */
export const addable = (specs: readonly RuleSpec[], steps: readonly EditedStep[]): readonly RuleSpec[] =>
  specs.filter((spec) => isRepeatable(spec.rule) || !steps.some((s) => s.rule === spec.rule))

/** Current value of a parameter: the step's, else the rule's default. */
export const valueOf = (step: CleanStep, spec: ParamSpec): ParamValue => step.params[spec.name] ?? spec.value

/** A rule's title, followed by the first parameter if the rule may occur several times. */
export function stepTitle(step: CleanStep, spec: RuleSpec | undefined): string {
  if (!spec) return step.rule
  const [first] = spec.params
  const own = isRepeatable(step.rule) && first ? valueOf(step, first) : ''
  return (typeof own === 'string' || typeof own === 'number') && own !== '' ? `${spec.title}: ${own}` : spec.title
}
/** Effect of a step on the movies, or the effect that it would have if it were on. */
export function effectInWords({ on, effect, count }: CleanStepReport): string {
  if (!on) return m.clean.rule.wouldAffect(count)
  if (count === 0) return m.clean.rule.noMovies
  return effect === 'removes' ? m.clean.rule.removed(count) : m.clean.rule.changed(count)
}
/** Difference in kept movies between two results. */
export const differenceInWords = (now: CleaningReport, then: CleaningReport): string =>
  m.clean.bar.difference(then.kept, then.movies, then.kept - now.kept)
