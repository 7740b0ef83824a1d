import type { MovieDetail } from '../../contract/records.ts'

/** Cache of movie details, so that the next movie is available before its key is pressed. */
export class DetailCache {
  readonly #kept = new Map<number, Promise<MovieDetail>>()
  readonly #fetch: (movie: number) => Promise<MovieDetail>
  readonly #most: number

  constructor(fetch: (movie: number) => Promise<MovieDetail>, most = 20) {
    this.#fetch = fetch
    this.#most = most
  }
  has = (movie: number): boolean => this.#kept.has(movie)
  /** @param fetch another way to the movie than that of the cache */
  get(movie: number, fetch = this.#fetch): Promise<MovieDetail> {
    const known = this.#kept.get(movie)
    if (known) return known
    const detail = fetch(movie)
    this.put(movie, detail)
    // a failure reaches the caller and is not cached
    detail.catch(() => {
      if (this.#kept.get(movie) === detail) this.#kept.delete(movie)
    })
    return detail
  }
  put(movie: number, detail: Promise<MovieDetail>): void {
    this.#kept.delete(movie)
    this.#kept.set(movie, detail)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest)
  }
  forget(movies: readonly number[]): void {
    for (const m of movies) this.#kept.delete(m)
  }
  forgetAll(except: (movie: number) => boolean = () => false): void {
    for (const m of this.#kept.keys()) if (!except(m)) this.#kept.delete(m)
  }
}

/** Counts pending requests by movie. */
export class UnderWay {
  #counts = new Map<number, number>()
  has = (movie: number): boolean => this.#counts.has(movie)
  /** Returns the function to call when the request has ended. */
  begin(movies: readonly number[]): () => void {
    const counts = this.#counts
    for (const m of movies) counts.set(m, (counts.get(m) ?? 0) + 1)
    return () => {
      for (const m of movies) {
        const left = (counts.get(m) ?? 1) - 1
        if (left === 0) counts.delete(m)
        else counts.set(m, left)
      }
    }
  }
  /** Another project is open: pending requests of the previous one no longer count. */
  clear(): void {
    this.#counts = new Map()
  }
}
