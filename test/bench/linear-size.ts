/**
 * Measures training time and memory of the linear family on generated catalogues:
 *
 *   node test/bench/linear-size.ts [movies …]          // 10,000, 100,000 and 1,000,000 where none is named
 *
 * Each size trains in a process of its own, with the recipe that is offered for it, four fifths of the movies being the
 * training part; plots come line by line from a file. Prints one JSON line: for each size `seconds`, `cpuSeconds` (of all
 * threads), `peakMB` (the whole process at its highest) and `features`.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { NOT_TRAINING } from '../../src/contract/jobs.ts'
import { linearDefaults } from '../../src/main/compute/linear/defaults.ts'
import { trainLinear } from '../../src/main/compute/linear/train.ts'
import { generateCatalogue, GENRE_SHARES } from '../support/generate.ts'
import { round } from './measure.ts'

const GENRES = Object.keys(GENRE_SHARES)
const K = GENRES.length
const SIZES = [10_000, 100_000, 1_000_000]
/** Shorter plots are placeholders. */
const SHORTEST = 40

interface Files {
  readonly plots: string
  readonly labels: string
}
const filesIn = (folder: string): Files => ({ plots: join(folder, 'plots.txt'), labels: join(folder, 'labels.bin') })

/** Writes plots, one per line, and labels (n, k). Returns n. */
function writeMovies(movies: number, { plots, labels }: Files): number {
  const out = openSync(plots, 'w')
  const cells = new Uint8Array(movies * K)
  let n = 0
  for (const piece of generateCatalogue(movies)) {
    for (const [, , , plot = '', genres = ''] of parse(piece)) {
      if (plot.length < SHORTEST) continue
      writeSync(out, `${plot}\n`)
      for (const genre of genres.split(', ')) cells[n * K + GENRES.indexOf(genre)] = 1
      n++
    }
  }
  closeSync(out)
  writeFileSync(labels, cells.subarray(0, n * K))
  return n
}

function* lines(path: string): Generator<string> {
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(1 << 20)
  const decoder = new TextDecoder()
  let rest = ''
  for (let got = readSync(file, buffer); got > 0; got = readSync(file, buffer)) {
    const found = (rest + decoder.decode(buffer.subarray(0, got), { stream: true })).split('\n')
    rest = found.pop()!
    yield* found
  }
  closeSync(file)
}

function* linesOf(path: string, rows: Int32Array): Generator<string> {
  let [next, row] = [0, 0]
  for (const line of lines(path)) {
    if (row++ !== rows[next]) continue
    yield line
    if (++next === rows.length) return
  }
}

async function measure(files: Files): Promise<Record<string, number>> {
  const labels = new Uint8Array(readFileSync(files.labels))
  const n = labels.length / K
  const fold = Uint8Array.from({ length: n }, (_, row) => (row % 5 === 4 ? NOT_TRAINING : Math.floor(row / 5) % 5))
  const training = fold.reduce((sum, each) => sum + (each === NOT_TRAINING ? 0 : 1), 0)
  const start = performance.now()
  const { model } = await trainLinear(
    { n, k: K, labels, fold, excluded: null, rowWeight: null, plots: (rows) => linesOf(files.plots, rows) },
    linearDefaults(training),
    () => undefined,
  )
  const { user, system } = process.cpuUsage()
  return {
    movies: n,
    training,
    features: model.vocabulary.length,
    seconds: round((performance.now() - start) / 1000, 1),
    cpuSeconds: round((user + system) / 1e6, 1),
    peakMB: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

function measureApart(movies: number): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-linear-'))
  try {
    writeMovies(movies, filesIn(folder))
    const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--in', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (status !== 0) throw new Error(`the training of ${movies} movies ended with code ${status}`)
    return JSON.parse(stdout)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const [first, second] = process.argv.slice(2)
if (first === '--in') console.log(JSON.stringify(await measure(filesIn(second!))))
else {
  const asked = process.argv.slice(2).map(Number)
  console.log(JSON.stringify({ sizes: (asked.length > 0 ? asked : SIZES).map(measureApart) }))
}
