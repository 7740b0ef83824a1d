import type { Place } from '../../contract/review.ts'
import type { Db } from './database.ts'

/** Single values of a project, such as the current cleaning and the current run. */
export interface MetaValues {
  sample: boolean
  format: string
  /** The current generation of cleaning. */
  cleaning: number
  currentRun: number
  splitSeed: number
  place: Place
  keys: Readonly<Record<string, number>>
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
    return text === undefined ? null : (JSON.parse(text) as MetaValues[K])
  }
  set<K extends keyof MetaValues>(key: K, value: MetaValues[K]): void {
    this.#set.run(key, JSON.stringify(value))
  }
}
