/** Rule sets: the rules that run, in order, with their parameters. */
import {
  RULE_SET_FILE,
  type CleanRuleSet,
  type CleanStep,
  type CleanSwitches,
  type ParamSpec,
  type ParamValue,
  type RuleId,
} from '../../../contract/cleaning.ts'
import { schemaProblems, UserError } from '../../../contract/errors.ts'
import { required } from '../../../contract/required.ts'
import type { Rule } from './rule.ts'
import { DUPLICATE_RULES } from './rules-duplicates.ts'
import { GENRE_RULES } from './rules-genres.ts'
import { REMOVAL_RULES } from './rules-removal.ts'
import { TEXT_RULES } from './rules-text.ts'

const rules: ReadonlyMap<RuleId, Rule> = new Map(
  [...TEXT_RULES, ...REMOVAL_RULES, ...GENRE_RULES, ...DUPLICATE_RULES].map((rule) => [rule.spec.rule, rule]),
)
export const ruleOf = (id: RuleId): Rule => required(rules.get(id), `the rule ${id}`)

/** The default order: characters first, then texts, genres, and whole movies. True: on. */
const DEFAULTS: readonly (readonly [RuleId, boolean])[] = [
  ['mojibake', false],
  ['html', true],
  ['control-characters', true],
  ['unicode', false],
  ['whitespace', true],
  ['truncated', true],
  ['placeholder', true],
  ['boilerplate', false],
  ['genre-table', false],
  ['genre-alias', true],
  ['rare-genres', false],
  ['missing', true],
  ['column-filter', false],
  ['too-short', false],
  ['too-long', false],
  ['gibberish', false],
  ['language', false],
  ['exact-duplicate', true],
  ['near-duplicate', false],
]
/** Every rule, in the order of the default rule set. */
export const RULES: readonly Rule[] = DEFAULTS.map(([id]) => ruleOf(id))

/** A step with the rule's own parameters. */
export function newStep(rule: RuleId, on: boolean): CleanStep {
  return { rule, on, params: Object.fromEntries(ruleOf(rule).spec.params.map((p) => [p.name, p.value])) as CleanStep['params'] }
}
export const DEFAULT_RULE_SET: CleanRuleSet = DEFAULTS.map(([rule, on]) => newStep(rule, on))

/** The rule set with every step of a rule switched; a rule that it does not have is added at its end. */
export function withSwitches(ruleSet: CleanRuleSet, switches: CleanSwitches): CleanRuleSet {
  const added = Object.keys(switches).filter((rule) => switches[rule as RuleId] && !ruleSet.some((step) => step.rule === rule)) as RuleId[]
  return [...ruleSet.map((step) => ({ ...step, on: switches[step.rule] ?? step.on })), ...added.map((rule) => newStep(rule, true))]
}

/** The rule set with a genre table that gives these ids names: the empty one that it has, or else one before all other steps. */
export function withGenreNames(ruleSet: CleanRuleSet, names: ReadonlyMap<string, string>): CleanRuleSet {
  const table = Object.fromEntries(Array.from(names, ([id, name]) => [id, [name]]))
  const step: CleanStep = { rule: 'genre-table', on: true, params: { table } }
  const empty = ruleSet.findIndex(({ rule, params }) => rule === 'genre-table' && Object.keys(params['table'] ?? {}).length === 0)
  return empty < 0 ? [step, ...ruleSet] : ruleSet.with(empty, step)
}

/**
 * The rule set with every parameter of every step.
 * @throws UserError `bad-rule-set` for a parameter that a rule does not have or a value that it cannot take
 */
export function checkedRuleSet(ruleSet: CleanRuleSet): CleanRuleSet {
  return ruleSet.map((step, i) => {
    const { spec } = ruleOf(step.rule)
    const where = `Step ${i + 1} (${spec.title})`
    for (const [name, value] of Object.entries(step.params)) {
      const param = spec.params.find((p) => p.name === name)
      if (!param) throw new UserError('bad-rule-set', `${where} has no parameter "${name}"${knownParams(spec.params)}`)
      const problem = problemOf(param, value)
      if (problem !== null) throw new UserError('bad-rule-set', `${where}: "${param.name}" ${problem}.`)
    }
    const complete = { ...step, params: { ...newStep(step.rule, step.on).params, ...step.params } }
    if (step.on && step.rule === 'column-filter' && complete.params['column'] === '')
      throw new UserError('bad-rule-set', `${where}: choose the column that it looks at, or switch it off.`)
    return complete
  })
}
const knownParams = (params: readonly ParamSpec[]): string =>
  params.length === 0 ? ': it has none.' : `: it has ${params.map((p) => p.name).join(', ')}.`

/** The problem of a value; null if there is none. */
function problemOf(p: ParamSpec, value: ParamValue): string | null {
  const among = (v: ParamValue): boolean => !p.choices || p.choices.includes(v as string)
  const checks: Readonly<Record<ParamSpec['kind'], () => string | null>> = {
    integer: () => (Number.isInteger(value) ? range(p, value as number) : 'must be a whole number'),
    number: () => (typeof value === 'number' ? range(p, value) : 'must be a number'),
    text: () => (typeof value === 'string' ? null : 'must be a text'),
    column: () => (typeof value === 'string' ? null : 'must be the name of a column'),
    switch: () => (typeof value === 'boolean' ? null : 'must be true or false'),
    choice: () => (typeof value === 'string' && among(value) ? null : `must be one of ${p.choices?.join(', ')}`),
    choices: () => {
      if (!Array.isArray(value)) return 'must be a list'
      const odd = (value as readonly string[]).find((v) => !among(v))
      return odd === undefined ? null : `has "${odd}", which is none of ${p.choices?.join(', ')}`
    },
    genres: () => (typeof value === 'object' && !Array.isArray(value) ? null : 'must be a table of genres and what they become'),
  }
  return checks[p.kind]()
}
function range({ min = -Infinity, max = Infinity }: ParamSpec, value: number): string | null {
  return value >= min && value <= max ? null : `must lie between ${min} and ${max}, and is ${value}`
}

/** The rule set in the text of a file, checked. @throws UserError `bad-rule-set` */
export function readRuleSet(text: string, name: string): CleanRuleSet {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new UserError('bad-rule-set', `${name} is not a rule set: it is not JSON. Choose a file that was saved as a cleaning rule set.`)
  }
  const parsed = RULE_SET_FILE.safeParse(json)
  if (parsed.success) return checkedRuleSet(parsed.data.steps)
  throw new UserError('bad-rule-set', `${name} is not a rule set that this version can read (${schemaProblems(parsed.error, 'the file')}).`)
}
