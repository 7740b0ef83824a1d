/**
 * Measures the import of a catalogue:
 *
 *   node test/bench/import.ts catalogue.csv    a file
 *   node test/bench/import.ts 10000 1000000    generated catalogues with these numbers of rows
 *
 * The whole import as the window runs it, in a job process: reading the records and keeping their bytes, the default
 * cleaning, text index, order of titles, split, and opening the project. `peakMB` is the sum of the most memory that the
 * engine and the job process ever held, Node's own included. The peer is `sqlite3 .import` of the same file into one bare
 * table (null without the command). Prints one JSON line for each catalogue.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { importCatalogue, writeCatalogue } from '../support/generate.ts'
import { report, round, timed, withEngine } from './measure.ts'
import { watchMemory } from './memory.ts'

const wanted = process.argv.slice(2)
if (wanted.length === 0) throw new Error('usage: import.ts catalogue.csv | ROWS…')

function peer(csv: string, database: string): number | null {
  const start = performance.now()
  const { status } = spawnSync('sqlite3', [database, `.import --csv "${csv}" movie`])
  return status === 0 ? (performance.now() - start) / 1000 : null
}

/** Seconds from the start of each phase to that of the next, by the phase's text without numbers. */
function stopwatch(): { readonly hear: (phase: string) => void; readonly times: () => Record<string, number> } {
  const starts: [string, number][] = []
  return {
    hear: (phase) => {
      const words = phase.replace(/:.*/, '')
      if (words !== '' && starts.at(-1)?.[0] !== words) starts.push([words, performance.now()])
    },
    times: () => {
      const end = performance.now()
      return Object.fromEntries(starts.map(([words, at], i) => [words, round(((starts[i + 1]?.[1] ?? end) - at) / 1000)]))
    },
  }
}

async function measure(csv: string): Promise<void> {
  await withEngine(
    null,
    async (engine, folder) => {
      const project = join(folder, 'imported.reel')
      const { hear, times } = stopwatch()
      engine.on('job', ({ phase }) => hear(phase))
      const memory = watchMemory()
      const seconds = (await timed(() => importCatalogue(engine, csv, project))) / 1000
      const phases = times()
      const peakMB = memory()
      const { movies, kept } = await engine.call('project.info', {})
      const { size } = statSync(csv)
      const peerSeconds = peer(csv, join(folder, 'peer.db'))
      report({
        rows: movies,
        kept,
        seconds: round(seconds),
        rowsPerSecond: Math.round(movies / seconds),
        megabytesPerSecond: round(size / 1e6 / seconds),
        peakMB,
        fileMB: round(statSync(project).size / 1e6, 1),
        csvMB: round(size / 1e6, 1),
        phases,
        peerSeconds: peerSeconds === null ? null : round(peerSeconds),
        ratio: peerSeconds === null ? null : round(seconds / peerSeconds),
      })
    },
    forkProcess,
  )
}

const folder = mkdtempSync(join(tmpdir(), 'reelabel-bench-'))
try {
  for (const what of wanted) {
    const rows = /^\d+$/.test(what) ? Number(what) : null
    const csv = rows === null ? what : join(folder, 'catalogue.csv')
    if (rows !== null) await writeCatalogue(csv, rows)
    await measure(csv)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
