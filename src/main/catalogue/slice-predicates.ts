/** The conditions from which the search for slices starts. */
import { genreTerm } from '../../contract/filter.ts'
import { figuresOf, type RowErrors } from '../analysis/slices.ts'
import type { Steps } from '../analysis/steps.ts'
import { fold, wordsOf } from '../store/search/matcher.ts'
import type { Store } from '../store/store.ts'
import { binsOfColumn, binsOfLength } from './bins.ts'
import type { Catalogue } from './catalogue.ts'
import type { OriginalColumns } from './original-columns.ts'
import type { Scope } from './scoring.ts'

/** Movies whose words are looked at, evenly spread, and words that become conditions. */
const WORD_MOVIES = 10_000
const WORDS = 150
/** More frequent words are function words. */
const MAX_SHARE = 0.3
/** Movies read in one step. */
const STEP = 100
/** The largest number of columns that are read. */
const COLUMNS = 8
/** Number of bins, each with about as many movies. */
const BINS = 4
/** Letters that the text index splits in the same way. */
const PLAIN = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]{3,}$/u

/** Conditions on genres, their number, length and original columns. */
export async function plainPredicates(c: Catalogue, columns: OriginalColumns, scope: Scope): Promise<string[]> {
  const found = Array.from(scope.columns, (column) => genreTerm('genre', c.genres[column]!.name))
  found.push('genres=1', 'genres=2', 'genres>=3')
  const binned = [await binsOfLength(columns, scope, BINS)]
  const typed = columns.list().filter(({ type }) => type !== 'text')
  for (const column of typed.slice(0, COLUMNS)) binned.push(await binsOfColumn(columns, column, scope, BINS))
  found.push(...binned.flat().map(({ where }) => where))
  return found
}

/**
 * Words of title or plot whose movies have the highest SliceLine score, among words of at least `share` and at most {@link MAX_SHARE} of
 * a sample of movies. `tried`: number of words that were scored.
 */
export function* wordPredicates(
  store: Store,
  c: Catalogue,
  scope: Scope,
  { error }: RowErrors,
  { share, alpha }: { readonly share: number; readonly alpha: number },
): Steps<{ readonly words: string[]; readonly tried: number }> {
  const every = Math.max(1, scope.rows.length / WORD_MOVIES)
  const sums = new Map<string, { count: number; sum: number; squares: number; hits: number; wrong: number }>()
  const add = (word: string, value: number): void => {
    const tally = sums.get(word) ?? { count: 0, sum: 0, squares: 0, hits: 0, wrong: 0 }
    tally.count++
    tally.sum += value
    tally.squares += value * value
    sums.set(word, tally)
  }
  for (let i = 0, step = 0; Math.floor(i) < scope.rows.length; i += every) {
    const row = scope.rows[Math.floor(i)]!
    const text = store.movies.sourceText(c.ids[row]!)
    for (const word of new Set(wordsOf(fold(text ? `${text.title} ${text.plot}` : '')))) add(word, error[row]!)
    add('', error[row]!)
    if (++step % STEP === 0) yield
  }
  const all = sums.get('')!
  const common = [...sums].filter(([word, { count }]) => PLAIN.test(word) && count >= share * all.count && count <= MAX_SHARE * all.count)
  const scored = common
    .map(([word, tally]) => ({ word, ...figuresOf(tally, all, alpha) }))
    .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1))
  return { words: scored.slice(0, WORDS).map(({ word }) => `"${word}"`), tried: common.length }
}
