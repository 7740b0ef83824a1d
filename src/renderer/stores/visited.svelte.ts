import type { Place } from '../../contract/review.ts'

const MAX_VISITED = 200
/** A movie that was shown for a shorter time was only passed. */
const MIN_VIEW_MS = 400
const same = (a: Place, b: Place): boolean =>
  a.movie === b.movie && a.filter.where === b.filter.where && a.filter.bucket === b.filter.bucket

/** History of visited movies, each with its list, for back and forward as in a browser. */
export class Visited {
  #places = $state.raw<readonly Place[]>([])
  #at = $state.raw(-1)
  #since = 0

  reset(): void {
    this.#places = []
    this.#at = -1
  }
  visit(place: Place): void {
    const here = this.#places[this.#at]
    if (here && same(here, place)) return
    const passed = here?.filter === place.filter && this.#at > 0 && performance.now() - this.#since < MIN_VIEW_MS
    this.#places = [...this.#places.slice(0, this.#at + (passed ? 0 : 1)), place].slice(-MAX_VISITED)
    this.#at = this.#places.length - 1
    this.#since = performance.now()
  }
  canGo(by: -1 | 1): boolean {
    return this.#places[this.#at + by] !== undefined
  }
  /** The place before or after this one, which becomes the present one; null if there is none. */
  go(by: -1 | 1): Place | null {
    const place = this.#places[this.#at + by]
    if (!place) return null
    this.#at += by
    return place
  }
}
