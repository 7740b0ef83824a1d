/** Cells that people decided differently, and what they said. */
import { ADJUDICATED } from '../../contract/people.ts'
import type { Dispute, Opinion } from '../../contract/records.ts'
import { required } from '../../contract/required.ts'
import { crowdlab, UNDECIDED } from '../analysis/crowdlab.ts'
import type { LogEntry } from '../store/changes.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { Assignments } from './assignments.ts'
import { OwnDecisions } from './own-decisions.ts'
import type { Predictions } from './predictions.ts'

interface Said {
  /** Null: a decision between people. */
  readonly who: string | null
  readonly label: number
  readonly batch: number
}

/** The decisions of all people and the open disputes, read again when they are asked for after a decision. */
export class Disputes {
  readonly #store: Store
  readonly #catalogue: Catalogue
  readonly #predictions: Predictions | null
  #own: OwnDecisions | null = null
  #assignments: Assignments | null = null
  /** Who made batches up to the last one that was looked at. */
  readonly #people = new Set<string>()
  #last = 0
  /** P(the movie has the genre) by row, for each column; of the decisions that it was computed from. */
  #consensus: { readonly batch: number; readonly columns: Map<number, ReadonlyMap<number, number>> } = { batch: -1, columns: new Map() }
  constructor(store: Store, catalogue: Catalogue, predictions: Predictions | null) {
    this.#store = store
    this.#catalogue = catalogue
    this.#predictions = predictions
  }
  /** The decisions of each person. */
  get decisions(): OwnDecisions {
    return (this.#own = this.#own?.upToDate() ?? new OwnDecisions(this.#store, this.#catalogue, this.assignments))
  }
  get assignments(): Assignments {
    return (this.#assignments ??= new Assignments(this.#store, this.#catalogue))
  }
  /** Movies were assigned. */
  forgetAssignments(): void {
    this.#assignments = this.#own = null
  }
  /** False while one person alone made all decisions: then nothing has to be read. */
  #areSeveral(): boolean {
    for (const { id, who } of this.#people.size > 1 ? [] : this.#store.changes.batches(this.#last)) {
      this.#people.add(who)
      this.#last = id
    }
    return this.#people.size > 1
  }
  /** The decisions on disputes about a cell, and own decisions after them. */
  #said(own: OwnDecisions, row: number, column: number): Said[] {
    const settled = own.settled.get(row)
    const since = settled?.batches[column] ?? 0
    const said: Said[] = since > 0 ? [{ who: null, label: settled!.labels[column]!, batch: since }] : []
    for (const [who, rows] of own.people) {
      const decided = rows.get(row)
      const label = decided?.labels[column] ?? UNDECIDED
      if (decided && label !== UNDECIDED && decided.batches[column]! > since) said.push({ who, label, batch: decided.batches[column]! })
    }
    return said
  }
  #disputed(own: OwnDecisions, row: number): number[] {
    const { k } = this.#catalogue
    const differs = (column: number): boolean => this.#said(own, row, column).some(({ label }, _, [first]) => label !== first?.label)
    return Array.from({ length: k }, (_, column) => column).filter(differs)
  }
  /** Rows with a cell that people decided differently. */
  rows(): number[] {
    if (!this.#areSeveral()) return []
    const own = this.decisions
    const times = new Map<number, number>()
    for (const rows of [own.settled, ...own.people.values()]) for (const row of rows.keys()) times.set(row, (times.get(row) ?? 0) + 1)
    return [...times].flatMap(([row, people]) => (people > 1 && this.#disputed(own, row).length > 0 ? [row] : []))
  }
  /** The disputes about a movie. */
  of(row: number): Dispute[] {
    if (row < 0 || !this.#areSeveral()) return []
    const own = this.decisions
    const columns = this.#disputed(own, row)
    const movie = required(this.#catalogue.ids[row], 'the movie of a row')
    const entries = columns.length > 0 ? [...this.#store.changes.entries(movie)] : []
    return columns.map((column) => {
      const { id, name } = required(this.#catalogue.genres[column], 'a genre')
      const opinions = this.#said(own, row, column).map((said) => opinionOf(said, entries))
      return { genre: id, name, opinions, consensus: this.#consensusOf(own, column).get(row) ?? null }
    })
  }
  #consensusOf(own: OwnDecisions, column: number): ReadonlyMap<number, number> {
    const batch = this.#store.changes.lastBatch()
    if (this.#consensus.batch !== batch) this.#consensus = { batch, columns: new Map() }
    const known = this.#consensus.columns.get(column) ?? this.#compute(own, column)
    this.#consensus.columns.set(column, known)
    return known
  }
  /** Of all movies in which somebody decided the genre; a decision between people counts as a person's. */
  #compute(own: OwnDecisions, column: number): Map<number, number> {
    const people = [own.settled, ...own.people.values()]
    const isDecided = (row: number): boolean => people.some((rows) => (rows.get(row)?.labels[column] ?? UNDECIDED) !== UNDECIDED)
    const rows = [...new Set(people.flatMap((decided) => [...decided.keys()]))].filter(isDecided)
    const answers = Uint8Array.from(rows.flatMap((row) => people.map((decided) => decided.get(row)?.labels[column] ?? UNDECIDED)))
    const { k } = this.#catalogue
    const p = this.#predictions
    const model = Float64Array.from(rows, (row) => (p?.known[column] && p.has[row] ? p.p[row * k + column]! : NaN))
    const found = crowdlab(answers, people.length, model)
    return new Map(rows.map((row, i) => [row, found.p[i]!]))
  }
}

function opinionOf({ who, label, batch }: Said, entries: readonly LogEntry[]): Opinion {
  const { who: decider = '', at = '', why = '' } = entries.find(({ id }) => id === batch) ?? {}
  const note = entries.findLast((e) => e.field === 'note' && e.who === decider)?.becomes ?? ''
  const reason = who === null ? why.replace(new RegExp(`^${ADJUDICATED}(?:: )?`), '') : why
  return { who: decider, between: who === null, has: label === 1, at, reason, note }
}
