import { InvalidArgumentError, Option, type Command } from 'commander'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  RULE_IDS,
  ruleSetText,
  type CleaningReport,
  type CleanRuleSet,
  type CleanStep,
  type ParamSpec,
  type ParamValue,
  type RuleId,
  type RuleSpec,
} from '../../contract/cleaning.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { repeatable, readRuleSetFile, ruleNamed } from './arguments.ts'
import { cleanText } from './print.ts'
import { finish, onProject, projectVerb } from './with-engine.ts'

interface Setting {
  readonly rule: string
  readonly param: string
  readonly value: string
}
interface Options {
  readonly on: string[]
  readonly off: string[]
  readonly set: Setting[]
  readonly move: { readonly rule: string; readonly position: number }[]
  readonly ruleSet?: string
  readonly save?: string
  readonly count: string[]
  readonly examples?: boolean
  readonly preview?: boolean
  readonly json?: boolean
}

/** `clean`: shows what each rule of the current cleaning did, previews other rule sets, and applies them. */
export function cleanVerb(program: Command): void {
  projectVerb(program, 'clean', 'show the cleaning step by step, or apply another rule set')
    .addOption(repeatable('--on <rule>', 'switch a rule on'))
    .addOption(repeatable('--off <rule>', 'switch a rule off'))
    .addOption(
      new Option(
        '--set <rule.param=value>',
        'set a parameter, such as near-duplicate.similarity=0.9; lists are separated by commas; repeatable',
      )
        .argParser(setting)
        .default([], 'none'),
    )
    .addOption(
      new Option('--move <rule=position>', 'move a rule to a position of the list, from 1; repeatable').argParser(move).default([], 'none'),
    )
    .option('--rule-set <file>', 'use the rule set in this file')
    .option('--save <file>', 'write the rule set to a file, for use in other projects')
    .addOption(repeatable('--count <rule>', 'count a costly rule that is off (with --preview)'))
    .option('--preview', 'show the result without applying it')
    .option('--examples', 'show examples and movies with conflicting labels')
    .action(onProject(run))
}

async function run(engine: Engine, o: Options): Promise<void> {
  const before = await engine.call('clean.ruleSet', {})
  const { rules } = await engine.call('clean.rules', {})
  const ruleSet = edited(o.ruleSet === undefined ? before : await readRuleSetFile(engine, o.ruleSet), rules, o)
  const changed = JSON.stringify(ruleSet) !== JSON.stringify(before)
  const report = await reportOf(engine, ruleSet, changed, o)
  if (o.save !== undefined) writeFileSync(resolve(o.save), ruleSetText(ruleSet))
  printResult(o, report, () => [cleanText(report), ...(o.examples ? report.steps.map(exampleText) : [])].filter((t) => t !== '').join('\n'))
}

async function reportOf(engine: Engine, ruleSet: CleanRuleSet, changed: boolean, o: Options): Promise<CleaningReport> {
  if (o.preview) return engine.call('clean.preview', { ruleSet: [...ruleSet], count: o.count.map(ruleNamed) })
  if (changed) await finish(engine, () => engine.call('clean.set', { ruleSet: [...ruleSet] }), o)
  return engine.call('clean.report', {})
}

/** Applies the options to a rule set: switches, then parameters, then places. */
function edited(ruleSet: CleanRuleSet, rules: readonly RuleSpec[], o: Pick<Options, 'on' | 'off' | 'set' | 'move'>): CleanRuleSet {
  let steps = [...ruleSet]
  const paramsOf = (rule: RuleId): readonly ParamSpec[] => rules.find((spec) => spec.rule === rule)?.params ?? []
  const change = (rule: RuleId, by: (step: CleanStep) => CleanStep): void => {
    if (!steps.some((step) => step.rule === rule)) steps.push(newStep(rule, paramsOf(rule)))
    steps = steps.map((step) => (step.rule === rule ? by(step) : step))
  }
  for (const rule of o.on.map(ruleNamed)) change(rule, (step) => ({ ...step, on: true }))
  for (const rule of o.off.map(ruleNamed)) change(rule, (step) => ({ ...step, on: false }))
  for (const { rule, param, value } of o.set) {
    const id = ruleNamed(rule)
    const parsed = valueOf(
      paramsOf(id).find((p) => p.name === param),
      value,
    )
    change(id, (step) => ({ ...step, params: { ...step.params, [param]: parsed as CleanStep['params'][string] } }))
  }
  for (const { rule, position } of o.move) {
    const id = ruleNamed(rule)
    const moved = steps.filter((step) => step.rule === id)
    const rest = steps.filter((step) => step.rule !== id)
    steps = [...rest.slice(0, position - 1), ...moved, ...rest.slice(position - 1)]
  }
  return steps
}
const newStep = (rule: RuleId, params: readonly ParamSpec[]): CleanStep => ({
  rule,
  on: false,
  params: Object.fromEntries(params.map((p) => [p.name, p.value])) as CleanStep['params'],
})

/** Converts the text of an option to the parameter's type; the engine refuses a value that does not fit. */
function valueOf(spec: ParamSpec | undefined, text: string): ParamValue {
  const list = (): string[] => text.split(',').map((x) => x.trim()) // prettier-ignore
  const readers: Partial<Record<ParamSpec['kind'], () => ParamValue>> = {
    integer: () => Number(text),
    number: () => Number(text),
    switch: () => text === 'true' || text === 'on' || (text !== 'false' && text !== 'off' ? text : false),
    choices: () => (text === '' ? [] : list()),
    genres: () => table(text),
  }
  return readers[spec?.kind ?? 'text']?.() ?? text
}

/** Reads a genre table from JSON: `{"Sci-Fi": ["Science Fiction"]}`. */
function table(text: string): ParamValue {
  try {
    return JSON.parse(text) as ParamValue
  } catch {
    return text
  }
}

function setting(text: string, before: Setting[]): Setting[] {
  const { rule, param, value } = /^(?<rule>[a-z-]+)\.(?<param>\w+)=(?<value>.*)$/s.exec(text)?.groups ?? {}
  if (rule === undefined || param === undefined) throw new InvalidArgumentError('write RULE.PARAM=VALUE, such as too-short.shortest=10')
  return [...before, { rule, param, value: value ?? '' }]
}
function move(text: string, before: Options['move']): Options['move'] {
  const { rule, position } = /^(?<rule>[a-z-]+)=(?<position>[1-9]\d*)$/.exec(text)?.groups ?? {}
  if (rule === undefined) throw new InvalidArgumentError(`write RULE=POSITION, with a rule of ${RULE_IDS.join(', ')} and a position from 1`)
  return [...before, { rule, position: Number(position) }]
}

function exampleText({ rule, examples, conflicts }: CleaningReport['steps'][number]): string {
  if (examples.length === 0) return ''
  const shown = examples.map((e) => `  ${e.key} ${e.title}\n    - ${e.before}\n    + ${e.after}`)
  const groups = conflicts.map(
    (c) => `  conflicting labels: ${c.movies.map((m) => `${m.key} ${m.title} (${m.genres.join(', ')})`).join(' | ')}`,
  )
  return [`\n${rule}`, ...shown, ...groups].join('\n')
}
