/**
 * Scores the default recipe against scikit-learn on three public catalogues:
 *
 *   node test/bench/quality.ts mymoviedb.csv movies_metadata.csv imdb-by-genre
 *
 * Both read title and plot of the same movies, four fifths of them for training (a shuffle with the seed 42), choose thresholds on five-fold
 * out-of-fold probabilities, and give every movie a genre. Prints one JSON line: for each catalogue the scores of its test part and seconds
 * of both; null for the peer without scikit-learn.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NOT_TRAINING } from '../../src/contract/jobs.ts'
import { gatherRows } from '../../src/main/analysis/matrix.ts'
import { trainedThresholds } from '../../src/main/compute/evaluate.ts'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { rowsWhere, trainLinear } from '../../src/main/compute/linear/train.ts'
import { imdbByGenre, moviesDataset, nineThousand, type Movies } from './catalogues.ts'
import { decide, score, shuffled, type Scores } from './linear-data.ts'
import { plotsIn } from '../compute/linear/support.ts'
import { pythonPeer, report, round } from './measure.ts'

interface Result extends Scores {
  readonly seconds: number
}
const [mymoviedb, metadata, imdb] = process.argv.slice(2)
if (imdb === undefined) throw new Error('usage: quality.ts mymoviedb.csv movies_metadata.csv imdb-by-genre')

/** The default recipe's scores on the movies outside its folds. */
async function mine({ texts, labels, genres }: Movies, fold: Uint8Array): Promise<Result> {
  const [n, k] = [texts.length, genres.length]
  const start = performance.now()
  const input = { n, k, plots: plotsIn(texts), labels, excluded: null, rowWeight: null, fold }
  const { probabilities } = await trainLinear(input, LINEAR_DEFAULTS, () => undefined)
  const train = rowsWhere(fold, (each) => each !== NOT_TRAINING)
  const cells = { y: gatherRows(labels, train, k), p: gatherRows(probabilities, train, k), n: train.length, k }
  const thresholds = [...trainedThresholds(cells, null)]
  const seconds = round((performance.now() - start) / 1000)
  const test = [...rowsWhere(fold, (each) => each === NOT_TRAINING)]
  const decisions = test.map((row) => decide(probabilities.subarray(row * k, row * k + k), thresholds))
  return { ...score({ labels, k }, test, decisions), seconds }
}

/** scikit-learn's scores on the same movies, folds and texts. */
function theirs({ texts, labels, genres }: Movies, fold: Uint8Array): Result | null {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-bench-'))
  try {
    const path = join(folder, 'movies.json')
    writeFileSync(path, JSON.stringify({ texts, labels: [...labels], genres: genres.length, fold: [...fold] }))
    const line = pythonPeer('sklearn_quality.py', [path])
    return line === null ? null : (JSON.parse(line) as Result)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const catalogues = {
  '9000+ Movies': nineThousand(mymoviedb!),
  'The Movies Dataset': moviesDataset(metadata!),
  'IMDb by genre': imdbByGenre(imdb),
}
const results: Record<string, unknown> = {}
for (const [name, movies] of Object.entries(catalogues)) {
  const fold = new Uint8Array(movies.texts.length).fill(NOT_TRAINING)
  shuffled(fold.length, 42)
    .slice(Math.ceil(fold.length * 0.2))
    .forEach((row, i) => (fold[row] = i % LINEAR_DEFAULTS.folds))
  const training = rowsWhere(fold, (each) => each !== NOT_TRAINING).length
  const counts = { movies: fold.length, training, genres: movies.genres.length }
  results[name] = { ...counts, mine: await mine(movies, fold), peer: theirs(movies, fold) }
}
report({ catalogues: results })
