/** Cleaning: an ordered set of reversible rules, as it is sent between processes, saved and shared. */
import { z } from 'zod'
import { appMethod, projectMethod, type, type JobStarted } from './method.ts'

export const RULE_IDS = [
  'mojibake',
  'html',
  'control-characters',
  'unicode',
  'whitespace',
  'truncated',
  'boilerplate',
  'placeholder',
  'missing',
  'genre-table',
  'genre-alias',
  'rare-genres',
  'too-short',
  'too-long',
  'language',
  'gibberish',
  'column-filter',
  'exact-duplicate',
  'near-duplicate',
] as const
export type RuleId = (typeof RULE_IDS)[number]

export type ParamValue = number | string | boolean | readonly string[] | Readonly<Record<string, readonly string[]>>
/** Description of one parameter of a rule, from which the window builds a form. */
export interface ParamSpec {
  readonly name: string
  readonly label: string
  /** The effect, with its unit. */
  readonly help: string
  /** `genres`: genre name -> the names it becomes (none: dropped; several: split, or with a parent). */
  readonly kind: 'integer' | 'number' | 'text' | 'switch' | 'choice' | 'choices' | 'column' | 'genres'
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  readonly value: ParamValue
}
export interface RuleSpec {
  readonly rule: RuleId
  readonly title: string
  readonly description: string
  /** `removes`: movies leave the catalogue; `changes`: their plot or genres are rewritten. */
  readonly effect: 'removes' | 'changes'
  readonly params: readonly ParamSpec[]
  /** True for slow rules: while such a rule is off, it is counted only on request or in catalogues below 100,000 movies. */
  readonly costly: boolean
}

const paramValue = z.union([
  z.number(),
  z.string().max(10_000),
  z.boolean(),
  z.array(z.string().max(500)).max(5000),
  z.record(z.string().max(500), z.array(z.string().max(500)).max(20)),
])
/** One step of a rule set. A rule may occur in several steps (two column filters). */
const CLEAN_STEP = z.strictObject({
  rule: z.enum(RULE_IDS),
  on: z.boolean(),
  params: z.record(z.string().max(50), paramValue).default({}),
})
export const CLEAN_RULE_SET = z.array(CLEAN_STEP).max(60)
export type CleanStep = z.output<typeof CLEAN_STEP>
/** The rules in the order in which they run. */
export type CleanRuleSet = readonly CleanStep[]

/** A saved rule set: a JSON file of this shape. */
export const RULE_SET_FILE = z.strictObject({ reelabel: z.literal('cleaning rule set'), version: z.literal(1), steps: CLEAN_RULE_SET })
type RuleSetFile = z.output<typeof RULE_SET_FILE>
export const ruleSetFile = (steps: CleanRuleSet): RuleSetFile => ({ reelabel: 'cleaning rule set', version: 1, steps: [...steps] })
/** The text of a saved rule set; `clean.load` reads it. */
export const ruleSetText = (steps: CleanRuleSet): string => `${JSON.stringify(ruleSetFile(steps), null, 2)}\n`
/** Rules to switch on or off: overrides every step of the rule in the rule set. */
export const CLEAN_SWITCHES = z.partialRecord(z.enum(RULE_IDS), z.boolean())
export type CleanSwitches = z.output<typeof CLEAN_SWITCHES>
export const RULE_SET_NAME = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._+()-]*$/u, 'letters, digits, spaces and . _ + ( ) - only')

/** The description from which a form shows any rule set. */
export interface RuleBook {
  /** In the order of the default rule set. */
  readonly rules: readonly RuleSpec[]
  /** The default rule set. */
  readonly ruleSet: CleanRuleSet
  /** Original columns of the open project, for parameters of kind `column`; empty while none is open. */
  readonly columns: readonly string[]
}
export interface SavedRuleSet {
  readonly name: string
  readonly modifiedAt: string
  readonly steps: CleanRuleSet
}
/** Effect of the enabled genre rules on the source's genres, independent of the other rules. */
export interface GenrePreview {
  /** Movies of the source. */
  readonly movies: number
  /** Movies whose genres would change, and movies that would lose their last genre. */
  readonly changed: number
  readonly emptied: number
  /** Genres as the source spells them, most frequent first, and the names they become (none: dropped). */
  readonly before: readonly { readonly name: string; readonly count: number; readonly becomes: readonly string[] }[]
  /** Genres after cleaning, most frequent first, and the names they come from. */
  readonly after: readonly { readonly name: string; readonly count: number; readonly from: readonly string[] }[]
}

export interface CleanStepReport extends CleanStep {
  readonly title: string
  readonly description: string
  readonly effect: 'removes' | 'changes'
  /** False if a costly rule was off and not counted; `count` is 0 then. */
  readonly counted: boolean
  /** Movies before this step, movies that it applies to (or would if it were on), and movies after it. */
  readonly rowsIn: number
  readonly count: number
  readonly rowsOut: number
  /** `before` and `after`: the changed text, or the reason for removing the movie. */
  readonly examples: readonly { readonly key: string; readonly title: string; readonly before: string; readonly after: string }[]
  /** For the duplicate rules: the first groups whose labels disagree. */
  readonly conflicts: readonly {
    readonly similarity: number
    readonly movies: readonly { readonly movie: number; readonly key: string; readonly title: string; readonly genres: readonly string[] }[]
  }[]
  /** For the duplicate rules: number of groups, and number of groups whose labels disagree. */
  readonly groups: number
  readonly conflicting: number
}
/** Result of a cleaning, step by step. */
export interface CleaningReport {
  readonly movies: number
  readonly kept: number
  readonly steps: readonly CleanStepReport[]
}

/** Cleaning. */
export const CLEANING_METHODS = {
  /** Every cleaning rule with its parameters, and the default rule set. */
  'clean.rules': projectMethod({}, type<RuleBook>()),
  /** The current rule set. */
  'clean.ruleSet': projectMethod({}, type<CleanRuleSet>()),
  'clean.report': projectMethod({}, type<CleaningReport>()),
  /** Cleans the catalogue with a rule set (null: the current one) after switching rules on or off; a job. */
  'clean.set': projectMethod(
    { ruleSet: CLEAN_RULE_SET.nullable().default(null), switches: CLEAN_SWITCHES.default({}) },
    type<JobStarted>(),
  ),
  /** The report that `clean.set` would have, without writing anything. Runs as a job of kind `preview`, so that it can be cancelled. */
  'clean.preview': projectMethod(
    {
      ruleSet: CLEAN_RULE_SET,
      /** Costly rules to count even if they are off. */
      count: z.array(z.enum(RULE_IDS)).max(RULE_IDS.length).default([]),
    },
    type<CleaningReport>(),
  ),
  /** Effect of the genre rules of a rule set; returns at once. */
  'clean.genres': projectMethod({ ruleSet: CLEAN_RULE_SET }, type<GenrePreview>()),
  /** Saved rule sets, which are available in every project. */
  'clean.saved': appMethod({}, type<readonly SavedRuleSet[]>()),
  /** Saves a rule set, replacing one of the same name. */
  'clean.save': appMethod({ name: RULE_SET_NAME, ruleSet: CLEAN_RULE_SET }, type<{ readonly path: string }>()),
  /** Loads a rule set by its name or from the text of a rule set file; missing parameters get their defaults. */
  'clean.load': appMethod(
    z.union([z.strictObject({ name: RULE_SET_NAME }), z.strictObject({ text: z.string().max(1 << 20) })]),
    type<CleanRuleSet>(),
  ),
  'clean.delete': appMethod({ name: RULE_SET_NAME }, type<null>()),
}
