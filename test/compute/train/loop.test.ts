import { describe, expect, test } from 'vitest'
import type { EpochFigures } from '../../../src/contract/models.ts'
import type { Micro, Update } from '../../../src/main/compute/train/batches.ts'
import type { BatchFigures, Learner, StepAt, Tensors, UpdateFigures } from '../../../src/main/compute/train/learner.ts'
import { predictRows, runTraining, type Checkpoints, type Progress, type Training } from '../../../src/main/compute/train/loop.ts'
import { PURPOSES } from '../../../src/main/analysis/random.ts'

/** One weight that every row moves in turn, so that it shows the order and number of updates. */
class Counter implements Learner {
  weight = 1
  readonly seen: number[][] = []
  readonly rates: number[] = []
  /** Number of tokens above which it runs out of memory. */
  limit = Infinity
  lossAt: (step: number) => number = (step) => 1 / (step + 1)
  update(update: Update, { step, learningRate }: StepAt): Promise<UpdateFigures> {
    const rows = update.micros.flatMap((micro) => [...micro.rows])
    for (const { rows: own, width } of update.micros) if (own.length * width > this.limit) return Promise.reject(new Error('no memory'))
    for (const row of rows) this.weight = (this.weight * 31 + row + step) % 65_521
    this.seen.push(rows)
    this.rates.push(learningRate)
    return Promise.resolve({ loss: this.lossAt(step), weight: rows.length, norm: 1 })
  }
  evaluate({ rows }: Micro): Promise<BatchFigures> {
    return Promise.resolve({ loss: 0.5, weight: rows.length, logits: Float32Array.from([...rows].flatMap((row) => [row, -row])) })
  }
  state = (): Promise<Tensors> => Promise.resolve(new Map([['w', { shape: [1], data: Float32Array.of(this.weight) }]]))
  parameters = this.state
  load(state: Tensors | null): Promise<void> {
    this.weight = state?.get('w')?.data[0] ?? 1
    return Promise.resolve()
  }
  adopt = this.load.bind(this)
  release = (): Promise<void> => Promise.resolve()
}

interface Memory extends Checkpoints {
  saved: { progress: Progress; state: Tensors; best: Tensors | null } | null
}
function memory(): Memory {
  const store: Memory = {
    saved: null,
    load: () => Promise.resolve(store.saved),
    save: (progress, state, best) => {
      store.saved = { progress, state, best: best ?? store.saved?.best ?? null }
      return Promise.resolve()
    },
  }
  return store
}

interface Setup {
  readonly training: Training
  readonly learner: Counter
  readonly epochs: EpochFigures[]
  readonly notes: string[]
  readonly store: Memory
}
function setup(change: Partial<Training['recipe']> = {}, figures: readonly number[] = [], store = memory(), stopAfter = Infinity): Setup {
  const learner = new Counter()
  const [epochs, notes]: [EpochFigures[], string[]] = [[], []]
  let turns = 0
  let clock = 0
  const training: Training = {
    learner,
    recipe: { epochs: 4, learningRate: 1, schedule: 'linear', warmUp: 0, batch: 4, microTokens: 100, keep: 'micro-f1', patience: null, seed: 3, ...change }, // prettier-ignore
    stage: 'fine-tuning',
    fold: null,
    purpose: PURPOSES.epoch,
    rows: Int32Array.from({ length: 22 }, (_, i) => i),
    valid: Int32Array.from([23, 22]),
    lengths: Int32Array.from({ length: 24 }, (_, i) => 5 + (i % 7)),
    score: () => ({ microF1: figures[epochs.length] ?? epochs.length, macroF1: 0 }),
    checkpoints: store,
    host: {
      epoch: (each) => epochs.push(each),
      step: () => undefined,
      note: (text) => notes.push(text),
      isOutOfMemory: (error) => error instanceof Error && error.message === 'no memory',
      turn: () => (++turns > stopAfter ? Promise.reject(new Error('stopped')) : Promise.resolve()),
      now: () => (clock += 40_000),
      memoryMb: () => 100,
    },
  }
  return { training, learner, epochs, notes, store }
}

test('every epoch sees every row once, in a new order, at the rate of the schedule', async () => {
  const { training, learner } = setup()
  await runTraining(training)
  const perEpoch = 6
  for (let e = 0; e < 4; e++) {
    const rows = learner.seen.slice(e * perEpoch, (e + 1) * perEpoch).flat()
    expect(rows.toSorted((a, b) => a - b)).toEqual([...training.rows])
  }
  expect(learner.seen[0]).not.toEqual(learner.seen[perEpoch])
  expect(learner.rates[0]).toBe(1)
  expect(learner.rates.at(-1)).toBeCloseTo(1 / 24)
})

describe('the best epoch', () => {
  test('is the state of the learner at the end', async () => {
    const { training, learner, epochs } = setup({}, [0.1, 0.7, 0.3, 0.2])
    const { kept, parameters } = await runTraining(training)
    expect(kept).toMatchObject({ bestEpoch: 2, best: 0.7, epoch: 4 })
    expect(epochs.map(({ best }) => best)).toEqual([true, true, false, false])
    expect(learner.weight).toBe(parameters.get('w')!.data[0])
    const two = setup({ patience: 1 }, [0.1, 0.7, 0.1])
    await runTraining(two.training)
    expect(two.learner.weight).toBe(learner.weight)
  })
  test('ends the training once patience is spent', async () => {
    const { training, epochs } = setup({ patience: 1 }, [0.5, 0.4, 0.9])
    await runTraining(training)
    expect(epochs).toHaveLength(2)
  })
})

describe('a training that is stopped', () => {
  test.each([1, 4, 7, 8, 9, 15, 23, 27])('after %i turns continues to the same weights', async (turns) => {
    const whole = setup({}, [0.4, 0.6, 0.5, 0.3])
    const end = await runTraining(whole.training)
    const first = setup({}, [0.4, 0.6, 0.5, 0.3], memory(), turns)
    await expect(runTraining(first.training)).rejects.toThrow('stopped')
    const second = setup({}, [0.4, 0.6, 0.5, 0.3], first.store)
    const resumed = await runTraining(second.training)
    expect(second.learner.weight).toBe(whole.learner.weight)
    expect(resumed.kept).toEqual(end.kept)
    expect(second.epochs.map((e) => [e.epoch, e.trainLoss, e.learningRate])).toEqual(whole.epochs.map((e) => [e.epoch, e.trainLoss, e.learningRate])) // prettier-ignore
    expect(second.learner.seen.length).toBeLessThanOrEqual(whole.learner.seen.length)
  })
  test('after its end does nothing more', async () => {
    const first = setup({}, [0.4, 0.6])
    await runTraining(first.training)
    const again = setup({}, [], first.store)
    await runTraining(again.training)
    expect(again.learner.seen).toEqual([])
    expect(again.learner.weight).toBe(first.learner.weight)
  })
})

test('out of memory: halves the tokens per micro-batch, notes it, and makes the same updates', async () => {
  const plain = setup()
  await runTraining(plain.training)
  const tight = setup({ microTokens: 1000, batch: 8 })
  const tightLimit = 30
  tight.learner.limit = tightLimit
  await runTraining(tight.training)
  expect(tight.notes[0]).toContain('1,000 tokens')
  expect(tight.notes.length).toBeGreaterThan(3)
  expect(tight.store.saved!.progress.microTokens).toBeLessThanOrEqual(tightLimit * 2)
  const loose = setup({ microTokens: 1000, batch: 8 })
  await runTraining(loose.training)
  expect(tight.learner.weight).toBe(loose.learner.weight)
})
test('out of memory with the smallest batch is an error', async () => {
  const { training, learner } = setup()
  learner.limit = 1
  await expect(runTraining(training)).rejects.toThrow('no memory')
})
test('a loss of NaN ends the training with an explanation', async () => {
  const { training, learner } = setup()
  learner.lossAt = (step) => (step === 7 ? NaN : 1)
  await expect(runTraining(training)).rejects.toMatchObject({ code: 'training-diverged', message: expect.stringContaining('epoch 2, update 2') as string }) // prettier-ignore
})
test('predictions are in the order of the rows', async () => {
  const { training, learner } = setup()
  const rows = Int32Array.from([3, 20, 7, 1])
  const { logits, loss } = await predictRows(learner, rows, training.lengths, 20, training.host)
  expect([...logits!]).toEqual([3, -3, 20, -20, 7, -7, 1, -1])
  expect(loss).toBe(0.5)
})
