import { AUDIT_ANSWERS, AUDIT_DESIGN, type AuditAnswers, type AuditDesign } from '../../contract/audit.ts'
import { CODEBOOK_VERSIONS, type CodebookVersion } from '../../contract/codebook.ts'
import type { Faithfulness } from '../../contract/error-analysis.ts'
import { ASSIGNMENTS, type Assignment } from '../../contract/people.ts'
import { RECIPE_REPORTS, type RecipeReport } from '../../contract/recipe-files.ts'
import { EXPLAIN_METHODS } from '../../contract/records.ts'
import type { Place, Slice } from '../../contract/review.ts'
import { HEALTH_HISTORY, type HealthRow } from '../../contract/suspects.ts'
import { z } from 'zod'
import type { Db } from './database.ts'
import { damagedValue, ID, storedJson } from './values.ts'

/** Single values of a project, such as the current cleaning and the current run. */
export interface MetaValues {
  sample: boolean
  format: string
  /** The current generation of cleaning. */
  cleaning: number
  currentRun: number
  /** The highest number of a run when one was deleted: numbers are not used again. */
  lastRun: number
  splitSeed: number
  place: Place
  keys: Readonly<Record<string, number>>
  /** The audit; its answers are apart, because they are written after each movie. */
  audit: AuditDesign
  auditAnswers: AuditAnswers
  /** Dated estimates of the wrong labels, the newest last. */
  health: readonly HealthRow[]
  slices: readonly Slice[]
  /** Every version of every entry of the codebook, in the order in which they were written. */
  codebook: readonly CodebookVersion[]
  assignments: readonly Assignment[]
  /** By the number of the run. */
  faithfulness: Readonly<Record<number, Faithfulness>>
  /** By the number of the run. */
  runNotes: Readonly<Record<number, string>>
  /** Services that this project's movies may be sent to: signatures by `Services.consent`, which no other machine can make. */
  consents: readonly string[]
  /** Reports of recipes with their rows and splits, the newest last. */
  recipes: readonly RecipeReport[]
}

const SHAPES: { readonly [K in keyof MetaValues]: z.ZodType } = {
  sample: z.boolean(),
  format: z.string(),
  cleaning: ID,
  currentRun: ID,
  lastRun: ID,
  splitSeed: z.number(),
  place: z.looseObject({ filter: z.looseObject({}), movie: z.number().nullable(), sweep: z.looseObject({}).nullish() }),
  keys: z.record(z.string(), z.number()),
  audit: AUDIT_DESIGN,
  auditAnswers: AUDIT_ANSWERS,
  health: HEALTH_HISTORY,
  faithfulness: z.record(z.string(), z.looseObject({ best: z.enum(EXPLAIN_METHODS) })),
  runNotes: z.record(z.string(), z.string()),
  consents: z.array(z.string()),
  recipes: RECIPE_REPORTS,
  codebook: CODEBOOK_VERSIONS,
  assignments: ASSIGNMENTS,
  slices: z.array(z.object({ name: z.string(), where: z.string() })),
}

/**
 * Longer texts are refused before they are parsed, for values that many calls read. An audit has at most 600,000 cells (see
 * catalogue/audit.ts).
 */
const MAX_CHARACTERS: { readonly [K in keyof MetaValues]?: number } = { audit: 16_000_000 }

export class MetaTable {
  readonly #get
  readonly #set
  constructor(db: Db) {
    this.#get = db.prepare<[string], string>('select value from meta where key = ?').pluck()
    this.#set = db.prepare('insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value')
  }
  get<K extends keyof MetaValues>(key: K): MetaValues[K] | null {
    const text = this.#get.get(key)
    if (text === undefined) return null
    if (text.length > (MAX_CHARACTERS[key] ?? Infinity)) throw damagedValue(`meta.${key}`)
    return storedJson(text, SHAPES[key], `meta.${key}`) as MetaValues[K]
  }
  set<K extends keyof MetaValues>(key: K, value: MetaValues[K]): void {
    this.#set.run(key, JSON.stringify(value))
  }
}
