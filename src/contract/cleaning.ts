/** Cleaning: a list of reversible rules, as it crosses process boundaries and as it is saved and shared. */
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
  /** Takes long on a large catalogue: counted only where it is on, or asked for. */
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
export const CLEAN_RECIPE = z.array(CLEAN_STEP).max(60)
export type CleanStep = z.output<typeof CLEAN_STEP>
/** The rules in the order in which they run. */
export type CleanRecipe = readonly CleanStep[]

/** A saved recipe: a JSON file of this shape. */
export const RECIPE_FILE = z.strictObject({ reelabel: z.literal('cleaning recipe'), version: z.literal(1), steps: CLEAN_RECIPE })

export interface CleanStepReport extends CleanStep {
  readonly title: string
  readonly description: string
  readonly effect: 'removes' | 'changes'
  /** False where a costly rule that is off was not tried; its `count` is 0 then. */
  readonly counted: boolean
  /** Movies that reach this step, those it applies to, and those that leave it. */
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
