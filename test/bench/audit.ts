/**
 * Measures the intervals of a blind audit:
 *
 *   node test/bench/audit.ts mymoviedb.csv [quick]
 *
 * Errors of mixed kinds are planted in a known share of the movies, suspects are searched for, and an oracle that knows the planted errors
 * answers 200 audits of 200 movies, each with another seed. Plain random sampling, strata, predictions without strata, and both. Prints
 * one JSON line: for each the share of audits whose interval holds the true rate, and the mean half-width.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { anytimeMultiplier, estimateMean, Z95 } from '../../src/main/analysis/audit/estimate.ts'
import { quantitiesOf } from '../../src/main/analysis/audit/result.ts'
import { drawSample } from '../../src/main/analysis/audit/sample.ts'
import { ERROR_KINDS, plantErrors } from '../../src/main/analysis/suspects/plant.ts'
import { divider } from '../../src/main/compute/evaluate.ts'
import { linearDefaults } from '../../src/main/compute/linear/defaults.ts'
import { findSuspects, suspectDefaults } from '../../src/main/compute/suspects.ts'

const [mymoviedb, quick] = process.argv.slice(2)
if (mymoviedb === undefined) throw new Error('usage: audit.ts mymoviedb.csv [quick]')
const ROUNDS = 200
const LABELLED = 200
/** Answers after which the analyst looks at the anytime interval. */
const EVERY = 5

const records = parse<Record<string, string>>(readFileSync(mymoviedb), {
  bom: true,
  columns: true,
  relax_column_count: true,
  relax_quotes: true,
})
const movies = records
  .map((r) => ({ title: r['Title'] ?? '', plot: (r['Overview'] ?? '').trim(), genres: (r['Genre'] ?? '').split(/,\s*/).filter(Boolean) }))
  .filter(({ plot, genres }, i, all) => plot !== '' && genres.length > 0 && all.findIndex((other) => other.plot === plot) === i)
  .slice(0, quick ? 1000 : 3500)
const names = [...new Set(movies.flatMap(({ genres }) => genres))].sort()
const [n, k] = [movies.length, names.length]
const truth = Uint8Array.from(movies.flatMap(({ genres }) => names.map((name) => (genres.includes(name) ? 1 : 0))))

const [MOVIES, CELLS] = [0, 3]
const designs = {
  'plain random': { strata: false, predictions: false },
  stratified: { strata: true, predictions: false },
  'PPI++, no strata': { strata: false, predictions: true },
  'PPI++ in strata': { strata: true, predictions: true },
}
const results = []
for (const rate of quick ? [0.1] : [0.05, 0.1, 0.2]) {
  const labels = plantErrors(truth, n, k, ERROR_KINDS, rate, 91)
  const config = suspectDefaults(linearDefaults(n), n)
  const input = {
    texts: movies.map(({ title, plot }) => `${title} . ${plot}`),
    divide: divider(() => movies.map(({ plot }) => plot), n, k, config.linear.folds),
    decided: new Uint8Array(n * k),
  }
  const found = await findSuspects({ ...input, n, k, labels, source: labels, family: null }, config, () => undefined, () => Promise.resolve()) // prettier-ignore
  const given = (row: number) => (column: number) => labels[row * k + column] === 1
  const rows = [...movies.keys()]
  const y = rows.map((row) =>
    quantitiesOf(
      names.map((_, g) => (labels[row * k + g] === truth[row * k + g] ? 0 : 1)),
      given(row),
    ),
  )
  const f = rows.map((row) => quantitiesOf(found.wrong.subarray(row * k, (row + 1) * k), given(row)))
  const suspicion = Float64Array.from(f, (of) => of[MOVIES]!)
  const mean = (of: readonly Float64Array[], quantity: number): number => of.reduce((sum, each) => sum + each[quantity]!, 0) / of.length
  for (const [name, { strata, predictions }] of Object.entries(designs)) {
    const totals = { movies: { covered: 0, width: 0 }, cells: { covered: 0, width: 0 } }
    let always = 0
    for (let seed = 0; seed < ROUNDS; seed++) {
      const { stratum, sizes, order } = drawSample(n, strata ? suspicion : null, LABELLED, seed)
      const at = (count: number, quantity: number) => {
        const drawn = [...order.subarray(0, count)]
        const means = sizes.map((_, h) => mean(rows.filter((row) => stratum[row] === h).map((row) => f[row]!), quantity)) // prettier-ignore
        const sampled = { stratum: drawn.map((row) => stratum[row]!), sizes, y: drawn.map((row) => y[row]![quantity]!) }
        return estimateMean(sampled, predictions ? { f: drawn.map((row) => f[row]![quantity]!), means } : null)
      }
      for (const [key, quantity, scale] of [
        ['movies', MOVIES, 1],
        ['cells', CELLS, k],
      ] as const) {
        const estimate = at(LABELLED, quantity)
        const reach = Z95 * estimate.errorAt(LABELLED)
        if (Math.abs(estimate.mean - mean(y, quantity)) <= reach) totals[key].covered++
        totals[key].width += reach / scale / ROUNDS
      }
      const looks = Array.from({ length: (LABELLED - 30) / EVERY + 1 }, (_, i) => 30 + i * EVERY)
      const holds = (count: number): boolean => {
        const estimate = at(count, MOVIES)
        return Math.abs(estimate.mean - mean(y, MOVIES)) <= anytimeMultiplier(count, n, LABELLED) * estimate.errorAt(count)
      }
      if (looks.every(holds)) always++
    }
    const share = ({ covered, width }: { covered: number; width: number }) => ({ covered: covered / ROUNDS, width })
    results.push({ rate, name, movies: share(totals.movies), cells: share(totals.cells), anytime: always / ROUNDS })
    process.stderr.write(`${rate} ${name}\n`)
  }
  results.push({ rate, name: 'truth', movies: mean(y, MOVIES), cells: mean(y, CELLS) / k, expected: mean(f, MOVIES) })
}
console.log(JSON.stringify({ movies: n, labelled: LABELLED, rounds: ROUNDS, results }))
