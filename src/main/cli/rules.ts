import { CLEAN_RULES, type CleanRuleId } from '../../contract/importing.ts'
import { UserError } from '../../contract/errors.ts'

/** Names of rules as switches. Throws `no-rule`. */
export function switches(on: readonly string[], off: readonly string[]): Partial<Record<CleanRuleId, boolean>> {
  const unknown = [...on, ...off].find((r) => !(CLEAN_RULES as readonly string[]).includes(r))
  if (unknown !== undefined)
    throw new UserError('no-rule', `There is no cleaning rule "${unknown}": the rules are ${CLEAN_RULES.join(', ')}.`)
  return Object.fromEntries([...on.map((r) => [r, true]), ...off.map((r) => [r, false])]) as Partial<Record<CleanRuleId, boolean>>
}
