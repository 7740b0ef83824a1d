/** Finds the labels that are probably wrong: computes evidence on every cell, and learns from planted errors how to weigh it. */
import { UserError } from '../../contract/errors.ts'
import { LINEAR_MEMBERS, type LinearConfig } from '../../contract/records.ts'
import type { SuspectModel } from '../../contract/jobs.ts'
import type { SuspectConfig } from '../../contract/suspects.ts'
import { logit } from '../analysis/matrix.ts'
import { SOURCES, type Neighbours, type Pass } from '../analysis/suspects/evidence.ts'
import { learnWrong, wrongProbabilities } from '../analysis/suspects/learn.ts'
import { ERROR_KINDS, plantErrors } from '../analysis/suspects/plant.ts'
import { mixSeed } from '../analysis/random.ts'
import { closest, nearest } from './linear/neighbours.ts'
import { copySpace, ownSpace } from './linear/matrix-space.ts'
import type { FitOutput } from './linear/output.ts'
import { openPool, threadCount } from './linear/pool.ts'
import { fitVectoriser } from './linear/vectorise.ts'

/**
 * The default recipe of a search, whose text model has the n-grams of `linear`. The text model is a plain logistic regression, because naive
 * Bayes is a separate source of evidence. Chosen on planted errors: docs/label-quality.md.
 */
export const suspectDefaults = (linear: LinearConfig, movies: number, family: SuspectConfig['family'] = null): SuspectConfig => ({
  linear: { ...linear, ...LINEAR_MEMBERS.logistic },
  divisions: movies > MAX_FOR_THREE ? 1 : 3,
  neighbours: 30,
  plantedRate: 0.15,
  plantedKinds: ERROR_KINDS,
  family,
})
/** Above this number of movies one division is enough, and takes half the time. */
const MAX_FOR_THREE = 50_000

/** n movies, k genres. */
export interface SuspectInput {
  /** (n) Title and plot. */
  readonly texts: Iterable<string>
  readonly n: number
  readonly k: number
  /** (n, k) effective labels */
  readonly labels: Uint8Array
  /** (n, k) the labels whose correctness is asked: those from before a person decided */
  readonly source: Uint8Array
  /** (n, k) logits of a run of another family, out of fold; null: there is none */
  readonly family: Float32Array | null
  /** (n, k) 1: a cell that a person decided, on which no error is planted */
  readonly decided: Uint8Array
  /** Divides the movies into folds by these labels; movies with the same plot stay together. (n) 0 … folds - 1 */
  readonly divide: (labels: Uint8Array, seed: number) => Uint8Array
}
interface Weighed {
  /** (n, k) each */
  readonly evidence: Record<string, Float32Array>
  /** (n, k) each, see {@link FoundSuspects} */
  readonly parts: Readonly<Record<string, Float32Array>>
}
export interface Suspects extends Weighed {
  /** (n, k) P(the label of the source is wrong), also of decided cells */
  readonly wrong: Float32Array
  readonly model: SuspectModel
  readonly neighbours: Neighbours
}

/** Neighbours of each movie that are shown. */
const KEPT_NEIGHBOURS = 10
/** Approximate progress after the texts are read, the neighbours found and the text models fitted. */
const [READ, SEARCHED, FITTED] = [0.15, 0.25, 0.85]

/**
 * Finds suspects. The same input and configuration give the same numbers, whatever the number of threads.
 * @param progress fraction from 0 to 1, and a phase
 * @param turn lets messages arrive
 * @throws UserError `too-few-movies`
 */
export async function findSuspects(
  { texts, n, k, labels, source, family, decided, divide }: SuspectInput,
  { linear, divisions, neighbours: count, plantedRate }: SuspectConfig,
  progress: (fraction: number, phase: string) => void,
  turn: () => Promise<void>,
): Promise<Suspects> {
  const { folds, seed } = linear
  if (n < 2 * folds || k === 0)
    throw new UserError('too-few-movies', `Finding suspects needs at least ${2 * folds} movies with a plot and a genre; there are ${n}.`)
  const planted = plantErrors(labels, n, k, ERROR_KINDS, plantedRate, mixSeed(seed, divisions), decided)
  const pool = openPool(threadCount((divisions + 1) * folds * k))
  try {
    progress(0, 'reading titles and plots')
    const fitted = fitVectoriser(texts, linear)
    const space = ownSpace(fitted.shape)
    fitted.fill(space)
    await turn()
    progress(READ, 'looking for similar movies')
    const neighbours = await nearest(fitted.shape, space, count, turn)
    progress(SEARCHED, 'fitting text models')
    const given = Array.from({ length: divisions }, (_, i) => ({ y: labels, fold: divide(labels, mixSeed(seed, i)) }))
    const passes = [...given, { y: planted, fold: divide(planted, mixSeed(seed, divisions)) }]
    const fits = await pool.fit(
      // the threads get a copy in shared memory
      { shape: fitted.shape, fill: (to) => copySpace(space, to) },
      passes.map(({ y, fold }) => ({ k, labels: y, excluded: null, weight: null, fold })),
      { ...linear, final: false },
      fitProgress(passes.length * folds * k, progress),
    )
    const evidenceOf = async ({ y, fold }: { y: Uint8Array; fold: Uint8Array }, outputs: readonly FitOutput[]): Promise<Weighed> => {
      const text = meanLogits(outputs.map(({ linear: { probabilities } }) => probabilities))
      const bayes = meanLogits(outputs.map(({ bayes: { probabilities } }) => probabilities))
      const pass: Pass = { k, labels: y, fold, folds, text, bayes, neighbours, family }
      const evidence: Record<string, Float32Array> = {}
      const parts: Record<string, Float32Array> = {}
      for (const [name, { logits }] of Object.entries(SOURCES)) {
        const found = logits?.(pass, evidence) ?? null
        if (found instanceof Float32Array) evidence[name] = found
        else if (found) {
          evidence[name] = found.logits
          for (const [of, part] of Object.entries(found.parts))
            if (typeof SOURCES[of]?.reason === 'function' && of !== 'text') parts[of] = part
        }
        await turn()
      }
      return { evidence, parts }
    }
    progress(FITTED, 'weighing the evidence')
    const { evidence, parts } = await evidenceOf(given[0]!, fits.slice(0, divisions))
    const cells = { labels, judged: source, k, evidence }
    const wrong = Uint8Array.from(labels, (label, cell) => (label === planted[cell] ? 0 : 1))
    const plantedCells = { labels: planted, k, ...(await evidenceOf(passes[divisions]!, fits.slice(divisions))) }
    const learnt = learnWrong(plantedCells, wrong, { labels, k, evidence }, seed)
    const meanOf = (part: Float32Array): number => part.reduce((sum, z, cell) => sum + (labels[cell] === 1 ? z : -z), 0) / part.length
    const model = { ...learnt, partMeans: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, meanOf(part)])) }
    return { wrong: wrongProbabilities(cells, model), evidence, parts, model, neighbours: closest(neighbours, KEPT_NEIGHBOURS) }
  } finally {
    await pool.close()
  }
}

function meanLogits(probabilities: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(probabilities[0]!.length)
  for (const each of probabilities)
    for (let cell = 0; cell < out.length; cell++) out[cell]! += logit(each[cell]!, 1e-6) / probabilities.length
  return out
}

function fitProgress(problems: number, progress: (fraction: number, phase: string) => void): () => void {
  let done = 0
  return () => progress(SEARCHED + (++done / problems) * (FITTED - SEARCHED), 'fitting text models')
}
