/**
 * Measures the linear family on the 9000+ Movies dataset against scikit-learn on the same machine:
 *
 *   node test/bench/linear.ts mymoviedb.csv
 *
 * Vectorising, five out-of-fold fits, the final fit and the predictions of the test part, for all genres; naive Bayes
 * included on this side. Prints one JSON line: `seconds` with the default settings, `peerSettingsSeconds` with the
 * peer's (words 1-2, C 5, balanced), `peerSeconds` of the peer's third configuration (null without scikit-learn),
 * `ratio` = seconds / peerSeconds, `explainMs` of 50 explanations.
 */
import type { LinearConfig } from '../../src/contract/records.ts'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { explainLinear } from '../../src/main/compute/linear/explain.ts'
import type { LinearModel } from '../../src/main/compute/linear/predict.ts'
import { trainLinear } from '../../src/main/compute/linear/train.ts'
import { plotsIn } from '../compute/linear/support.ts'
import { loadMovies, shuffled } from './linear-data.ts'
import { median, pythonPeer } from './measure.ts'

const PEER_SETTINGS: LinearConfig = { ...LINEAR_DEFAULTS, c: 5, classWeight: 'balanced', charNgrams: null }

const [csv] = process.argv.slice(2)
if (csv === undefined) throw new Error('usage: linear.ts mymoviedb.csv')

const movies = loadMovies(csv)
const fold = new Uint8Array(movies.plots.length).fill(255)
const training = shuffled(movies.plots.length, 42).slice(Math.ceil(movies.plots.length * 0.2))
training.forEach((row, i) => (fold[row] = i % LINEAR_DEFAULTS.folds))

async function measured(config: LinearConfig) {
  const start = performance.now()
  const { model } = await trainLinear(
    { ...movies, n: movies.plots.length, plots: plotsIn(movies.plots), excluded: null, rowWeight: null, fold },
    config,
    () => undefined,
  )
  return { model, seconds: (performance.now() - start) / 1000 }
}

/** Milliseconds for the explanations of 50 movies, each for one genre: the median of nine rounds after one that is not counted. */
function explainMs(model: LinearModel): number {
  const round = (): number => {
    const start = performance.now()
    for (let i = 0; i < 50; i++) explainLinear(model, movies.plots[i * 100]!, i % model.genres)
    return performance.now() - start
  }
  round()
  return median(Array.from({ length: 9 }, round))
}

/** Seconds that the peer reports for its third configuration; null if it cannot run. */
function peerSeconds(): number | null {
  const found = /C=5 balanced, TF-IDF 1-2 @ 0\.5\s+([\d.]+) s/.exec(pythonPeer('sklearn_linear.py', [csv!]) ?? '')
  return found ? Number(found[1]) : null
}

const { model, seconds: mine } = await measured(LINEAR_DEFAULTS)
const { seconds: same } = await measured(PEER_SETTINGS)
const theirs = peerSeconds()
console.log(
  JSON.stringify({
    seconds: mine,
    peerSettingsSeconds: same,
    peerSeconds: theirs,
    ratio: theirs === null ? null : mine / theirs,
    explainMs: explainMs(model),
  }),
)
