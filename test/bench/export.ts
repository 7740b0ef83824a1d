/**
 * Measures the export of a corrected catalogue and its predictions:
 *
 *   node test/bench/export.ts PROJECT.reel
 *
 * Medians of three, records a second, the start of the job's process included. Prints one JSON line.
 */
import { join } from 'node:path'
import type { Args } from '../../src/contract/api.ts'
import { resultOf } from '../../src/contract/events.ts'
import { finish } from '../../src/main/cli/with-engine.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { median, report, timed, withEngine } from './measure.ts'

const [project] = process.argv.slice(2)
if (project === undefined) throw new Error('usage: export.ts PROJECT.reel')

await withEngine(
  project,
  async (engine, folder) => {
    const rate = async (what: Args<'export.run'>['what']): Promise<{ rows: number; rowsPerSecond: number }> => {
      const times: number[] = []
      let rows = 0
      for (let i = 0; i < 3; i++)
        times.push(
          await timed(async () => {
            const end = await finish(engine, () => engine.call('export.run', { what, path: join(folder, `${what}.csv`) }), { json: true })
            rows = resultOf('export', end).records
          }),
        )
      return { rows, rowsPerSecond: Math.round((rows / median(times)) * 1000) }
    }
    report({ catalogue: await rate('catalogue'), predictions: await rate('predictions') })
  },
  forkProcess,
)
