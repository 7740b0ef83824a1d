import type { Place } from '../../contract/review.ts'
import { z } from 'zod'
import type { Db } from './database.ts'
import { ID, storedJson } from './values.ts'

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
}

const SHAPES: { readonly [K in keyof MetaValues]: z.ZodType } = {
  sample: z.boolean(),
  format: z.string(),
  cleaning: ID,
  currentRun: ID,
  lastRun: ID,
  splitSeed: z.number(),
  place: z.looseObject({ filter: z.looseObject({}), movie: z.number().nullable() }),
  keys: z.record(z.string(), z.number()),
}

export class MetaTable {
  readonly #get
  readonly #set
  constructor(db: Db) {
    this.#get = db.prepare<[string], string>('select value from meta where key = ?').pluck()
    this.#set = db.prepare('insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value')
  }
  get<K extends keyof MetaValues>(key: K): MetaValues[K] | null {
    const text = this.#get.get(key)
    return text === undefined ? null : (storedJson(text, SHAPES[key], `meta.${key}`) as MetaValues[K])
  }
  set<K extends keyof MetaValues>(key: K, value: MetaValues[K]): void {
    this.#set.run(key, JSON.stringify(value))
  }
}
