/**
 * How fast a corrected catalogue and its predictions go out:
 *
 *   node test/bench/export.ts PROJECT.reel
 *
 * Medians of three, records a second. Prints one JSON line.
 */
import { join } from 'node:path'
import type { Args } from '../../src/contract/api.ts'
import { median, report, timed, withEngine } from './measure.ts'

const [project] = process.argv.slice(2)
if (project === undefined) throw new Error('usage: export.ts PROJECT.reel')

await withEngine(project, async (engine, folder) => {
  const rate = async (what: Args<'export.run'>['what']): Promise<{ rows: number; rowsPerSecond: number }> => {
    const times: number[] = []
    let rows = 0
    for (let i = 0; i < 3; i++)
      times.push(await timed(async () => (rows = (await engine.call('export.run', { what, path: join(folder, `${what}.csv`) })).records)))
    return { rows, rowsPerSecond: Math.round((rows / median(times)) * 1000) }
  }
  report({ catalogue: await rate('catalogue'), predictions: await rate('predictions') })
})
