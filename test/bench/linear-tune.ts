/**
 * Measures settings of the linear family by cross-validation on the training part of the 9000+ Movies dataset:
 *
 *   node test/bench/linear-tune.ts mymoviedb.csv splits.json [titles] [test]
 *
 * splits.json: {"42": {"train": [row, …], "test": [row, …]}, …}, the rows of train_test_split(test_size=0.2,
 * random_state=42) over the rows as peers/sklearn_linear.py loads them. Prints one line of the docs' table for each
 * setting. Thresholds of a fold come from the other folds. With `titles`, the title is read before the plot; with `test`, the
 * defaults are scored once on each test part.
 */
import { readFileSync } from 'node:fs'
import { LINEAR_MEMBERS, type LinearConfig } from '../../src/contract/records.ts'
import { chooseBy } from '../../src/main/analysis/strategies.ts'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import { chooseThresholds } from '../../src/main/analysis/thresholds.ts'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { trainLinear, type LinearResult } from '../../src/main/compute/linear/train.ts'
import { plotsIn } from '../compute/linear/support.ts'
import { decide, gridRule, loadMovies, score, shuffled, thresholdsOf, type Scores, type ThresholdRule } from './linear-data.ts'

const [csv, splitsPath, ...rest] = process.argv.slice(2)
if (csv === undefined || splitsPath === undefined) throw new Error('usage: linear-tune.ts mymoviedb.csv splits.json [titles] [test]')
const movies = loadMovies(csv)
const texts = rest.includes('titles') ? movies.texts : movies.plots
const splits = JSON.parse(readFileSync(splitsPath, 'utf8')) as Record<string, { train: number[]; test: number[] }>

const WORDS = { ...LINEAR_MEMBERS.logistic, charNgrams: null }
const VARIANTS: readonly (readonly [string, Partial<LinearConfig>])[] = [
  ['words 1-2, C 5, balanced (the peer)', { ...WORDS, c: 5, classWeight: 'balanced' }],
  ['words 1-2, C 2, balanced', { ...WORDS, c: 2, classWeight: 'balanced' }],
  ['words 1-2, C 1, balanced', { ...WORDS, classWeight: 'balanced' }],
  ['words 1-2, C 1, none', { ...WORDS, classWeight: 'none' }],
  ['words 1-2, C 1, log', WORDS],
  ['words 1-2, C 1, log, stop words kept', { ...WORDS, stopWords: 'none' }],
  ['words 1-2, C 1, log, plain counts', { ...WORDS, sublinearTf: false }],
  ['words 1, C 1, log', { ...WORDS, wordNgrams: 1 }],
  ['words 1-3, C 1, log', { ...WORDS, wordNgrams: 3 }],
  ['characters 4, C 1, log', { ...LINEAR_MEMBERS.logistic, wordNgrams: 0 }],
  ['logistic regression alone', LINEAR_MEMBERS.logistic],
  ['NB-SVM alone', LINEAR_MEMBERS.nbSvm],
  ['NB-SVM alone, C 0.5', { ...LINEAR_MEMBERS.nbSvm, c: 0.5 }],
  ['logistic regression and NB-SVM', { bayesWeight: 0 }],
  ['logistic regression and naive Bayes', { ratioShare: 0 }],
  ['the default', {}],
  ['the default, share 0.25', { ratioShare: 0.25 }],
  ['the default, share 0.75', { ratioShare: 0.75 }],
  ['the default, naive Bayes 0.05', { bayesWeight: 0.05 }],
  ['the default, naive Bayes 0.1', { bayesWeight: 0.1 }],
  ['the default, naive Bayes 0.15', { bayesWeight: 0.15 }],
  ['the default, naive Bayes 0.2', { bayesWeight: 0.2 }],
  ['the default, balanced', { classWeight: 'balanced' }],
  ['the default, class weights none', { classWeight: 'none' }],
  ['the default, C 0.5', { c: 0.5 }],
  ['the default, C 2', { c: 2 }],
  ['the default, stop words kept', { stopWords: 'none' }],
  ['the default, plain counts', { sublinearTf: false }],
  ['the default, in at least 3 plots', { minDf: 3 }],
  ['the default, in at least 5 plots', { minDf: 5 }],
  ['the default, words 1', { wordNgrams: 1 }],
  ['the default, characters 3', { charNgrams: [3, 3] }],
  ['the default, characters 5', { charNgrams: [5, 5] }],
  ['the default, characters 3-4', { charNgrams: [3, 4] }],
  ['the default, characters 3-5', { charNgrams: [3, 5] }],
]

const shrunk =
  (smoothing: number): ThresholdRule =>
  (labels, probabilities, n, k) =>
    chooseThresholds(labels, probabilities, n, k, null, { smoothing })
const RULES: Record<string, ThresholdRule> = {
  'grid of 0.02': gridRule(0.02),
  'best F1': shrunk(0),
  'best F1, pull 5': shrunk(5),
  'best F1, pull 20': shrunk(20),
  'best F1, pull 50': shrunk(50),
  'best F1, pull 200': shrunk(200),
  'micro + macro': (y, p, n, k) => runToEnd(chooseBy('micro-macro', { y, p: Float32Array.from(p), n, k }, null, 1)),
}

/** Out-of-fold run over `train`, folds in the order of the (shuffled) rows; the final model predicts the others. */
function run(train: readonly number[], change: Partial<LinearConfig>): Promise<LinearResult> {
  const config = { ...LINEAR_DEFAULTS, ...change }
  const fold = new Uint8Array(movies.plots.length).fill(255)
  train.forEach((row, i) => (fold[row] = i % config.folds))
  return trainLinear(
    { ...movies, n: movies.plots.length, plots: plotsIn(texts), excluded: null, rowWeight: null, fold },
    config,
    () => undefined,
  )
}

/** Scores with thresholds chosen on the other parts, averaged over five partitions into five. */
function crossFitted(probabilities: Float32Array, rows: readonly number[], rule: ThresholdRule): Scores {
  const { k } = movies
  const all = Array.from({ length: 5 }, (_, seed) => {
    const order = shuffled(rows.length, seed + 1).map((i) => rows[i]!)
    const decisions = new Map<number, number[]>()
    for (let part = 0; part < 5; part++) {
      const thresholds = thresholdsOf(movies, probabilities, order.filter((_, i) => i % 5 !== part), rule) // prettier-ignore
      order.forEach((row, i) => {
        if (i % 5 === part) decisions.set(row, decide(probabilities.subarray(row * k, row * k + k), thresholds))
      })
    }
    return score(movies, order, order.map((row) => decisions.get(row)!)) // prettier-ignore
  })
  const mean = (key: keyof Scores): number => all.reduce((sum, each) => sum + each[key], 0) / all.length
  return { micro: mean('micro'), macro: mean('macro'), jaccard: mean('jaccard') }
}

const line = (name: string, { micro, macro, jaccard }: Scores, more: string): void =>
  console.log(`| ${name} | ${micro.toFixed(4)} | ${macro.toFixed(4)} | ${jaccard.toFixed(4)} | ${more} |`)

async function tune(): Promise<void> {
  const { train } = splits['42']!
  for (const [name, change] of VARIANTS) {
    const start = performance.now()
    const { probabilities, model } = await run(train, change)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    line(name, crossFitted(probabilities, train, shrunk(5)), `${model.vocabulary.length} | ${seconds}`)
  }
  const { probabilities, evidence } = await run(train, {})
  for (const [name, rule] of Object.entries(RULES)) line(name, crossFitted(probabilities, train, rule), '')
  line('naive Bayes, best F1, pull 5', crossFitted(evidence, train, shrunk(5)), '')
}

async function test(): Promise<void> {
  for (const [state, { train, test }] of Object.entries(splits)) {
    const { probabilities } = await run(train, {})
    for (const [name, rule] of Object.entries(RULES)) {
      const thresholds = thresholdsOf(movies, probabilities, train, rule)
      const decisions = test.map((row) => decide(probabilities.subarray(row * movies.k, (row + 1) * movies.k), thresholds))
      line(`random_state ${state}, ${name}`, score(movies, test, decisions), '')
    }
  }
}

await (rest.includes('test') ? test() : tune())
