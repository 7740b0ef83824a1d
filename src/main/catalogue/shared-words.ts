/** Words that occur in movies of every genre: they distinguish genres least. */
import type { SharedWords } from '../../contract/error-analysis.ts'
import type { Steps } from '../analysis/steps.ts'
import { wordsOf } from '../store/search/matcher.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

/** Movies whose words are counted, evenly spread. */
const MOVIES = 20_000
/** Genres with fewer of them are left out: their shares would be chance. */
const MIN_MOVIES = 20
/** Movies read in one step. */
const STEP = 100

/**
 * Words of title or plot that at least `share` of the movies of each genre have, the `most` most frequent ones. The texts are read twice, so
 * that words are counted by genre only if they are frequent enough at all.
 */
export function* sharedWordsSteps(
  store: Store,
  c: Catalogue,
  { share, most }: { readonly share: number; readonly most: number },
): Steps<SharedWords> {
  const count = Math.min(MOVIES, c.n)
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * c.n) / count))
  function* eachMovie(add: (words: ReadonlySet<string>, row: number) => void): Steps<void> {
    for (const [i, row] of rows.entries()) {
      const text = store.movies.text(c.ids[row]!)
      add(new Set(wordsOf(text ? `${text.title} ${text.plot}`.toLowerCase() : '')), row)
      if (i % STEP === STEP - 1) yield
    }
  }
  const support = Array.from({ length: c.k }, (_, column) => rows.reduce((sum, row) => sum + c.labels[row * c.k + column]!, 0))
  const columns = support.flatMap((movies, column) => (movies >= MIN_MOVIES ? [column] : []))
  const total = new Map<string, number>()
  yield* eachMovie((words) => words.forEach((word) => total.set(word, (total.get(word) ?? 0) + 1)))
  const least = share * Math.max(0, ...columns.map((column) => support[column]!))
  const byGenre = new Map([...total].filter(([, movies]) => movies >= least).map(([word]) => [word, new Uint32Array(c.k)]))
  yield* eachMovie((words, row) => {
    const labels = c.labels.subarray(row * c.k, (row + 1) * c.k)
    for (const word of words) byGenre.get(word)?.forEach((_, column, counts) => (counts[column]! += labels[column]!))
  })
  const words = Array.from(byGenre, ([word, counts]) => {
    const shares = columns
      .map((column) => ({ genre: c.genres[column]!.name, share: counts[column]! / support[column]! }))
      .sort((a, b) => a.share - b.share)
    return { word, movies: total.get(word)!, least: shares[0], most: shares.at(-1) }
  })
  const isShared = (each: (typeof words)[number]): each is SharedWords['words'][number] =>
    each.least !== undefined && each.least.share >= share
  return {
    movies: count,
    total: c.n,
    genres: columns.map((column) => c.genres[column]!.name),
    words: words
      .filter(isShared)
      .sort((a, b) => b.movies - a.movies || (a.word < b.word ? -1 : 1))
      .slice(0, most),
  }
}
