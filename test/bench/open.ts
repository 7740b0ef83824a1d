/**
 * Measures opening a project with runs, and fetching the numbers of its screens:
 *
 *   node test/bench/open.ts PROJECT.reel
 *
 * Medians of several calls, milliseconds; `open` is from the engine's start to the answer of `project.info`, `openMax` the
 * longest of them, the first one left out (it reads the file into the system's cache). `compare` compares runs 1 and 2 with
 * 2,000 resamples (up to 200,000 movies, of projects with two runs). `memoryMB` is what the process holds with the project
 * open, Node's own included; `longestTurn` the longest time that reading everything again keeps other calls waiting. Prints
 * one JSON line.
 */
import { statSync } from 'node:fs'
import { Catalogue } from '../../src/main/catalogue/catalogue.ts'
import { Predictions } from '../../src/main/catalogue/predictions.ts'
import { ReviewIndex } from '../../src/main/catalogue/review-index.ts'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import { Store } from '../../src/main/store/store.ts'
import { median, report, round, spread, timed, withEngine } from './measure.ts'

const [project] = process.argv.slice(2)
if (project === undefined) throw new Error('usage: open.ts PROJECT.reel')
const TIMES = 5
const MAX_COMPARED = 200_000

const open: number[] = []
for (let i = 0; i < TIMES + 1; i++) {
  const start = performance.now()
  await withEngine(project, async (engine) => {
    await engine.call('project.info', {})
    open.push(performance.now() - start)
  })
}
const opened = spread(open.slice(1))
await withEngine(project, async (engine) => {
  const { kept } = await engine.call('project.info', {})
  const runs = await engine.call('runs.list', {})
  const memoryMB = Math.round(process.memoryUsage.rss() / 2 ** 20)
  const times = async (count: number, work: () => unknown): Promise<number> => {
    const all: number[] = []
    for (let i = 0; i < count; i++) all.push(await timed(work))
    return median(all)
  }
  const compared = runs.filter((r) => r.status === 'done').length > 1 && kept <= MAX_COMPARED
  report({
    movies: kept,
    fileMB: Math.round(statSync(project).size / 2 ** 20),
    open: opened.p50,
    openMax: opened.max,
    overview: await times(2 * TIMES, () => engine.call('overview.get', {})),
    metricsTest: await times(2 * TIMES, () => engine.call('metrics.get', {})),
    metricsOof: await times(2 * TIMES, () => engine.call('metrics.get', { part: 'oof' })),
    compare: compared ? await times(3, () => engine.call('runs.compare', { a: 1, b: 2 })) : null,
    memoryMB,
    longestTurn: longestTurn(project),
  })
})

/** The longest step of reading a project. */
function longestTurn(path: string): number {
  const store = new Store(path, 'open')
  let longest = 0
  const watched = function* <T>(steps: Generator<undefined, T>): Generator<undefined, T> {
    for (;;) {
      const start = performance.now()
      const step = steps.next()
      longest = Math.max(longest, performance.now() - start)
      if (step.done) return step.value
      yield
    }
  }
  const catalogue = runToEnd(watched(Catalogue.loadInSteps(store)))
  const run = store.runs.all().findLast((r) => r.status === 'done')
  const predictions = run ? runToEnd(watched(Predictions.loadInSteps(catalogue, store, run))) : null
  runToEnd(watched(ReviewIndex.loadInSteps(store, catalogue, predictions, null)))
  store.close()
  return round(longest)
}
