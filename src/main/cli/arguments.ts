import type { MetricsPart } from '../../contract/records.ts'
import { InvalidArgumentError, Option } from 'commander'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { LinearIn } from '../../contract/training.ts'
import { type Mapping, MAPPING_KEYS } from '../../contract/importing.ts'
import { readFileSync } from 'node:fs'
import { type CleanRuleSet, type CleanSwitches, type RuleId, RULE_IDS } from '../../contract/cleaning.ts'
import { UserError } from '../../contract/errors.ts'
import { SINGLE_QUEUE_NAMES, type Mix } from '../../contract/queues.ts'
import type { Engine } from '../engine.ts'

/** Replaces the minus of `-Drama` while options are parsed, because options begin with a minus, too. */
const MINUS = '\u2212'

/** Verbs with signed genres as arguments. */
const SIGNED = ['label', 'bulk']
/** Options of these verbs whose value may begin with a minus: `--note "-Not sure"`. */
const TAKES_TEXT = ['--note', '--why', '--text', '--where', '--impossible', '--keep', '--genre']

/** Prevents commander from reading -Drama or -drama as a group of one-letter options. */
export function signedGenres(argv: readonly string[]): string[] {
  if (!SIGNED.includes(argv[0] ?? '')) return [...argv]
  return argv.map((a, i) => (/^-[^-\s]{2}/.test(a) && !TAKES_TEXT.includes(argv[i - 1] ?? '') ? MINUS + a.slice(1) : a))
}

export interface SignedGenre {
  readonly name: string
  readonly add: boolean
}
/** Reads `+Horror` or `-Drama`. @throws InvalidArgumentError for a word without a sign */
export function signedGenre(word: string): SignedGenre {
  const sign = word[0] ?? ''
  if (!['+', '-', MINUS].includes(sign) || word.length < 2)
    throw new InvalidArgumentError(`"${word}" needs a sign: +${word} adds the genre, -${word} removes it`)
  return { name: word.slice(1), add: sign === '+' }
}

/** Collects `--map plot=Overview` pairs; `split=` says that there is no such column. */
export function mapPair(pair: string, before: Partial<Mapping>): Partial<Mapping> {
  const at = pair.indexOf('=')
  const key = pair.slice(0, at) as keyof Mapping
  if (at < 1 || !MAPPING_KEYS.includes(key))
    throw new InvalidArgumentError(`write ROLE=COLUMN with a role of ${MAPPING_KEYS.join(', ')}, such as plot=Overview`)
  return { ...before, [key]: pair.slice(at + 1) || null }
}

/** Declares an option that may be given several times. @param without says what is used without it */
export const repeatable = (flags: string, description: string, without = 'none'): Option =>
  new Option(flags, `${description}; repeatable`).argParser((value, before: string[]) => [...before, value]).default([], without)

/** The entries of a list that is separated by commas. */
export const list = (text: string): string[] => text.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '') // prettier-ignore

/** Reads `suspects=50,random=50`. @throws InvalidArgumentError */
export function mixOf(text: string): Mix {
  const parts = list(text).map((part) => part.split('='))
  const isShare = ([name = '', share = '', more]: string[]): boolean =>
    (SINGLE_QUEUE_NAMES as readonly string[]).includes(name) && /^\d+$/.test(share) && Number(share) >= 1 && Number(share) <= 100 && !more
  if (parts.length === 0 || !parts.every(isShare))
    throw new InvalidArgumentError(`write QUEUE=SHARE pairs, such as suspects=50,random=50; queues are ${SINGLE_QUEUE_NAMES.join(', ')}`)
  return Object.fromEntries(parts.map(([name, share]) => [name, Number(share)])) as Mix
}

/** An option with a fixed set of values; anything else is refused with the list. */
export const oneOf = (flags: string, description: string, choices: readonly string[], otherwise?: string): Option =>
  new Option(flags, description).choices(choices).default(otherwise)

/** The option of verbs that look at a run. */
export const run = (note = ''): Option => new Option('--run <id>', `${note}a run (default: the current one)`).argParser(wholeNumber)
/** The option of verbs that look at the predictions of a part. */
export const part = (otherwise: MetricsPart = 'oof', note = ''): Option =>
  oneOf('--part <part>', `${note}which movies`, ['oof', 'test', 'valid'] satisfies MetricsPart[], otherwise)

/** The option that all verbs share which list or change movies. */
export const where = (): Option =>
  new Option('--where <filter>', 'only movies that match, such as "genre:Horror p(Comedy)>0.4"').default('', 'all')

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is needed')
  return Number(text)
}
export function decimal(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('a number is needed')
  return value
}
export const threshold = (text: string): 'per-genre' | number => (text === 'per-genre' ? text : decimal(text))

/** Reads `2-5` or `none`, which stays a word because commander takes null for an empty option. */
export function charNgrams(text: string): NonNullable<LinearIn['charNgrams']> | 'none' {
  if (text === 'none') return text
  const match = /^(\d)-(\d)$/.exec(text)
  if (!match) throw new InvalidArgumentError('write two lengths such as 2-5, or none')
  return [Number(match[1]), Number(match[2])]
}

/** A folder that is a part of a word, such as that of `bert:~/model`: shells leave a tilde there alone. */
export const folderWithin = (path: string, home = homedir()): string => resolve(path.replace(/^~(?=[\\/]|$)/, () => home))

/** Finds a cleaning rule by its name. @throws UserError `no-rule` */
export function ruleNamed(name: string): RuleId {
  const rule = RULE_IDS.find((id) => id === name)
  if (!rule) throw new UserError('no-rule', `There is no cleaning rule "${name}": the rules are ${RULE_IDS.join(', ')}.`)
  return rule
}
/** Converts names of rules to switches. @throws UserError `no-rule` */
export function switches(on: readonly string[], off: readonly string[]): CleanSwitches {
  return Object.fromEntries([...on.map((r) => [ruleNamed(r), true]), ...off.map((r) => [ruleNamed(r), false])]) as CleanSwitches
}

/** The text of a file; `-`: of standard input. @throws UserError `no-file` */
export function textOf(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch {
    throw new UserError('no-file', `${path === '-' ? 'Standard input' : path} cannot be read: check the path.`)
  }
}

/** Reads and checks the rule set in a file. @throws UserError `no-rule-set`, `bad-rule-set` */
export async function readRuleSetFile(engine: Engine, path: string): Promise<CleanRuleSet> {
  let text: string
  try {
    text = readFileSync(resolve(path), 'utf8')
  } catch {
    throw new UserError('no-rule-set', `${path} cannot be read: check the path of the rule set.`)
  }
  return engine.call('clean.load', { text })
}
