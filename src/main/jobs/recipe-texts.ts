/** Other texts for the movies of a recipe, by what services and decoders answered about them. Nothing is asked here. */
import type { TaskName } from '../../contract/answers.ts'
import type { TrainingData } from '../../contract/jobs.ts'
import type { Imbalance, RecipeTexts } from '../../contract/recipe-files.ts'
import { count, many } from '../../contract/words.ts'
import { timesTrained } from '../analysis/imbalance.ts'
import { gatherRows } from '../analysis/matrix.ts'
import { rowsIn, weighted } from './recipe-run.ts'
import { contentOf, type StoredAnswer } from '../store/answers.ts'
import type { Store } from '../store/store.ts'

/** Data with other texts and what they are, or why there are none. */
export type WithTexts = { readonly data: TrainingData; readonly note: string } | { readonly lacking: string }

/** The data of a recipe with the texts that a model reads, and with the copies or weights of its imbalance rule. */
export function withTexts(store: Store, data: TrainingData, texts: RecipeTexts, rule: Imbalance, seed: number): WithTexts {
  if (texts === 'back-translated') return backTranslated(store, data, rule, seed)
  const learnt = weighted(data, rule, seed)
  return texts === 'condensed' ? condensed(store, learnt) : { data: learnt, note: '' }
}

/** The newest answer about each row's movie as its text is now, and the services that gave them. */
function answersAbout(store: Store, task: TaskName, movies: Int32Array): { byRow: Map<number, StoredAnswer>; by: string } {
  const rows = new Map(Array.from(movies, (movie, row) => [movie, row]))
  const byRow = new Map<number, StoredAnswer>()
  for (const stored of store.answers.all(task)) {
    const row = rows.get(stored.movie)
    const text = row === undefined ? null : store.movies.text(stored.movie)
    if (row !== undefined && text && contentOf(text) === stored.content) byRow.set(row, stored)
  }
  const sources = new Set(Array.from(byRow.values(), ({ service, model }) => `${service} (${model})`))
  return { byRow, by: [...sources].join(', ') }
}

function condensed(store: Store, data: TrainingData): WithTexts {
  const { byRow, by } = answersAbout(store, 'condense', data.movies)
  const plots = new Map<number, string>()
  for (const [row, { answer }] of byRow) if (answer.task === 'condense') plots.set(row, answer.text)
  if (plots.size === 0)
    return { lacking: 'left out: none of its plots is condensed: ask for that with `reelabel condense`, then run the recipe again' }
  const all = data.movies.length
  return { data: { ...data, plots }, note: `${count(plots.size)} of ${many(all, 'plot')} are condensed, by ${by}; the others are as they were.` } // prettier-ignore
}

/** Copies of training movies that the rule repeats, each with a back-translation in the place of the plot. */
function backTranslated(store: Store, data: TrainingData, rule: Imbalance, seed: number): WithTexts {
  const k = data.genres.length
  const training = rowsIn(data, 'train')
  const times = timesTrained(gatherRows(data.labels, training, k), k, rule, seed)
  const { byRow, by } = answersAbout(store, 'translate', data.movies)
  const copies: { readonly row: number; readonly plot: string }[] = []
  let [repeated, translated] = [0, 0]
  training.forEach((row, i) => {
    const wanted = (times[i] ?? 1) - 1
    if (wanted <= 0) return
    repeated++
    const answer = byRow.get(row)?.answer
    const plots = answer?.task === 'translate' ? [...new Set(Object.values(answer.texts))].slice(0, wanted) : []
    if (plots.length > 0) translated++
    copies.push(...plots.map((plot) => ({ row, plot })))
  })
  if (copies.length === 0)
    return { lacking: 'left out: no movie that it copies has a back-translation: ask for them with `reelabel translate`, then run the recipe again' } // prettier-ignore
  return {
    data: withCopies(data, copies),
    note: `${many(copies.length, 'back-translation')} of ${count(translated)} of the ${many(repeated, 'movie')} that are copied, by ${by}; they train in the folds of their movies.`,
  }
}

/** The data with further rows, which are copies of rows with a plot of their own. */
function withCopies(data: TrainingData, copies: readonly { readonly row: number; readonly plot: string }[]): TrainingData {
  const [n, k] = [data.movies.length, data.genres.length]
  const rows = Int32Array.from([...data.movies.keys(), ...copies.map(({ row }) => row)])
  const cells = (marked: Int32Array): Int32Array => {
    const matrix = new Uint8Array(n * k)
    for (const cell of marked) matrix[cell] = 1
    const all = gatherRows(matrix, rows, k)
    return Int32Array.from([...all.keys()].filter((cell) => all[cell] === 1))
  }
  return {
    ...data,
    movies: rows.map((row) => data.movies[row] ?? 0),
    labels: gatherRows(data.labels, rows, k),
    corrected: cells(data.corrected),
    excluded: cells(data.excluded),
    rowWeight: gatherRows(data.rowWeight, rows, 1),
    split: gatherRows(data.split, rows, 1),
    plots: new Map(copies.map(({ plot }, i) => [n + i, plot])),
  }
}

/** Zero-shot genres of the test movies as probabilities of 0 and 1, (n, k), by the service that answered about most of them. */
export function zeroShot(
  store: Store,
  data: TrainingData,
  names: readonly string[],
): { readonly probabilities: Float32Array; readonly note: string } | { readonly lacking: string } {
  const rows = new Map(Array.from(rowsIn(data, 'test'), (row) => [data.movies[row], row]))
  const bySource = new Map<string, Map<number, readonly string[]>>()
  for (const { movie, service, model, answer, content } of store.answers.all('zero-shot')) {
    const [row, text] = [rows.get(movie), rows.has(movie) ? store.movies.text(movie) : null]
    if (row === undefined || !text || contentOf(text) !== content || answer.task !== 'zero-shot') continue
    const source = `${service} (${model})`
    bySource.set(source, (bySource.get(source) ?? new Map<number, readonly string[]>()).set(row, answer.genres))
  }
  const [source, answers] = [...bySource].sort(([, a], [, b]) => b.size - a.size)[0] ?? ['', new Map<number, readonly string[]>()]
  if (answers.size < rows.size)
    return { lacking: `left out: ${count(answers.size)} of ${many(rows.size, 'test movie')} have zero-shot genres of one service: ask for them with \`reelabel zero-shot\`, then run the recipe again` } // prettier-ignore
  const probabilities = new Float32Array(data.movies.length * names.length)
  for (const [row, genres] of answers) names.forEach((name, g) => (probabilities[row * names.length + g] = genres.includes(name) ? 1 : 0))
  return { probabilities, note: `Genres of ${source}, which has seen no label.` }
}
