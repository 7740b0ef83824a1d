/**
 * Measures the analysis of errors where a wait is felt:
 *
 *   node test/bench/analysis.ts PROJECT.reel
 *
 * `slices`: the search for slices in the out-of-fold part of the project, right after opening it, which reads lengths, columns and words, and
 * again. `drag`: a threshold moves, and every figure of the Thresholds screen is computed, at 100,000 movies x 20 genres; the screen itself is
 * measured by window.ts. `attribute`: integrated gradients of one genre with 32 points for a text of 100 tokens, on DistilBERT's shape with
 * random weights. Milliseconds. Prints one JSON line.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { exportMerged } from '../../src/main/compute/models/export/folders.ts'
import { randomModel } from '../../src/main/compute/models/open-model.ts'
import { LiveFigures } from '../../src/renderer/stores/live-thresholds.ts'
import { DISTILBERT } from './distilbert.ts'
import { report, round, spread, timed, withEngine, type Spread } from './measure.ts'

const [project] = process.argv.slice(2)
if (project === undefined) throw new Error('usage: analysis.ts PROJECT.reel')
const [MOVIES, GENRES, DRAGS] = [100_000, 20, 400]
const AGAIN = 5

/** Steps of a slider of 0.02, and each tenth a jump across its whole range. */
function drag(): Spread {
  const below = seededDraws(1)
  const draw = (): number => below(1 << 20) / (1 << 20)
  const labels = Uint8Array.from({ length: MOVIES * GENRES }, () => (draw() < 0.12 ? 1 : 0))
  const probabilities = Float32Array.from(labels, (label) => (label === 1 ? Math.sqrt(draw()) : draw() ** 3))
  const genres = Array.from({ length: GENRES }, (_, id) => ({ id, name: `genre ${id}` }))
  const live = new LiveFigures({ labels, probabilities, genres, thresholds: new Float32Array(GENRES).fill(0.4) })
  const times: number[] = []
  let shown = 0
  for (let i = 0; i < DRAGS; i++) {
    const g = below(GENRES)
    const from = live.thresholds[g]!
    const to = i % 10 === 0 ? Math.round(1 - from) : Math.min(1, Math.max(0, from + (draw() < 0.5 ? 0.02 : -0.02)))
    const start = performance.now()
    live.set(g, to)
    shown += live.headline().microF1 + genres.reduce((sum, { id }) => sum + live.genre(id).f1, 0)
    times.push(performance.now() - start)
  }
  if (!(shown > 0)) throw new Error('nothing was computed')
  return spread(times)
}

/** Seconds of integrated gradients in a process of its own; null if it failed. */
async function attribute(folder: string): Promise<number | null> {
  const model = join(folder, 'model')
  await exportMerged(model, randomModel(DISTILBERT, { seed: 1 }), { files: {} })
  const task = [join(import.meta.dirname, 'transformer-task.ts'), 'attribute', model, JSON.stringify({ tokens: 100, repeats: 5 })]
  const { status, stdout } = spawnSync(process.execPath, task, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return status === 0 ? (JSON.parse(stdout.trim().split('\n').at(-1)!) as { seconds: number }).seconds : null
}

const slices = await withEngine(project, async (engine) => {
  await engine.call('project.info', {})
  let movies = 0
  const find = async (): Promise<void> => void (movies = (await engine.call('slices.find', {})).movies)
  const first = round(await timed(find))
  const again: number[] = []
  for (let i = 0; i < AGAIN; i++) again.push(await timed(find))
  return { movies, first, again: spread(again) }
})
const folder = mkdtempSync(join(tmpdir(), 'reelabel-bench-'))
try {
  report({ slices, drag: drag(), attribute: await attribute(folder) })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
