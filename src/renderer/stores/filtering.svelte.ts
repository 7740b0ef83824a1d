import { UserError } from '../../contract/errors.ts'
import { FILTER_PROBLEM } from '../../contract/filter.ts'
import type { Filter, Slice } from '../../contract/review.ts'
import { chipsOf, joined, withoutChip, type Names } from './filter-logic.ts'
import type { ProjectApi } from './project-api.ts'

const TYPING_MS = 200

/** A problem of conditions; its places are in `text`. */
export interface Problem {
  readonly text: string
  readonly from: number
  readonly to: number
  readonly problem: string
}
/** Text that is being typed beside chips. */
interface Typed {
  readonly chips: string
  readonly draft: string
  /** The filter's conditions while this is typed: chips and draft, or what they were when the draft was right. */
  readonly where: string
}
interface FilteredList {
  readonly filter: Filter
  setFilter(patch: Partial<Filter>, delayMs?: number): void
  /** A filter is complete: what it shows was visited. */
  visited(): void
}

/** The field in which conditions are written: chips, the text beside them, and slices. */
export class Filtering {
  slices = $state.raw<readonly Slice[]>([])
  names = $state.raw<Omit<Names, 'genres' | 'slices'>>({ columns: [], people: [] })
  #typed = $state.raw<Typed | null>(null)
  /** Problems that the engine finds in the list's conditions, and syntax errors of the draft. */
  #refusal = $state.raw<Problem | null>(null)
  #mistake = $state.raw<Problem | null>(null)
  constructor(
    private readonly api: ProjectApi,
    private readonly list: FilteredList,
  ) {}
  reset(): void {
    this.slices = []
    this.names = { columns: [], people: [] }
    this.#typed = this.#refusal = this.#mistake = null
  }
  /** Null as soon as the list has another filter than the one that was typed. */
  get #typing(): Typed | null {
    return this.#typed?.where === this.list.filter.where ? this.#typed : null
  }
  get #base(): string {
    return this.#typing?.chips ?? this.list.filter.where
  }
  /** The text that is being typed; as soon as it is valid, it applies in addition to the chips. */
  get draft(): string {
    return this.#typing?.draft ?? ''
  }
  get problem(): Problem | null {
    return (this.#typing ? this.#mistake : null) ?? this.#refusal
  }
  get chips(): readonly string[] {
    return chipsOf(this.#base)
  }
  /** Filters the list by the typed text as soon as it is valid. */
  type(draft: string, chips = this.#base, delayMs = TYPING_MS): void {
    this.#mistake = null
    try {
      const where = joined(chips, draft)
      this.#typed = { chips, draft, where }
      if (where !== this.list.filter.where) this.list.setFilter({ where }, delayMs)
    } catch (error) {
      this.#typed = { chips, draft, where: this.list.filter.where }
      this.#mistake = problemOf(error, draft)
    }
  }
  /** Turns the typed text into chips; invalid text stays as it is. */
  commit(): void {
    if (this.problem) return
    this.#typed = null
    this.list.visited()
  }
  remove(at: number): void {
    this.type(this.draft, withoutChip(this.#base, at), 0)
  }
  /** Turns a chip back into text. */
  edit(at: number): void {
    const draft = [this.draft.trim(), this.chips[at] ?? ''].filter((part) => part !== '').join(' ')
    this.type(draft, withoutChip(this.#base, at), 0)
  }
  /** Waits for a list. If the filter is invalid, the field shows the error and the result is undefined. */
  async refused<T>(list: Promise<T>, isLatest: () => boolean): Promise<T | undefined> {
    const { where } = this.list.filter
    try {
      const done = await list
      if (isLatest()) this.#refusal = null
      return done
    } catch (error) {
      const refusal = problemOf(error, where)
      if (isLatest()) this.#refusal = refusal
      return undefined
    }
  }

  // ---- names and slices

  async load(): Promise<void> {
    await this.api.guard(async () => {
      const [names, slices] = await Promise.all([this.api.call('review.names', {}), this.api.call('review.slices', {})])
      this.names = names
      this.slices = slices
    })
  }
  /** Saves all slices. Returns false if the engine refused, with a notice on screen. */
  async save(slices: readonly Slice[]): Promise<boolean> {
    const done = await this.api.ask('review.setSlices', { slices: [...slices] })
    if (done === undefined) return false
    this.slices = slices
    return true
  }
}
/** @throws the error itself if it is not about a filter */
function problemOf(error: unknown, text: string): Problem {
  const said = FILTER_PROBLEM.safeParse(error instanceof UserError ? error.details : null)
  if (!said.success) throw error
  return { text, ...said.data }
}
