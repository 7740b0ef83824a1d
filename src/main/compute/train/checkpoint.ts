/**
 * Checkpoints in a folder: `state-N.safetensors`, whose header holds the progress and names `best-M.safetensors`, the best parameters so
 * far. The state with the highest number counts. Each file is written completely under a new name, and older ones are removed last: a
 * kill at any moment leaves a complete checkpoint, the new one or the one before.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { EpochFigures } from '../../../contract/models.ts'
import type { Tensors } from './learner.ts'
import type { Checkpoints, Progress } from './loop.ts'
import { readTensors, writeTensors } from './results.ts'

const VERSION = 1
const FILE = /^(?<kind>state|best)-(?<number>\d+)\.safetensors$/

const number = z.number()
const figures = z.strictObject({
  fold: number.nullable(),
  stage: z.enum(['warm-up', 'fine-tuning']),
  epoch: number,
  epochs: number,
  trainLoss: number,
  validLoss: number.nullable(),
  microF1: number.nullable(),
  macroF1: number.nullable(),
  learningRate: number,
  tokensPerSecond: number,
  memoryMb: number,
  elapsedMs: number,
  best: z.boolean(),
}) satisfies z.ZodType<EpochFigures>
const progress = z.strictObject({
  step: z.int().min(0),
  position: z.int().min(0),
  lossSum: number,
  lossWeight: number,
  kept: z.strictObject({ bestEpoch: z.int().min(0), best: number.nullable(), epoch: z.int().min(0) }),
  microTokens: z.int().min(1),
  log: z.array(figures),
  elapsedMs: number,
}) satisfies z.ZodType<Progress>
const HEADER = z.strictObject({
  version: z.literal(VERSION),
  /** Names recipe, data and weights: a checkpoint with another one belongs to another training. */
  digest: z.string(),
  progress,
  /** File of the best parameters; null before there are any. */
  best: z.string().regex(FILE).nullable(),
})
type Header = z.output<typeof HEADER>

/** Checkpoints of one training in a folder of its own. `note` receives the reason if an existing one cannot be used. */
export function checkpointsIn(folder: string, digest: string, note: (text: string) => void): Checkpoints {
  let best: string | null = null
  let next = 0
  return {
    async load() {
      await mkdir(folder, { recursive: true })
      const newest = await newestState(folder)
      const found = newest === null ? null : await readCheckpoint(folder, nameOf('state', newest), digest)
      if (typeof found === 'string') note(found)
      const usable = typeof found === 'string' ? null : found
      best = usable?.header.best ?? null
      next = (newest ?? -1) + 1
      await removeOthers(folder, usable && newest !== null ? [nameOf('state', newest), best] : [])
      return usable && { progress: usable.header.progress, state: usable.state, best: usable.best }
    },
    async save(at: Progress, state: Tensors, better?: Tensors) {
      const number = next++
      if (better) {
        best = nameOf('best', number)
        await writeTensors(join(folder, best), { digest }, better)
      }
      const header: Header = { version: VERSION, digest, progress: at as Header['progress'], best }
      await writeTensors(join(folder, nameOf('state', number)), header, state)
      await removeOthers(folder, [nameOf('state', number), best])
    },
  }
}

const nameOf = (kind: 'state' | 'best', number: number): string => `${kind}-${number}.safetensors`

interface Found {
  readonly header: Header
  readonly state: Tensors
  readonly best: Tensors | null
}

/** The checkpoint, or the reason why it cannot be used. */
async function readCheckpoint(folder: string, name: string, digest: string): Promise<Found | string> {
  const state = await readTensors(join(folder, name))
  const header = HEADER.safeParse(state?.header).data
  if (!state || !header) return 'The checkpoint of this training is damaged: it begins again.'
  if (header.digest !== digest) return 'The recipe, the labels or the plots have changed since the checkpoint: the training begins again.'
  const best = header.best === null ? null : await readTensors(join(folder, header.best))
  if (header.best !== null && !best) return 'The weights in the checkpoint of this training are damaged: it begins again.'
  return { header, state: state.tensors, best: best?.tensors ?? null }
}

async function newestState(folder: string): Promise<number | null> {
  const found = (await readdir(folder)).map((name) => FILE.exec(name)?.groups)
  const numbers = found.filter((g) => g?.['kind'] === 'state').map((g) => Number(g?.['number']))
  return numbers.length === 0 ? null : Math.max(...numbers)
}

async function removeOthers(folder: string, kept: readonly (string | null)[]): Promise<void> {
  for (const name of await readdir(folder)) if (FILE.test(name) && !kept.includes(name)) await rm(join(folder, name), { force: true })
}
