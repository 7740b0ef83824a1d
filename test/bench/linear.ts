/**
 * Measures the linear family on the 9000+ Movies dataset against scikit-learn on the same machine:
 *
 *   node test/bench/linear.ts mymoviedb.csv
 *
 * Vectorising, five out-of-fold fits, the final fit and the predictions of the test part, for all genres; naive Bayes
 * included on this side. Prints one JSON line: `seconds` with the default settings, `peerSettingsSeconds` with the
 * peer's (words 1-2, C 5, balanced), `peerSeconds` of the peer's third configuration (null without scikit-learn),
 * `ratio` = seconds / peerSeconds.
 */
import type { LinearConfig } from '../../src/contract/records.ts'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { trainLinear } from '../../src/main/compute/linear/train.ts'
import { plotsIn } from '../compute/linear/support.ts'
import { loadMovies, shuffled } from './linear-data.ts'
import { pythonPeer } from './measure.ts'

const PEER_SETTINGS: LinearConfig = { ...LINEAR_DEFAULTS, c: 5, classWeight: 'balanced', charNgrams: null }

const [csv] = process.argv.slice(2)
if (csv === undefined) throw new Error('usage: linear.ts mymoviedb.csv')

const movies = loadMovies(csv)
const fold = new Uint8Array(movies.plots.length).fill(255)
const training = shuffled(movies.plots.length, 42).slice(Math.ceil(movies.plots.length * 0.2))
training.forEach((row, i) => (fold[row] = i % LINEAR_DEFAULTS.folds))

async function seconds(config: LinearConfig): Promise<number> {
  const start = performance.now()
  await trainLinear(
    { ...movies, n: movies.plots.length, plots: plotsIn(movies.plots), excluded: null, rowWeight: null, fold },
    config,
    () => undefined,
  )
  return (performance.now() - start) / 1000
}

/** Seconds that the peer reports for its third configuration; null if it cannot run. */
function peerSeconds(): number | null {
  const found = /C=5 balanced, TF-IDF 1-2 @ 0\.5\s+([\d.]+) s/.exec(pythonPeer('sklearn_linear.py', [csv!]) ?? '')
  return found ? Number(found[1]) : null
}

const mine = await seconds(LINEAR_DEFAULTS)
const same = await seconds(PEER_SETTINGS)
const theirs = peerSeconds()
console.log(
  JSON.stringify({ seconds: mine, peerSettingsSeconds: same, peerSeconds: theirs, ratio: theirs === null ? null : mine / theirs }),
)
