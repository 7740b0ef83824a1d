import { OUTCOMES, type ERROR_METHODS, type Outcome, type ScoreBin } from '../../contract/error-analysis.ts'
import type { ExplainedModel } from '../../contract/records.ts'
import { required } from '../../contract/required.ts'
import { contributions, flippingWords, strongestWords, withoutWords } from '../analysis/error-words.ts'
import { logit, sigmoid } from '../analysis/matrix.ts'
import { scaled } from '../analysis/platt.ts'
import { mixSeed, shuffled } from '../analysis/random.ts'
import { onModelScale, scaleOf } from '../catalogue/run-scores.ts'
import { binsBy } from '../catalogue/bins.ts'
import { genresIn, matricesSteps, outcomeRows, scoresSteps } from '../catalogue/scoring.ts'
import { sharedWordsSteps } from '../catalogue/shared-words.ts'
import { inSlices } from '../jobs/slices.ts'
import type { Context, Handlers } from './context.ts'
import { explainerOf } from './explaining.ts'
import { measureFaithfulness } from './faithfulness.ts'
import { namedGenre, requireRow, rowFor } from './review.ts'
import { genresOf, partOf } from './runs.ts'

/** Words that are listed. */
const LISTED = 25
/** Bins of numbers and dates. */
const BINS = 8

export function errorHandlers(c: Context): Handlers<typeof ERROR_METHODS> {
  return {
    'errors.matrices': async ({ run, part }) => {
      const w = c.workspace()
      const { scores, scope } = partOf(w, run, part)
      const matrices = await inSlices(matricesSteps(w.catalogue, scores, scope))
      const overlap = w.suspects && (await inSlices(w.suspects.overlap(scope.columns)))
      return { run: scores.run, part, movies: scope.rows.length, genres: genresIn(w.catalogue, scope), ...matrices, overlap }
    },
    'errors.scores': async ({ run, part, by, resamples, seed }) => {
      const w = c.workspace()
      const { catalogue, index } = w
      const { scores, scope } = partOf(w, run, part)
      const found: ScoreBin[] = []
      for (const bin of await binsBy(by, index.columns, scope, BINS)) {
        const matching = await index.matching(bin.where)
        const rows = scope.rows.filter((row) => matching.has(row))
        if (rows.length === 0) continue
        const scored = await inSlices(scoresSteps(catalogue, scores, { ...scope, rows }, { resamples, seed }))
        found.push({ ...bin, movies: rows.length, ...scored })
      }
      const genres = genresIn(catalogue, scope).map(({ name }) => name)
      return { run: scores.run, part, by, resamples, seed, genres, bins: found }
    },
    'errors.words': async ({ genre: wanted, part, most, seed }) => {
      const w = c.workspace()
      const genre = namedGenre(w, wanted)
      const explainer = await explainerOf(c, w)
      const column = explainer.column(genre.id)
      const { scores, scope } = partOf(w, null, part)
      const cut = logit(onModelScale(explainer.run).thresholds[column] ?? 0.5)
      let model: ExplainedModel | null = null
      const reliance = { movies: 0, flipped: 0, words: new Map<string, number>() }
      const outcomeOf = async (outcome: Outcome): Promise<{ movies: number; total: number; words: ReturnType<typeof strongestWords> }> => {
        const rows = outcomeRows(w.catalogue, scores, scope, w.catalogue.column(genre.id), outcome)
        const chosen = shuffled(rows, mixSeed(seed, OUTCOMES.indexOf(outcome))).slice(0, most)
        const explained = []
        for (const row of chosen) {
          const movie = w.catalogue.ids[row] ?? 0
          const text = explainer.text(movie)
          const explanation = await explainer.explain(text, movie, column)
          explained.push({ text, spans: explanation.spans })
          // all movies of a part are explained alike
          model = explanation.model
          if (explanation.logit < cut) continue
          reliance.movies++
          const [strongest] = [...contributions({ text, spans: explanation.spans })].sort(([, a], [, b]) => b - a)
          if (!strongest || strongest[1] <= 0) continue
          const without = withoutWords(text, explanation.spans, new Set([strongest[0]]))
          const [logitWithout = 0] = await explainer.logits([without], movie, column)
          if (logitWithout >= cut) continue
          reliance.flipped++
          reliance.words.set(strongest[0], (reliance.words.get(strongest[0]) ?? 0) + 1)
        }
        return { movies: chosen.length, total: rows.length, words: strongestWords(explained, outcome === 'miss' ? -1 : 1, LISTED) }
      }
      const outcomes = { hit: await outcomeOf('hit'), 'false-alarm': await outcomeOf('false-alarm'), miss: await outcomeOf('miss') }
      const words = [...reliance.words].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, LISTED)
      return {
        run: explainer.run.id,
        genre,
        part,
        model,
        outcomes,
        reliance: { ...reliance, words: words.map(([word, movies]) => ({ word, movies })) },
      }
    },
    'errors.strongest': async ({ most }) => {
      const w = c.workspace()
      const explainer = await explainerOf(c, w)
      const words = await explainer.strongest(most)
      return {
        run: explainer.run.id,
        genres: genresOf(w, explainer.run).map(({ name }, column) => ({ name, ...required(words[column], 'the words of a genre') })),
      }
    },
    'errors.sharedWords': async (wanted) => {
      const w = c.workspace()
      return inSlices(sharedWordsSteps(w.store, w.catalogue, wanted))
    },
    'errors.faithfulness': () => {
      const { store } = c.workspace()
      return store.meta.get('faithfulness')?.[store.meta.get('currentRun') ?? 0] ?? null
    },
    'errors.measureFaithfulness': (wanted) => {
      const w = c.workspace()
      const { run } = w.trained()
      return c.jobs.start('faithfulness', run, async (control) => {
        const found = await measureFaithfulness(c, w, wanted, control)
        w.store.transaction(() => w.store.meta.set('faithfulness', { ...w.store.meta.get('faithfulness'), [run]: found }))
        c.emit('changed', { what: 'runs' })
        return `Explanations of run ${run} use the method ${found.best}.`
      })
    },
    'errors.examples': async ({ movie, genre, most }) => {
      const w = c.workspace()
      requireRow(w, movie)
      const explainer = await explainerOf(c, w)
      const training = Int32Array.from(w.catalogue.rowsOf('train'), (row) => w.catalogue.ids[row] ?? 0)
      const found = await explainer.examples(movie, explainer.column(genre), training, most)
      return found
        .filter((other) => w.catalogue.row(other.movie) >= 0)
        .map(({ movie: other, similarity }) => {
          const { key, title, labels } = rowFor(w, other)
          return { movie: other, key, title, similarity, labels }
        })
    },
    'errors.flip': async ({ movie, genre }) => {
      const w = c.workspace()
      requireRow(w, movie)
      const explainer = await explainerOf(c, w)
      const column = explainer.column(genre)
      const threshold = explainer.run.thresholds[column] ?? 0.5
      const cut = logit(onModelScale(explainer.run).thresholds[column] ?? 0.5)
      const probability = (z: number): number => scaled(sigmoid(z), scaleOf(explainer.run, column))
      const text = explainer.text(movie)
      const explained = { text, ...(await explainer.explain(text, movie, column)) }
      const logitWithout = async (words: ReadonlySet<string>): Promise<number> => {
        const [logit = 0] = await explainer.logits([withoutWords(text, explained.spans, words)], movie, column)
        return logit
      }
      const words = await flippingWords(explained, cut, logitWithout)
      const after = words && probability(await logitWithout(new Set(words)))
      return { model: explained.model, predicted: explained.logit >= cut, threshold, before: probability(explained.logit), words, after }
    },
  }
}
