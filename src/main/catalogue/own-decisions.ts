import { isBetweenPeople, MERGED_BY_RULE } from '../../contract/people.ts'
import { UNDECIDED } from '../analysis/crowdlab.ts'
import type { Batch, ChangeField } from '../../contract/records.ts'
import type { LogChange } from '../store/changes.ts'
import type { Store } from '../store/store.ts'
import type { Assignments } from './assignments.ts'
import type { Catalogue } from './catalogue.ts'

/** The cells of a movie, (k) each: labels 0, 1 or {@link UNDECIDED}, and the batches that decided them. */
export interface Decided {
  readonly labels: Uint8Array
  readonly batches: Int32Array
}
/** Values of a movie that nobody has decided. */
const UNTOUCHED: Readonly<Record<Exclude<ChangeField, 'label'>, string>> = {
  verdict: '',
  note: '',
  reviewed: '0',
  skipped: '0',
  flagged: '0',
}
type ByRow = Map<number, Decided>

/**
 * The last own decision of each person on each cell, from the batches in force. A verdict decides for the label that its writer saw; a movie
 * marked as reviewed is decided in all cells. Batches that decide between people are no one's own. Whoever worked on a copy
 * did not see what stands before it in a merged log: if a change does not continue the value before it, the source's label or the person's
 * own is taken instead. So it is while a movie is decided blind.
 */
export class OwnDecisions {
  readonly people = new Map<string, ByRow>()
  /** The decisions on disputes. */
  readonly settled: ByRow = new Map<number, Decided>()
  /** (k) for each row: when a person decided each cell last, in milliseconds; 0: never. */
  readonly times = new Map<number, Float64Array>()
  /** Batches in force. */
  readonly inForce = new Set<number>()
  readonly #store: Store
  readonly #catalogue: Catalogue
  readonly #assignments: Assignments
  /** Values after the changes so far, by the name of the place. */
  readonly #now = new Map<string, string>()
  /** The last batch that was read. */
  #last = 0
  constructor(store: Store, catalogue: Catalogue, assignments: Assignments) {
    this.#store = store
    this.#assignments = assignments
    this.#catalogue = catalogue
    this.#read()
  }
  /** With the decisions since; another object if one of them was undone. */
  upToDate(): OwnDecisions {
    const { changes } = this.#store
    if (changes.lastBatch() === this.#last) return this
    if (changes.batches(this.#last).some(({ undoes }) => undoes !== null))
      return new OwnDecisions(this.#store, this.#catalogue, this.#assignments)
    this.#read()
    return this
  }
  #read(): void {
    const { changes } = this.#store
    const batches = new Map(changes.batches(this.#last).map((b) => [b.id, b]))
    for (const batch of this.#last === 0 ? changes.inForce() : batches.keys()) this.inForce.add(batch)
    let [id, read]: [number, LogChange[]] = [0, []]
    const decide = (): void => {
      const batch = batches.get(id)
      if (batch) this.#decide(batch, read)
    }
    for (const change of changes.all(this.#last)) {
      if (!this.inForce.has(change.batch)) continue
      if (change.batch !== id) {
        decide()
        ;[id, read] = [change.batch, []]
      }
      read.push(change)
    }
    decide()
    this.#last = Math.max(this.#last, ...batches.keys())
  }
  /** The decisions to which those of a batch belong; null: to nobody's, because a rule made them. */
  #decisionsOf({ who, why }: Pick<Batch, 'who' | 'why'>): ByRow | null {
    if (why === MERGED_BY_RULE) return null
    if (isBetweenPeople(why)) return this.settled
    const decided = this.people.get(who) ?? new Map<number, Decided>()
    this.people.set(who, decided)
    return decided
  }
  #decide({ id: batch, who, why, at }: Batch, changes: LogChange[]): void {
    const { k, source } = this.#catalogue
    const mine = this.#decisionsOf({ who, why })
    const time = Date.parse(at)
    const put = (row: number, column: number, label: number): void => {
      const cells = mine?.get(row) ?? { labels: new Uint8Array(k).fill(UNDECIDED), batches: new Int32Array(k) }
      const times = this.times.get(row) ?? new Float64Array(k)
      cells.labels[column] = label
      cells.batches[column] = batch
      if (label !== UNDECIDED) times[column] = Math.max(times[column]!, time)
      mine?.set(row, cells)
      this.times.set(row, times)
    }
    const labelOf = (row: number, column: number): number => Number(this.#now.get(`label ${row} ${column}`) ?? source[row * k + column])
    const labelled = new Set(changes.filter((c) => c.field === 'label').map((c) => `${c.movie} ${c.genre}`))
    for (const c of changes) {
      const row = this.#catalogue.row(c.movie)
      const column = this.#catalogue.column(c.genre ?? 0)
      if (row < 0 || (c.genre !== null && column < 0)) continue
      const place = `${c.field} ${row} ${c.genre === null ? '' : column}`
      const untouched = c.field === 'label' ? String(source[row * k + column]) : UNTOUCHED[c.field]
      const blind = c.field !== 'label' && this.#assignments.hides(this.people, who, row, at)
      const saw = !blind && c.was === (this.#now.get(place) ?? untouched)
      const own = (j: number): number => mine?.get(row)?.labels[j] ?? UNDECIDED
      const unseen = (j: number): number => (own(j) === UNDECIDED ? source[row * k + j]! : own(j))
      /** The label that the writer saw. */
      const seen = (j: number): number => (saw ? labelOf(row, j) : unseen(j))
      if (mine && c.field === 'label') put(row, column, Number(c.becomes))
      if (mine && c.field === 'verdict' && !labelled.has(`${c.movie} ${c.genre}`))
        put(row, column, c.becomes === '' ? UNDECIDED : seen(column))
      if (mine && c.field === 'reviewed' && c.becomes === '1') for (let j = 0; j < k; j++) if (own(j) === UNDECIDED) put(row, j, seen(j))
      this.#now.set(place, c.becomes)
    }
  }
}
