import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CleanRuleSet, CleanSwitches, RuleId } from '../../contract/cleaning.ts'
import { RULE_IDS } from '../../contract/cleaning.ts'
import { UserError } from '../../contract/errors.ts'
import type { Engine } from '../engine.ts'

/** A cleaning rule by its name. Throws `no-rule`. */
export function ruleNamed(name: string): RuleId {
  const rule = RULE_IDS.find((id) => id === name)
  if (!rule) throw new UserError('no-rule', `There is no cleaning rule "${name}": the rules are ${RULE_IDS.join(', ')}.`)
  return rule
}
/** Names of rules as switches. Throws `no-rule`. */
export function switches(on: readonly string[], off: readonly string[]): CleanSwitches {
  return Object.fromEntries([...on.map((r) => [ruleNamed(r), true]), ...off.map((r) => [ruleNamed(r), false])]) as CleanSwitches
}

/** The rule set in a file, checked. Throws `no-rule-set`, `bad-rule-set`. */
export async function readRuleSetFile(engine: Engine, path: string): Promise<CleanRuleSet> {
  let text: string
  try {
    text = readFileSync(resolve(path), 'utf8')
  } catch {
    throw new UserError('no-rule-set', `${path} cannot be read: check the path of the rule set.`)
  }
  return engine.call('clean.load', { text })
}
