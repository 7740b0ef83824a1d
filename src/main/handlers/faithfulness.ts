/** Measures how far the words of explanations account for predictions, and chooses the most faithful method for a run. */
import type { Faithfulness, MethodFaithfulness } from '../../contract/error-analysis.ts'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import { wordsOf } from '../analysis/error-words.ts'
import { faithfulnessOf, orderOf, withOnly, type Ask, type OrderFaithfulness } from '../analysis/faithfulness.ts'
import { sigmoid } from '../analysis/matrix.ts'
import { mixSeed, shuffled } from '../analysis/random.ts'
import { verdictScope } from '../catalogue/scoring.ts'
import type { JobControl } from '../processes/job-control.ts'
import type { Workspace } from '../workspace.ts'
import type { Context } from './context.ts'
import { explainerOf } from './explaining.ts'

/** Default number of movies by family: a prediction of a linear model takes a fraction of a millisecond. */
const SAMPLE = { linear: 60, transformer: 10, ensemble: 10 } as const
/** Margin by which a method must beat the first of its family, whose contributions add up to the prediction. A smaller difference may be chance. */
const MARGIN = 0.05
/** Limits on the words of a text: one word has only one order, and very many words would take minutes. */
const [MIN_WORDS, MAX_WORDS] = [2, 200]

interface Draw {
  readonly movie: number
  /** Id of a genre that the movie is predicted. */
  readonly genre: number
}
/** Movies of the part that runs are scored on, in a random order, each with one of the genres whose threshold it reaches. */
function draws(w: Workspace, seed: number): Draw[] {
  const { catalogue } = w
  const scores = w.trained()
  const { rows, columns } = verdictScope(catalogue, scores)
  return Array.from(shuffled(rows, seed)).flatMap((row): Draw[] => {
    const at = row * catalogue.k
    const predicted = columns.filter((column) => (scores.p[at + column] ?? 0) >= (scores.thresholds[column] ?? 1))
    const [column = -1] = shuffled(predicted, mixSeed(seed, row))
    const [movie, genre] = [catalogue.ids[row], catalogue.genres[column]?.id]
    return movie === undefined || genre === undefined ? [] : [{ movie, genre }]
  })
}

/** @throws UserError `no-predictions` */
export async function measureFaithfulness(
  c: Context,
  w: Workspace,
  { sample, seed }: { readonly sample: number | null; readonly seed: number },
  control: JobControl,
): Promise<Faithfulness> {
  const explainer = await explainerOf(c, w)
  const { family } = explainer.run.config
  const { methods } = explainer
  const wanted = sample ?? SAMPLE[family]
  const measured: OrderFaithfulness[][] = []
  let [exact, refused] = [0, 0]
  for (const { movie, genre } of draws(w, seed)) {
    if (measured.length === wanted) break
    control.signal.throwIfAborted()
    control.progress(measured.length / wanted, `prediction ${measured.length + 1} of ${wanted}`)
    const text = explainer.text(movie)
    const words = wordsOf(text)
    if (words.length < MIN_WORDS || words.length > MAX_WORDS) continue
    const column = explainer.column(genre)
    const ask: Ask = async (kept) => {
      control.signal.throwIfAborted()
      const texts = kept.map((marks) => withOnly(text, words, marks))
      return (await explainer.logits(texts, movie, column)).map(sigmoid)
    }
    const orders: Int32Array[] = []
    try {
      for (const method of methods) orders.push(orderOf(words, (await explainer.explain(text, movie, column, method)).spans))
    } catch (error) {
      if (!(error instanceof UserError && error.code === 'no-explanation')) throw error
      refused++
      continue
    }
    orders.push(shuffled(Int32Array.from(words.keys()), mixSeed(seed, movie, genre)))
    const [full = 0] = Array.from(await ask([new Uint8Array(words.length).fill(1)]))
    const found = await faithfulnessOf(orders, full, ask)
    if (found.exact) exact++
    measured.push([...found.orders])
  }
  if (measured.length === 0)
    throw new UserError(
      'no-predictions',
      'No prediction can be explained: no movie reaches the threshold of a genre, or its text is too long or too short.',
    )
  const figures = methods.map((method, i) => ({ method, ...meanOf(measured.flatMap((orders) => orders[i] ?? [])) }))
  const first = required(figures[0], 'a method')
  const highest = figures.reduce((a, b) => (b.score > a.score ? b : a), first)
  const best = highest.score > first.score + MARGIN ? highest.method : first.method
  const random = meanOf(measured.flatMap((orders) => orders[methods.length] ?? []))
  const at = new Date().toISOString()
  return { run: explainer.run.id, at, seed, predictions: measured.length, exact, refused, methods: figures, random, best }
}

function meanOf(orders: readonly OrderFaithfulness[]): MethodFaithfulness {
  const mean = (of: keyof OrderFaithfulness, none: number): number => {
    const values = orders.map((order) => order[of]).filter((x) => x !== null)
    return values.length === 0 ? none : values.reduce((sum, x) => sum + x, 0) / values.length
  }
  const normalisedComprehensiveness = mean('normalisedComprehensiveness', 0)
  const normalisedSufficiency = mean('normalisedSufficiency', 1)
  return {
    comprehensiveness: mean('comprehensiveness', 0),
    sufficiency: mean('sufficiency', 0),
    normalisedComprehensiveness,
    normalisedSufficiency,
    score: (normalisedComprehensiveness + 1 - normalisedSufficiency) / 2,
  }
}
