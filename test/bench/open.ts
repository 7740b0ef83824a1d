/**
 * How long it takes to open a project with runs, and to get the numbers of its screens:
 *
 *   node test/bench/open.ts PROJECT.reel
 *
 * Medians of several calls, milliseconds. `compare` compares runs 1 and 2 with 2,000 resamples. `memoryMB` is what the
 * process holds with the project open, Node's own included. Prints one JSON line.
 */
import { median, report, timed, withEngine } from './measure.ts'

const [project] = process.argv.slice(2)
if (project === undefined) throw new Error('usage: open.ts PROJECT.reel')
const TIMES = 5

const open: number[] = []
for (let i = 0; i < TIMES - 1; i++) {
  const start = performance.now()
  await withEngine(project, () => Promise.resolve(open.push(performance.now() - start)))
}
const start = performance.now()
await withEngine(project, async (engine) => {
  open.push(performance.now() - start)
  const { kept } = await engine.call('project.info', {})
  const memoryMB = Math.round(process.memoryUsage.rss() / 2 ** 20)
  const times = async (count: number, work: () => unknown): Promise<number> => {
    const all: number[] = []
    for (let i = 0; i < count; i++) all.push(await timed(work))
    return median(all)
  }
  report({
    movies: kept,
    open: median(open),
    overview: await times(2 * TIMES, () => engine.call('overview.get', {})),
    metricsTest: await times(2 * TIMES, () => engine.call('metrics.get', {})),
    metricsOof: await times(2 * TIMES, () => engine.call('metrics.get', { part: 'oof' })),
    compare: await times(3, () => engine.call('runs.compare', { a: 1, b: 2 })),
    memoryMB,
  })
})
