/**
 * In how many passes over the movies a rule set runs. A rule that needs statistics gathers them in one pass and decides in a
 * later one; whatever depends on what it decides waits with it. What does not (a genre's name says nothing about the
 * plots) goes on, so that most rule sets read the plots once.
 */
import type { CleanRuleSet, CleanStep, RuleId } from '../../../contract/cleaning.ts'
import { ruleOf } from './rule-set.ts'
import { Params, type Field, type Rule, type Worker } from './rule.ts'

export interface PlannedStep {
  /** Place in the rule set, from 0. */
  readonly index: number
  readonly step: CleanStep
  readonly rule: Rule
  readonly worker: Worker
  /** The pass in which it sees every movie before it decides; null where it needs none. */
  readonly gathersIn: number | null
  /** The first pass in which it decides. */
  readonly appliesIn: number
}
export interface Plan {
  /** Steps that run; one that is off and costly is left out. */
  readonly steps: readonly PlannedStep[]
  /** For each pass, whether plots or columns are read; a pass that needs the genres alone runs from memory. */
  readonly passes: readonly { readonly reads: boolean }[]
}

/** Fields that a pass has to read movies for. */
const READ: readonly Field[] = ['plot', 'column']

/** @param tried whether a rule that is off is counted all the same */
export async function planned(ruleSet: CleanRuleSet, tried: (rule: RuleId) => boolean): Promise<Plan> {
  /** From which pass on a field, or who is still in, is as the steps so far leave it. */
  const ready = { 'plot': 0, 'genres': 0, 'some-genre': 0, 'column': 0, 'who': 0 } // prettier-ignore
  const steps: PlannedStep[] = []
  for (const [index, step] of ruleSet.entries()) {
    const rule = ruleOf(step.rule)
    if (!step.on && !tried(step.rule)) continue
    const from = Math.max(ready.who, ...rule.reads.map((field) => ready[field]))
    const appliesIn = from + (rule.statistical ? 1 : 0)
    const worker = await rule.start(new Params(rule.spec, step))
    steps.push({ index, step, rule, worker, gathersIn: rule.statistical ? from : null, appliesIn })
    if (!step.on) continue
    for (const field of rule.writes) ready[field] = Math.max(ready[field], appliesIn)
    if (rule.spec.effect === 'removes') ready.who = appliesIn
  }
  const last = Math.max(0, ...steps.map((s) => s.appliesIn))
  const passes = Array.from({ length: last + 1 }, (_, pass) => ({
    // the first one also meets every movie for the first time
    reads: pass === 0 || steps.some((s) => isNew(s, pass) && s.rule.reads.some((field) => READ.includes(field))),
  }))
  return { steps, passes }
}

/** Whether a pass is there for this step. */
export const isNew = (s: PlannedStep, pass: number): boolean => s.appliesIn === pass || s.gathersIn === pass
