/**
 * Transformers of DistilBERT's shape (6 layers, 768, 12 heads, 30,522 words, 19 genres; random weights), two threads, against their peers:
 *
 *   node test/bench/transformer.ts mymoviedb.csv TOKENIZER_FOLDER [quick]
 *
 * Reelabel and the peer run alternately, three times; the results are medians. PyTorch: peers/torch_step.py (Debian's python3-torch and
 * libopenblas0-pthread); transformers.js with the same .onnx (`npm ci --prefix test/bench/peers`). Prints one JSON line; quantities
 * that cannot be measured here are null.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportMerged, exportOnnx } from '../../src/main/compute/models/export/folders.ts'
import { randomModel } from '../../src/main/compute/models/open-model.ts'
import { DISTILBERT } from './distilbert.ts'
import { loadMovies } from './linear-data.ts'
import { median, pythonPeer, report, round } from './measure.ts'

const TASK = new URL('transformer-task.ts', import.meta.url).pathname
const TURNS = 3
const EPOCH = { plots: 2000, batch: 8, padded: 256 }

interface Measured {
  readonly seconds: number
  readonly peakMB: number | null
}
/** Our result and the peer's; null without a peer. */
interface Pair {
  readonly seconds: number
  readonly peakMB: number | null
  readonly peerSeconds: number | null
  /** Speed relative to the peer. */
  readonly times: number | null
  /** Share of the roofline's speed (roofline.ts); null without one. */
  readonly share: number | null
}

const [csv, tokenizer, quick] = process.argv.slice(2)
if (csv === undefined || tokenizer === undefined) throw new Error('usage: transformer.ts mymoviedb.csv TOKENIZER_FOLDER [quick]')
const folder = mkdtempSync(join(tmpdir(), 'reelabel-bench-'))
const [model, exported] = [join(folder, 'model'), join(folder, 'exported')]

/** Runs a task in a separate process; null if it fails. */
function task(name: string, where: string, settings: object = {}): Measured | null {
  const { status, stdout } = spawnSync(process.execPath, [TASK, name, where, JSON.stringify(settings)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return status === 0 ? (JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured) : null
}
/** Version and kernels as the peer prints them; null until it ran. */
let torchVersion: string | null = null
function torch(batch: number, tokens: number, mode: string): Measured | null {
  const output = pythonPeer('torch_step.py', [String(batch), String(tokens), mode, '2'])
  const found = /median ([\d.]+) s/.exec(output ?? '')
  torchVersion = /^PyTorch .*$/m.exec(output ?? '')?.[0] ?? torchVersion
  return found ? { seconds: Number(found[1]), peakMB: null } : null
}
/** Runs both sides, and what measures the roofline, alternately and returns their medians. */
function against(
  ours: () => Measured | null,
  theirs: () => Measured | null,
  turns = quick ? 1 : TURNS,
  roofline: () => Measured | null = () => null,
): Pair {
  const [mine, peers, least]: [Measured[], Measured[], Measured[]] = [[], [], []]
  for (let turn = 0; turn < turns; turn++) {
    const [own, peer, limit] = [ours(), theirs(), roofline()]
    if (own) mine.push(own)
    if (peer) peers.push(peer)
    if (limit) least.push(limit)
  }
  if (mine.length === 0) throw new Error('a task failed')
  const seconds = round(median(mine.map((m) => m.seconds)), 4)
  const peerSeconds = peers.length === 0 ? null : round(median(peers.map((m) => m.seconds)), 4)
  const peakMB = Math.max(...mine.map((m) => m.peakMB ?? 0)) || null
  const share = least.length === 0 ? null : round(median(least.map((m) => m.seconds)) / seconds)
  return { seconds, peakMB, peerSeconds, times: peerSeconds === null ? null : round(peerSeconds / seconds), share }
}
/** A step in a mode, its peer and its roofline. */
const step = (mode: 'lora' | 'full'): Pair =>
  against(() => task('step', model, { mode }), () => torch(8, 128, mode), undefined, () => task('roofline', model, { mode })) // prettier-ignore
/** Seconds of a whole epoch at the peer's pace. */
function paddedEpoch(): Measured | null {
  const one = torch(EPOCH.batch, EPOCH.padded, 'lora')
  return one && { ...one, seconds: (one.seconds * EPOCH.plots) / EPOCH.batch }
}

/** The same step on the GPU and on the CPU, with a tenth of the batch so that software devices finish. */
function card(): Pair | null {
  const small = { mode: 'lora', batch: 2, tokens: 32, repeats: 3 }
  const there = task('step', model, { ...small, device: 'webgpu' })
  return there && against(() => task('step', model, { ...small, device: 'webgpu' }), () => task('step', model, small), 1) // prettier-ignore
}

try {
  const random = randomModel(DISTILBERT, { seed: 1 })
  await exportMerged(model, random, { folder: tokenizer })
  await exportOnnx(exported, random, { folder: tokenizer })
  const all = loadMovies(csv).plots
  const write = (count: number): void => {
    const some = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!)
    for (const where of [model, exported]) writeFileSync(join(where, 'plots.json'), JSON.stringify(some))
  }
  const infer = against(() => task('infer', model), () => torch(8, 128, 'infer')) // prettier-ignore
  const inferJs = against(() => task('infer', model), () => task('infer-peer', exported)) // prettier-ignore
  const lora = step('lora')
  const full = step('full')
  write(quick ? 100 : 1000)
  const plots = against(() => task('infer-plots', model), () => task('infer-plots-peer-padded', exported), 1) // prettier-ignore
  const plotsLongest = against(() => task('infer-plots', model), () => task('infer-plots-peer', exported), 1) // prettier-ignore
  const count = quick ? 100 : EPOCH.plots
  write(count)
  const ours = task('epoch', model, { batch: EPOCH.batch })
  const epoch = against(() => ours && { ...ours, seconds: (ours.seconds * EPOCH.plots) / count }, paddedEpoch, 1)
  write(10_000)
  const tokenising = task('tokenise', model)
  report({
    infer,
    inferJs,
    lora,
    full,
    plots,
    plotsLongest,
    epoch,
    tokenising,
    card: card(),
    torchVersion,
    seconds: lora.seconds,
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
