/**
 * How fast a catalogue comes in:
 *
 *   node test/bench/import.ts catalogue.csv
 *
 * The whole import job: reading the records and keeping their bytes, cleaning, text index, split. `peakMB` is the most
 * memory that this process ever held, Node's own included. The peer is `sqlite3 .import` of the same file into one bare
 * table (null without the command). Prints one JSON line.
 */
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { importCatalogue } from '../support/generate.ts'
import { report, round, timed, withEngine } from './measure.ts'

const [csv] = process.argv.slice(2)
if (csv === undefined) throw new Error('usage: import.ts catalogue.csv')

function peer(database: string): number | null {
  const start = performance.now()
  const { status } = spawnSync('sqlite3', [database, `.import --csv "${csv!}" movie`])
  return status === 0 ? (performance.now() - start) / 1000 : null
}

await withEngine(null, async (engine, folder) => {
  const seconds = (await timed(() => importCatalogue(engine, csv, join(folder, 'imported.reel')))) / 1000
  const peakMB = Math.round(process.resourceUsage().maxRSS / 1024)
  const { movies, kept } = await engine.call('project.info', {})
  const { size } = statSync(csv)
  const peerSeconds = peer(join(folder, 'peer.db'))
  report({
    rows: movies,
    kept,
    seconds: round(seconds),
    rowsPerSecond: Math.round(movies / seconds),
    megabytesPerSecond: round(size / 1e6 / seconds),
    peakMB,
    fileMB: round(statSync(join(folder, 'imported.reel')).size / 1e6, 1),
    csvMB: round(size / 1e6, 1),
    peerSeconds: peerSeconds === null ? null : round(peerSeconds),
    ratio: peerSeconds === null ? null : round(seconds / peerSeconds),
  })
})
