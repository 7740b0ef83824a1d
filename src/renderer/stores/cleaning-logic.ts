/** The list of cleaning rules while it is edited, without state. */
import type {
  CleaningReport,
  CleanRuleSet,
  CleanStep,
  CleanStepReport,
  ParamSpec,
  ParamValue,
  RuleSetFile,
  RuleId,
  RuleSpec,
} from '../../contract/cleaning.ts'
import { m } from '../messages/index.ts'

/** A step of the list on screen; `id` stays the same while the list is edited. */
export interface EditedStep extends CleanStep {
  readonly id: number
}
/** What a list of steps does; `steps`: by the id of the step on screen. */
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
/** Rules that make sense several times, each with parameters of its own. */
const REPEATABLE: readonly RuleId[] = ['column-filter']
export const isRepeatable = (rule: RuleId): boolean => REPEATABLE.includes(rule)

export const ruleSetOf = (steps: readonly EditedStep[]): CleanRuleSet => steps.map(({ rule, on, params }) => ({ rule, on, params }))
/** Equal rule sets have equal text. */
export const ruleSetKey = (ruleSet: CleanRuleSet): string =>
  JSON.stringify(ruleSet.map(({ rule, on, params }) => [rule, on, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))]))
/** The list with the step `id` moved `by` places; as it was where there is no room. */
export function moved(steps: readonly EditedStep[], id: number, by: number): readonly EditedStep[] {
  const from = steps.findIndex((s) => s.id === id)
  const to = from + by
  const step = steps[from]
  if (!step || to < 0 || to >= steps.length) return steps
  return steps.toSpliced(from, 1).toSpliced(to, 0, step)
}
/** Ids for the steps of a rule set: those of the steps on screen with the same rule, in order, so that lines stay what they are. */
export function idsFor(ruleSet: CleanRuleSet, steps: readonly EditedStep[], next: () => number): readonly number[] {
  const left = [...steps]
  return ruleSet.map(({ rule }) => {
    const at = left.findIndex((s) => s.rule === rule)
    return at < 0 ? next() : (left.splice(at, 1)[0]?.id ?? next())
  })
}
/** What can be added: rules that the list lacks, and those that may stand in it twice. */
export const addable = (specs: readonly RuleSpec[], steps: readonly EditedStep[]): readonly RuleSpec[] =>
  specs.filter((spec) => isRepeatable(spec.rule) || !steps.some((s) => s.rule === spec.rule))

/** A parameter's value in force: the step's own, else the rule's. */
export const valueOf = (step: CleanStep, spec: ParamSpec): ParamValue => step.params[spec.name] ?? spec.value

/** A rule's title; of a rule that may be in the list several times, with its first parameter. */
export function stepTitle(step: CleanStep, spec: RuleSpec | undefined): string {
  if (!spec) return step.rule
  const [first] = spec.params
  const own = isRepeatable(step.rule) && first ? valueOf(step, first) : ''
  return (typeof own === 'string' || typeof own === 'number') && own !== '' ? `${spec.title}: ${own}` : spec.title
}
/** What a step did to the movies, or would do if it were on. */
export function effectInWords({ on, effect, count }: CleanStepReport): string {
  if (!on) return m.clean.rule.wouldAffect(count)
  if (count === 0) return m.clean.rule.noMovies
  return effect === 'removes' ? m.clean.rule.removed(count) : m.clean.rule.changed(count)
}
/** How many movies would stay with `then`, compared with `now`. */
export const differenceInWords = (now: CleaningReport, then: CleaningReport): string =>
  m.clean.bar.difference(then.kept, then.movies, then.kept - now.kept)

/** A rule set as the text of a file; `clean.load` reads it. */
export const ruleSetFile = (steps: CleanRuleSet): string =>
  `${JSON.stringify({ reelabel: 'cleaning rule set', version: 1, steps } satisfies { [K in keyof RuleSetFile]: Readonly<RuleSetFile[K]> }, null, 2)}\n`
