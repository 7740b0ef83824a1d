/**
 * Plans the passes over the movies in which a rule set runs. A rule that needs statistics gathers them in one pass and decides in a
 * later one; rules that depend on its decisions wait for it. Rules that do not (a plot rule does not depend on
 * genre names) go on, so that most rule sets read the plots once.
 */
import type { CleanRuleSet, CleanStep, RuleId } from '../../../contract/cleaning.ts'
import { ruleOf } from './rule-set.ts'
import { Params, type Field, type Rule, type RuleInstance } from './rule.ts'

export interface PlannedStep {
  /** Index in the rule set, from 0. */
  readonly index: number
  readonly step: CleanStep
  readonly rule: Rule
  readonly instance: RuleInstance
  /** The pass in which it sees every movie before it decides; null if it needs none. */
  readonly gathersIn: number | null
  /** The first pass in which it decides. */
  readonly appliesIn: number
}
export interface Plan {
  /** Steps that run; one that is off and costly is left out. */
  readonly steps: readonly PlannedStep[]
  /** For each pass, true if it reads plots or columns; a pass that needs the genres alone runs from memory. */
  readonly passes: readonly { readonly reads: boolean }[]
}

/** Fields for which a pass must read movies. */
const READ: readonly Field[] = ['plot', 'column']

/**
 * Plans the passes of a rule set.
 * @param tried true if a rule is counted although it is off
 */
export async function planned(ruleSet: CleanRuleSet, tried: (rule: RuleId) => boolean): Promise<Plan> {
  /** The pass from which on a field, or the set of kept movies (`kept`), is as the steps so far leave it. */
  const ready = { 'plot': 0, 'genres': 0, 'some-genre': 0, 'column': 0, 'kept': 0 } // prettier-ignore
  const steps: PlannedStep[] = []
  for (const [index, step] of ruleSet.entries()) {
    const rule = ruleOf(step.rule)
    if (!step.on && !tried(step.rule)) continue
    const from = Math.max(ready.kept, ...rule.reads.map((field) => ready[field]))
    const appliesIn = from + (rule.statistical ? 1 : 0)
    const instance = await rule.start(new Params(rule.spec, step))
    steps.push({ index, step, rule, instance, gathersIn: rule.statistical ? from : null, appliesIn })
    if (!step.on) continue
    for (const field of rule.writes) ready[field] = Math.max(ready[field], appliesIn)
    if (rule.spec.effect === 'removes') ready.kept = appliesIn
  }
  const last = Math.max(0, ...steps.map((s) => s.appliesIn))
  const passes = Array.from({ length: last + 1 }, (_, pass) => ({
    // the first pass also registers every movie
    reads: pass === 0 || steps.some((s) => isNew(s, pass) && s.rule.reads.some((field) => READ.includes(field))),
  }))
  return { steps, passes }
}

/** True if this pass exists for this step. */
export const isNew = (s: PlannedStep, pass: number): boolean => s.appliesIn === pass || s.gathersIn === pass
