/** One training: epochs of updates with an evaluation after each; the best epoch is kept. It resumes from its checkpoint. */
import { UserError } from '../../../contract/errors.ts'
import type { EpochFigures, TransformerConfig } from '../../../contract/models.ts'
import { epochUpdates, evaluationBatches, type Update } from './batches.ts'
import { afterEpoch, NO_EPOCHS, patienceSpent, type StoppingState } from './early-stopping.ts'
import type { Learner, Tensors } from './learner.ts'
import { learningRateAt } from './schedule.ts'

/** The loop's state between two updates; all of it is in a checkpoint. */
export interface Progress {
  /** Updates done, over all epochs. */
  readonly step: number
  /** Updates done in the current epoch. */
  readonly position: number
  /** Sums over the current epoch: of the losses, and of the weights they were computed from. */
  readonly lossSum: number
  readonly lossWeight: number
  readonly kept: StoppingState
  /** Tokens per micro-batch; halved after an out-of-memory error. */
  readonly microTokens: number
  readonly log: readonly EpochFigures[]
  /** Elapsed time, that of earlier processes included. */
  readonly elapsedMs: number
}

/** Storage for checkpoints. */
export interface Checkpoints {
  /** Returns null if there is no checkpoint: the training starts from the beginning. */
  load(): Promise<{ readonly progress: Progress; readonly state: Tensors; readonly best: Tensors | null } | null>
  /** @param best new best parameters; undefined: those of the last checkpoint are still the best */
  save(progress: Progress, state: Tensors, best?: Tensors): Promise<void>
}

/** Scores of a validation part. */
export interface Score {
  readonly microF1: number
  readonly macroF1: number
}
export type Recipe = Pick<
  TransformerConfig,
  'epochs' | 'learningRate' | 'schedule' | 'warmUp' | 'batch' | 'microTokens' | 'keep' | 'patience' | 'seed'
>

export interface Training {
  readonly learner: Learner
  readonly recipe: Recipe
  readonly stage: EpochFigures['stage']
  readonly fold: number | null
  /** Purpose of the random draws, see PURPOSES. */
  readonly purpose: number
  readonly rows: Int32Array
  /** Rows that are predicted after each epoch; if empty, the last epoch is kept. */
  readonly valid: Int32Array
  /** Tokens of every row of the job. */
  readonly lengths: Int32Array
  /** Computes scores from the logits of the validation rows, (valid, genres), in their order; null: only the loss counts. */
  readonly score: ((logits: Float32Array) => Score) | null
  readonly checkpoints: Checkpoints
  /** Time between checkpoints inside an epoch: the work that a kill may cost. */
  readonly checkpointMs?: number
  readonly host: LoopHost
}
export interface LoopHost {
  /** Called when an epoch has ended. A resume reports the earlier epochs again. */
  epoch(figures: EpochFigures): void
  /** Called with the number of updates done, and of all. */
  step(done: number, total: number): void
  note(text: string): void
  isOutOfMemory(error: unknown): boolean
  /** Lets messages arrive; throws where the job was cancelled. */
  turn(): Promise<void>
  now(): number
  memoryMb(): number
}
export interface TrainResult {
  readonly log: readonly EpochFigures[]
  readonly kept: StoppingState
  /** Parameters of the best epoch. */
  readonly parameters: Tensors
}

const CHECKPOINT_MS = 60_000
/** Least time between two checkpoints, as a multiple of the time that it takes to write one. */
const MIN_WORK = 20
const MIN_MICRO_TOKENS = 16

/**
 * Runs a training. @throws UserError `training-diverged`, `runtime-memory` if even the smallest batch does not fit, and what the host's
 * `turn` throws
 */
export async function runTraining(training: Training): Promise<TrainResult> {
  const { learner, checkpoints } = training
  const found = await checkpoints.load()
  await learner.load(found?.state ?? null)
  const run = new Run(training, found?.progress ?? null, found?.best ?? null)
  return run.runToEnd()
}

const beginning = (microTokens: number): Progress => ({
  step: 0,
  position: 0,
  lossSum: 0,
  lossWeight: 0,
  kept: NO_EPOCHS,
  microTokens,
  log: [],
  elapsedMs: 0,
})

class Run {
  readonly #t: Training
  #at: Progress
  #best: Tensors | null
  #since: number
  #savedAt: number
  #saveMs = 0
  /** Tokens and time of the updates since the epoch (or this process) began. */
  #tokens = 0
  #busyMs = 0

  constructor(training: Training, progress: Progress | null, best: Tensors | null) {
    this.#t = training
    this.#at = progress ?? beginning(training.recipe.microTokens)
    this.#best = best
    this.#since = this.#savedAt = training.host.now()
  }

  get #perEpoch(): number {
    return Math.ceil(this.#t.rows.length / this.#t.recipe.batch)
  }
  get #total(): number {
    return this.#perEpoch * this.#t.recipe.epochs
  }

  async runToEnd(): Promise<TrainResult> {
    const { recipe, learner, host } = this.#t
    for (const figures of this.#at.log) host.epoch(figures)
    while (this.#at.kept.epoch < recipe.epochs && !patienceSpent(this.#at.kept, recipe.patience)) {
      try {
        await this.#updates()
        await this.#endEpoch()
      } catch (error) {
        if (!host.isOutOfMemory(error) || this.#at.microTokens <= MIN_MICRO_TOKENS) throw error
        await this.#halve()
      }
    }
    const parameters = this.#best ?? (await learner.parameters())
    await learner.adopt(parameters)
    return { log: this.#at.log, kept: this.#at.kept, parameters }
  }

  /** Returns to the last checkpoint with half the tokens per micro-batch. */
  async #halve(): Promise<void> {
    const { host, learner, checkpoints, recipe } = this.#t
    const microTokens = Math.max(MIN_MICRO_TOKENS, Math.floor(this.#at.microTokens / 2))
    host.note(
      `Out of memory at ${this.#at.microTokens.toLocaleString('en')} tokens per batch; retrying with ${microTokens.toLocaleString('en')}.`,
    )
    const found = await checkpoints.load()
    await learner.load(found?.state ?? null)
    this.#at = { ...(found?.progress ?? beginning(recipe.microTokens)), microTokens }
    this.#best = found?.best ?? null
  }

  async #updates(): Promise<void> {
    const { rows, lengths, recipe, purpose, host, learner } = this.#t
    const epoch = this.#at.kept.epoch + 1
    const sizes = { batch: recipe.batch, microTokens: this.#at.microTokens }
    const updates = epochUpdates(rows, lengths, sizes, { seed: recipe.seed, purpose, epoch })
    while (this.#at.position < updates.length) {
      const { step } = this.#at
      const began = host.now()
      const update = updates[this.#at.position]!
      const figures = await learner.update(update, { step, epoch, learningRate: learningRateAt(step, this.#total, recipe) })
      this.#busyMs += host.now() - began
      this.#tokens += tokensOf(update)
      if (!Number.isFinite(figures.loss) || !Number.isFinite(figures.norm)) throw diverged(epoch, this.#at.position + 1)
      this.#at = {
        ...this.#at,
        step: step + 1,
        position: this.#at.position + 1,
        lossSum: this.#at.lossSum + figures.loss * figures.weight,
        lossWeight: this.#at.lossWeight + figures.weight,
      }
      host.step(step + 1, this.#total)
      await host.turn()
      if (this.#at.position < updates.length && this.#checkpointIsDue()) await this.#save()
    }
  }

  #checkpointIsDue(): boolean {
    const passed = this.#t.host.now() - this.#savedAt
    return passed >= (this.#t.checkpointMs ?? CHECKPOINT_MS) && (this.#t.checkpointMs !== undefined || this.#saveMs * MIN_WORK <= passed)
  }

  /** Evaluates, reports the scores, and writes a checkpoint. */
  async #endEpoch(): Promise<void> {
    const { recipe, stage, fold, host, learner } = this.#t
    const { validLoss, score } = await this.#evaluate()
    const figure = score === null ? null : recipe.keep === 'micro-f1' ? score.microF1 : score.macroF1
    const kept = afterEpoch(this.#at.kept, figure)
    const best = kept.bestEpoch === kept.epoch
    this.#tick()
    const figures: EpochFigures = {
      fold,
      stage,
      epoch: kept.epoch,
      epochs: recipe.epochs,
      trainLoss: this.#at.lossWeight > 0 ? this.#at.lossSum / this.#at.lossWeight : 0,
      validLoss,
      microF1: score?.microF1 ?? null,
      macroF1: score?.macroF1 ?? null,
      learningRate: learningRateAt(Math.max(0, this.#at.step - 1), this.#total, recipe),
      tokensPerSecond: this.#busyMs > 0 ? (1000 * this.#tokens) / this.#busyMs : 0,
      memoryMb: host.memoryMb(),
      elapsedMs: this.#at.elapsedMs,
      best,
    }
    this.#tokens = this.#busyMs = 0
    this.#at = { ...this.#at, kept, position: 0, lossSum: 0, lossWeight: 0, log: [...this.#at.log, figures] }
    if (best) this.#best = await learner.parameters()
    await this.#save(best)
    host.epoch(figures)
  }

  async #evaluate(): Promise<{ validLoss: number | null; score: Score | null }> {
    const { valid, lengths, learner, host, score } = this.#t
    if (valid.length === 0) return { validLoss: null, score: null }
    const predicted = await predictRows(learner, valid, lengths, this.#at.microTokens, host)
    return { validLoss: predicted.loss, score: score && predicted.logits ? score(predicted.logits) : null }
  }

  #tick(): void {
    const now = this.#t.host.now()
    this.#at = { ...this.#at, elapsedMs: this.#at.elapsedMs + now - this.#since }
    this.#since = now
  }

  async #save(best = false): Promise<void> {
    this.#tick()
    const began = this.#t.host.now()
    await this.#t.checkpoints.save(this.#at, await this.#t.learner.state(), best ? (this.#best ?? undefined) : undefined)
    this.#savedAt = this.#t.host.now()
    this.#saveMs = this.#savedAt - began
  }
}

const tokensOf = ({ micros }: Update): number => micros.reduce((sum, { rows, width }) => sum + rows.length * width, 0)

const diverged = (epoch: number, update: number): UserError =>
  new UserError(
    'training-diverged',
    `The training diverged: the loss is not a number (epoch ${epoch}, update ${update}). Choose a lower learning rate, a longer warm-up, or clip the gradient.`,
  )

export interface Predicted {
  /** Mean over the weights of the batches. */
  readonly loss: number
  /** (rows, genres) in the order of the rows; null if the learner returns none. */
  readonly logits: Float32Array | null
}

/** Predicts rows, the longest first; lets messages arrive between batches. */
export async function predictRows(
  learner: Learner,
  rows: Int32Array,
  lengths: Int32Array,
  microTokens: number,
  host: Pick<LoopHost, 'turn'>,
): Promise<Predicted> {
  const place = new Map(Array.from(rows, (row, i) => [row, i] as const))
  let [loss, weight] = [0, 0]
  let logits: Float32Array | null = null
  for (const micro of evaluationBatches(rows, lengths, microTokens)) {
    const figures = await learner.evaluate(micro)
    loss += figures.loss * figures.weight
    weight += figures.weight
    if (figures.logits) {
      const k = figures.logits.length / micro.rows.length
      logits ??= new Float32Array(rows.length * k)
      for (let i = 0; i < micro.rows.length; i++) logits.set(figures.logits.subarray(i * k, i * k + k), place.get(micro.rows[i]!)! * k)
    }
    await host.turn()
  }
  return { loss: weight > 0 ? loss / weight : 0, logits }
}
