/** Second opinions of services on labels, and how often they proved right. */
import type { OpinionFacts } from '../analysis/suspects/evidence.ts'
import type { StoredAnswer } from '../store/answers.ts'
import type { Store } from '../store/store.ts'
import { isDecided, type Catalogue } from './catalogue.ts'

type Said = Pick<StoredAnswer, 'service' | 'model'>
const sourceOf = ({ service, model }: Said): string => JSON.stringify([service, model])

export class Opinions {
  readonly #store: Store
  readonly #catalogue: Catalogue
  /** Counts by service and model, and the state of log and answers that they were counted in. */
  #counted: { readonly state: string; readonly bySource: ReadonlyMap<string, { checked: number; right: number }> } | null = null
  constructor(store: Store, catalogue: Catalogue) {
    this.#store = store
    this.#catalogue = catalogue
  }
  /** The newest opinion against the label of a cell; null if there is none. */
  against(row: number, column: number): OpinionFacts | null {
    const { ids, labels, k, genres } = this.#catalogue
    const name = genres[column]?.name ?? ''
    const given = labels[row * k + column] === 1
    const said = this.#store.answers
      .of(ids[row] ?? 0)
      .filter((stored) => fitsIn(stored, name) === !given)
      .sort((a, b) => b.id - a.id)[0]
    if (!said) return null
    const { checked, right } = this.#counts().get(sourceOf(said)) ?? { checked: 0, right: 0 }
    return { service: said.service, model: said.model, fits: !given, checked, right }
  }
  /** Of all opinions against the source, those on labels that were decided, or whose movie was reviewed. */
  #counts(): ReadonlyMap<string, { checked: number; right: number }> {
    const { catalogue, store } = { catalogue: this.#catalogue, store: this.#store }
    const state = `${catalogue.lastBatch} ${store.answers.last()}`
    if (this.#counted?.state === state) return this.#counted.bySource
    const bySource = new Map<string, { checked: number; right: number }>()
    const { k, genres, labels, source, marks } = catalogue
    for (const stored of store.answers.all('second-opinion')) {
      const row = catalogue.row(stored.movie)
      if (row < 0) continue
      genres.forEach(({ name }, column) => {
        const cell = row * k + column
        const fits = fitsIn(stored, name)
        if (fits === null || fits === (source[cell] === 1) || !(isDecided(catalogue, cell) || marks.reviewed[row] === 1)) return
        const counts = bySource.get(sourceOf(stored)) ?? { checked: 0, right: 0 }
        bySource.set(sourceOf(stored), { checked: counts.checked + 1, right: counts.right + Number(fits === (labels[cell] === 1)) })
      })
    }
    this.#counted = { state, bySource }
    return bySource
  }
}

/** The answer about a genre; null if there is none. */
function fitsIn({ answer }: StoredAnswer, genre: string): boolean | null {
  if (answer.task !== 'second-opinion' || !Object.hasOwn(answer.fits, genre)) return null
  return answer.fits[genre] === 'unsure' ? null : answer.fits[genre] === 'yes'
}
