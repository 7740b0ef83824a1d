/** Cleaning: a list of reversible rules, as it crosses process boundaries and as it is saved and shared. */
import { method, nothing, type, type JobStarted } from './method.ts'
import { z } from 'zod'

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
/** One parameter of a rule, so that a form can be drawn for it. */
export interface ParamSpec {
  readonly name: string
  readonly label: string
  /** What it does, with its unit. */
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
  /** Takes long: where it is off, it is counted only in catalogues below 100,000 movies, or when asked for. */
  readonly costly: boolean
}

const paramValue = z.union([
  z.number(),
  z.string().max(10_000),
  z.boolean(),
  z.array(z.string().max(500)).max(5000),
  z.record(z.string().max(500), z.array(z.string().max(500)).max(20)),
])
/** One line of the list. A rule may stand in it several times (two column filters). */
export const CLEAN_STEP = z.strictObject({
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
export type RuleSetFile = z.output<typeof RULE_SET_FILE>
/** Rules to switch on or off, whatever the rule set says: every step of the rule. */
export const CLEAN_SWITCHES = z.partialRecord(z.enum(RULE_IDS), z.boolean())
export type CleanSwitches = z.output<typeof CLEAN_SWITCHES>
export const RULE_SET_NAME = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._+()-]*$/u, 'letters, digits, spaces and . _ + ( ) - only')

/** What a form needs to show any rule set. */
export interface RuleBook {
  /** In the order of the default rule set. */
  readonly rules: readonly RuleSpec[]
  /** What an import does when it is told nothing. */
  readonly ruleSet: CleanRuleSet
  /** Original columns of the open project, for parameters of kind `column`; empty while none is open. */
  readonly columns: readonly string[]
}
export interface SavedRuleSet {
  readonly name: string
  readonly modifiedAt: string
  readonly steps: CleanRuleSet
}
/** What the genre rules of a rule set that are on would make of the source's genres, whatever happens to the movies' plots. */
export interface GenrePreview {
  /** Movies of the source. */
  readonly movies: number
  /** Movies whose genres differ afterwards, and those with a genre that are left without one. */
  readonly changed: number
  readonly emptied: number
  /** As the source spells them, most frequent first; what each becomes (nothing: dropped). */
  readonly before: readonly { readonly name: string; readonly count: number; readonly becomes: readonly string[] }[]
  /** Names afterwards, most frequent first, and what they come from. */
  readonly after: readonly { readonly name: string; readonly count: number; readonly from: readonly string[] }[]
}

export interface CleanStepReport extends CleanStep {
  readonly title: string
  readonly description: string
  readonly effect: 'removes' | 'changes'
  /** False where a costly rule that is off was not tried; its `count` is 0 then. */
  readonly counted: boolean
  /** Movies that reach this step, those that it applies to (or would, where it is off), and those that go on to the next. */
  readonly rowsIn: number
  readonly count: number
  readonly rowsOut: number
  /** `key` and `title` of a movie; what the rule changes in it or why it goes. */
  readonly examples: readonly { readonly key: string; readonly title: string; readonly before: string; readonly after: string }[]
  /** Of duplicates: groups whose labels disagree, the first ones. */
  readonly conflicts: readonly {
    readonly similarity: number
    readonly movies: readonly { readonly movie: number; readonly key: string; readonly title: string; readonly genres: readonly string[] }[]
  }[]
  /** Of duplicates: how many groups there are, and how many disagree. */
  readonly groups: number
  readonly conflicting: number
}
/** What cleaning did, step by step; the steps' rows form the waterfall. */
export interface CleaningReport {
  readonly movies: number
  readonly kept: number
  readonly steps: readonly CleanStepReport[]
}

/** Cleaning. */
export const CLEANING_METHODS = {
  /** Every cleaning rule with its parameters, and the default rule set. */
  'clean.rules': method({ args: nothing, result: type<RuleBook>(), scope: 'project' }),
  /** The rule set in force. */
  'clean.ruleSet': method({ args: nothing, result: type<CleanRuleSet>(), scope: 'project' }),
  'clean.report': method({ args: nothing, result: type<CleaningReport>(), scope: 'project' }),
  /** Cleans anew with a rule set (null: the one in force), after switching rules of it on or off; a job. */
  'clean.set': method({
    args: z.strictObject({ ruleSet: CLEAN_RULE_SET.nullable().default(null), switches: CLEAN_SWITCHES.default({}) }),
    result: type<JobStarted>(),
    scope: 'project',
  }),
  /** What `clean.set` would report; nothing is written. A job of kind `preview` that can be cancelled; this answers when it ends. */
  'clean.preview': method({
    args: z.strictObject({
      ruleSet: CLEAN_RULE_SET,
      /** Costly rules to count even where they are off. */
      count: z.array(z.enum(RULE_IDS)).max(RULE_IDS.length).default([]),
    }),
    result: type<CleaningReport>(),
    scope: 'project',
  }),
  /** What the genre rules of a rule set would do; at once. */
  'clean.genres': method({ args: z.strictObject({ ruleSet: CLEAN_RULE_SET }), result: type<GenrePreview>(), scope: 'project' }),
  /** Rule sets that were saved under a name, for every project. */
  'clean.saved': method({ args: nothing, result: type<readonly SavedRuleSet[]>(), scope: 'app' }),
  /** Saves a rule set under a name, in place of one of that name. The answer's `text` is the rule set file, for sharing. */
  'clean.save': method({
    args: z.strictObject({ name: RULE_SET_NAME, ruleSet: CLEAN_RULE_SET }),
    result: type<{ readonly path: string; readonly text: string; readonly file: RuleSetFile }>(),
    scope: 'app',
  }),
  /** A saved rule set by its name, or one from the text of a rule set file; checked and completed. */
  'clean.load': method({
    args: z.union([z.strictObject({ name: RULE_SET_NAME }), z.strictObject({ text: z.string().max(1 << 20) })]),
    result: type<CleanRuleSet>(),
    scope: 'app',
  }),
  'clean.delete': method({ args: z.strictObject({ name: RULE_SET_NAME }), result: type<null>(), scope: 'app' }),
}
