/**
 * Checkpoints in a folder. What counts is `checkpoint.json`: it names the files of tensors, and says what they must turn out to
 * be. Files are written whole under new names, then the JSON takes the old one's place, then what it no longer names goes; a kill
 * at any moment leaves a checkpoint that is complete: the new one or the one before.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { EpochFigures } from '../../../contract/models.ts'
import type { Checkpoints, Progress } from './loop.ts'
import { readTensors, writeTensors, type Seal } from './state-file.ts'
import type { Tensors } from './learner.ts'

const VERSION = 1
const NAME = 'checkpoint.json'

const number = z.number()
const seal = z.strictObject({ name: z.string().regex(/^[a-z]+-\d+\.safetensors$/), bytes: z.int().min(0), sum: z.int() })
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
const CHECKPOINT = z.strictObject({
  version: z.literal(VERSION),
  /** Of recipe, data and weights: another one is no checkpoint of this training. */
  digest: z.string(),
  progress,
  state: seal,
  best: seal.nullable(),
})
type Checkpoint = z.output<typeof CHECKPOINT>

/** Checkpoints of one training in a folder of its own. `note` is told why one that is there is not gone on from. */
export function checkpointsIn(folder: string, digest: string, note: (text: string) => void): Checkpoints {
  let current: Checkpoint | null = null
  let sequence = 0
  return {
    async load() {
      await mkdir(folder, { recursive: true })
      const found = await readCheckpoint(folder, digest)
      if (typeof found === 'string') note(found)
      current = typeof found === 'string' || found === null ? null : found.checkpoint
      sequence = await lastSequence(folder)
      await removeOthers(folder, current ?? {})
      return current && typeof found === 'object' ? found : null
    },
    async save(at: Progress, state: Tensors, best?: Tensors) {
      const own = sequence++
      const write = (kind: string, tensors: Tensors): Promise<Seal> => {
        const name = `${kind}-${own}.safetensors`
        return writeTensors(join(folder, name), name, tensors)
      }
      const next: Checkpoint = {
        version: VERSION,
        digest,
        progress: at as Checkpoint['progress'],
        state: await write('state', state),
        best: best ? await write('best', best) : (current?.best ?? null),
      }
      await writeCheckpoint(folder, next)
      current = next
      await removeOthers(folder, next)
    },
  }
}

interface Found {
  readonly checkpoint: Checkpoint
  readonly progress: Progress
  readonly state: Tensors
  readonly best: Tensors | null
}

/** A string: why the checkpoint that is there cannot be gone on from. null: there is none. */
async function readCheckpoint(folder: string, digest: string): Promise<Found | string | null> {
  const text = await readFile(join(folder, NAME), 'utf8').catch(() => null)
  if (text === null) return null
  const checkpoint = parse(text)
  if (!checkpoint) return 'The checkpoint of this training is damaged: it begins anew.'
  if (checkpoint.digest !== digest)
    return 'The recipe, the labels or the plots have changed since the checkpoint: the training begins anew.'
  const state = await readTensors(join(folder, checkpoint.state.name), checkpoint.state)
  const best = checkpoint.best && (await readTensors(join(folder, checkpoint.best.name), checkpoint.best))
  if (!state || (checkpoint.best && !best)) return 'The weights in the checkpoint of this training are damaged: it begins anew.'
  return { checkpoint, progress: checkpoint.progress, state, best }
}

/** The first line is the CRC-32 of the rest: a JSON that was cut or changed is not believed. */
function parse(text: string): Checkpoint | null {
  const end = text.indexOf('\n')
  const body = text.slice(end + 1)
  if (end < 0 || crc32(body).toString(16) !== text.slice(0, end)) return null
  return CHECKPOINT.safeParse(JSON.parse(body)).data ?? null
}

async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const body = JSON.stringify(checkpoint)
  const part = join(folder, `${NAME}.part`)
  const file = await open(part, 'w')
  try {
    await file.writeFile(`${crc32(body).toString(16)}\n${body}`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, join(folder, NAME))
}

const TENSORS = /^[a-z]+-(\d+)\.safetensors(?:\.part)?$/

async function lastSequence(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).map((name) => Number(TENSORS.exec(name)?.[1] ?? -1))
  return Math.max(-1, ...numbers) + 1
}

async function removeOthers(folder: string, { state, best }: Partial<Checkpoint> = {}): Promise<void> {
  const named = new Set([state?.name, best?.name])
  for (const name of await readdir(folder)) if (TENSORS.test(name) && !named.has(name)) await rm(join(folder, name), { force: true })
}
