/** Trains a transformer: out-of-fold probabilities of the training movies, and a final model that predicts all others. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import { NOT_TRAINING, type FineTunePlaces } from '../../../contract/jobs.ts'
import type { EpochFigures, TransformerConfig } from '../../../contract/models.ts'
import { planLora } from '../models/lora/adapters.ts'
import type { Model } from '../models/open-model.ts'
import { heldWeights, layeredWeights, type HeldTensor } from '../models/weights.ts'
import { isOutOfMemory } from '../runtime/errors.ts'
import type { SessionOptions } from '../runtime/session.ts'
import { writePart, writeWhole } from '../trained/files.ts'
import { checkpointsIn } from './checkpoint.ts'
import { classWeights, countCells } from './class-weights.ts'
import { Classifier } from './classifier.ts'
import { tokenise, type Corpus } from './corpus.ts'
import { divide, type Division } from './divide.ts'
import { features } from './features.ts'
import type { Tensors } from './learner.ts'
import { predictRows, runTraining, type LoopHost, type Score } from './loop.ts'
import { Meter } from './meter.ts'
import { type FineTuneInput, digestOfJob, FROZEN, nameOf, stagesOf, WARM_UP } from './job.ts'
import { planOf, type Plan } from './plan.ts'
import { prefixCache } from './prefix-cache.ts'
import { PURPOSES } from './random.ts'
import { dropFolder, keepResult, readResult } from './results.ts'
import { openSource, type Source } from './source.ts'
import { WordLearner } from './words.ts'

export type { FineTuneInput } from './job.ts'

export interface FineTuneHost {
  /** Of the whole, 0 to 1. */
  progress(fraction: number, phase: string): void
  epoch(figures: EpochFigures): void
  note(text: string): void
  device(text: string): void
  /** Figures of a validation part: labels and logits (n, k). */
  score(labels: Uint8Array, logits: Float32Array, n: number, k: number): Score
  /** Lets messages arrive; throws where the job was cancelled. */
  turn(): Promise<void>
  /** What computes, chosen and tested. */
  session(config: TransformerConfig, deviceFolder: string): Promise<{ readonly options: SessionOptions; readonly words: string }>
  /** See Training. */
  readonly checkpointMs?: number
}
export interface FineTuned {
  /** (n, k) out of fold for training rows, the final model's for the others */
  readonly probabilities: Float32Array
  /** What predictions and exports need, see trained/files.ts. */
  readonly folder: string
  /** Numbers that were trained. */
  readonly trained: number
}

/** Learning rate of the warm-up: of everything, from nothing. */
const WARM_UP_RATE = 1e-3
/** Rows whose loss is told after each epoch of the warm-up. */
const WARM_UP_JUDGED = 256
/** Heads alone, for out-of-fold probabilities of a body that is not trained. */
const HEAD_RECIPE = { epochs: 15, learningRate: 3e-3, batch: 256, patience: 4 } as const

/**
 * Trains as the recipe says, going on from what `places.runFolder` holds of the same job.
 * @throws UserError of the model's files, of too little memory, `training-diverged`, `nothing-to-train`; and what `host.turn` throws
 */
export async function fineTune(
  input: FineTuneInput,
  config: TransformerConfig,
  places: FineTunePlaces,
  host: FineTuneHost,
): Promise<FineTuned> {
  if (input.fold.every((f) => f === NOT_TRAINING))
    throw new UserError('nothing-to-train', 'No movie is in the training part: import movies with plots first.')
  host.progress(0, 'reading the plots')
  const { options, words } = await host.session(config, places.deviceFolder)
  host.device(words)
  const all = Int32Array.from(input.fold.keys())
  const source = openSource(config, places.modelFolder, input.genreNames, () => input.plots(all))
  try {
    const corpus = await tokenise(input.plots(all), source.tokenizer, source.maxTokens, () => host.turn())
    return await new Job(input, config, places, host, options, source, corpus).run()
  } finally {
    source.model.close()
  }
}

class Job {
  readonly #input: FineTuneInput
  readonly #config: TransformerConfig
  readonly #places: FineTunePlaces
  readonly #host: FineTuneHost
  readonly #session: SessionOptions
  readonly #source: Source
  readonly #corpus: Corpus
  readonly #digest: string
  readonly #divisions: readonly Division[]
  readonly #meter: Meter

  constructor(
    input: FineTuneInput,
    config: TransformerConfig,
    places: FineTunePlaces,
    host: FineTuneHost,
    session: SessionOptions,
    source: Source,
    corpus: Corpus,
  ) {
    this.#input = input
    this.#config = config
    this.#places = places
    this.#host = host
    this.#session = session
    this.#source = source
    this.#corpus = corpus
    this.#digest = digestOfJob(input, config, corpus)
    this.#divisions = divide(input, config)
    this.#meter = new Meter(stagesOf(input, config, this.#divisions), (fraction, phase) => host.progress(fraction, phase))
  }

  async run(): Promise<FineTuned> {
    const model = await this.#warmedUp()
    const { config } = this.#source.model
    const plan = planOf(this.#config, config)
    const cheap = this.#config.outOfFold === 'head' && plan.begin !== 'features'
    const vectors = plan.begin === 'features' || cheap ? await this.#features(model) : null
    const probabilities = new Float32Array(this.#input.n * this.#input.k)
    const head = planOf({ mode: 'head', topLayers: 1 }, config)
    for (const division of this.#divisions.filter(({ fold }) => fold !== null)) {
      const predicted = await this.#fold(division, model, cheap ? head : plan, vectors)
      scatter(probabilities, predicted, division.predict, this.#input.k)
    }
    const last = this.#divisions.find(({ fold }) => fold === null)!
    const { parameters, predicted } = await this.#train(last, model, plan, plan.begin === 'features' ? vectors : null)
    scatter(probabilities, predicted, last.predict, this.#input.k)
    return { probabilities, ...this.#write(model, parameters) }
  }

  /** A small model reads all plots before it is told any label; a published one has done so. */
  async #warmedUp(): Promise<Model> {
    const { model, tokenizer } = this.#source
    const small = this.#config.model
    if (small.source !== 'scratch' || small.warmUpEpochs === 0) return model
    const known = await readResult(this.#places.runFolder, 'warm-up', this.#digest)
    const parameters = known ?? (await this.#warmUp(model, tokenizer, small.warmUpEpochs))
    return { ...model, weights: layeredWeights(heldWeights(parameters as ReadonlyMap<string, HeldTensor>), model.weights) }
  }

  async #warmUp(model: Model, tokenizer: Source['tokenizer'], epochs: number): Promise<Tensors> {
    const folder = join(this.#places.runFolder, 'warm-up')
    const learner = await WordLearner.open({ model, tokenizer, corpus: this.#corpus, recipe: this.#config, session: this.#session })
    try {
      const rows = Int32Array.from(this.#corpus.lengths.keys())
      const { parameters } = await runTraining({
        learner,
        recipe: { ...this.#config, epochs, learningRate: WARM_UP_RATE, patience: null },
        stage: 'warm-up',
        fold: null,
        purpose: PURPOSES.warmUpEpoch,
        rows,
        valid: rows.subarray(0, WARM_UP_JUDGED),
        lengths: this.#corpus.lengths,
        score: null,
        checkpoints: checkpointsIn(folder, this.#digest, (text) => this.#host.note(text)),
        ...this.#often(),
        host: this.#loopHost(WARM_UP),
      })
      await keepResult(this.#places.runFolder, 'warm-up', this.#digest, parameters)
      await dropFolder(folder)
      return parameters
    } finally {
      await learner.release()
    }
  }

  #features(model: Model): Promise<Float32Array> {
    const { n } = this.#input
    const { cacheMb, microTokens } = this.#config
    return features({
      model,
      corpus: this.#corpus,
      options: this.#session,
      microTokens,
      cache: prefixCache(this.#places.cacheFolder, cacheMb * 1e6),
      digest: this.#weightsDigest(),
      turn: (done) => {
        this.#meter.at(FROZEN, done / n)
        return this.#host.turn()
      },
    })
  }
  /** Names the weights of the body. One made here is what the whole job makes of it. */
  #weightsDigest(): string {
    const { model } = this.#config
    return model.source === 'library' ? `${model.id} ${model.digest}` : this.#digest
  }

  async #fold(division: Division, model: Model, plan: Plan, vectors: Float32Array | null): Promise<Float32Array> {
    const name = `fold-${division.fold}`
    const known = (await readResult(this.#places.runFolder, name, this.#digest))?.get('probabilities')
    if (known) return known.data
    const { predicted } = await this.#train(division, model, plan, plan.begin === 'features' ? vectors : null)
    const shape = [division.predict.length, this.#input.k]
    await keepResult(this.#places.runFolder, name, this.#digest, new Map([['probabilities', { shape, data: predicted }]]))
    await dropFolder(join(this.#places.runFolder, name))
    return predicted
  }

  /** One training, and what it predicts: probabilities (predict, k). */
  async #train(
    division: Division,
    model: Model,
    plan: Plan,
    vectors: Float32Array | null,
  ): Promise<{ parameters: Tensors; predicted: Float32Array }> {
    const { k, labels, excluded } = this.#input
    const { train, valid, predict, fold } = division
    const lora = plan.adapters ? planLora(model.config, model.specs, this.#config.lora) : null
    const options = {
      model,
      plan,
      lora,
      corpus: this.#corpus,
      features: vectors,
      targets: this.#input,
      recipe: this.#config,
      session: this.#session,
    }
    const learner = await Classifier.open(options)
    try {
      learner.weigh(classWeights(this.#config.loss, countCells(labels, excluded, train, k)))
      const judged = gather(labels, valid, k)
      const stage = nameOf(fold)
      const headsAlone = fold !== null && plan.begin === 'features' && this.#config.mode !== 'head'
      const { parameters } = await runTraining({
        learner,
        recipe: { ...this.#config, ...(headsAlone ? HEAD_RECIPE : {}) },
        stage: 'fine-tuning',
        fold,
        purpose: PURPOSES.epoch,
        rows: train,
        valid,
        lengths: vectors ? new Int32Array(this.#input.n).fill(1) : this.#corpus.lengths,
        score: (logits) => this.#host.score(judged, logits, valid.length, k),
        checkpoints: checkpointsIn(join(this.#places.runFolder, fold === null ? 'final' : `fold-${fold}`), this.#digest, (text) => this.#host.note(text)), // prettier-ignore
        ...this.#often(),
        host: this.#loopHost(stage),
      })
      const lengths = vectors ? new Int32Array(this.#input.n).fill(1) : this.#corpus.lengths
      const { logits } = await predictRows(learner, predict, lengths, this.#config.microTokens, this.#host)
      return { parameters, predicted: (logits ?? new Float32Array()).map((z) => 1 / (1 + Math.exp(-z))) }
    } finally {
      await learner.release()
    }
  }

  #write(model: Model, parameters: Tensors): Pick<FineTuned, 'folder' | 'trained'> {
    const folder = join(this.#places.runFolder, 'model')
    // of an earlier process that was stopped while it wrote
    rmSync(folder, { recursive: true, force: true })
    const trained = Array.from(parameters.values()).reduce((sum, { data }) => sum + data.length, 0)
    const whole = this.#config.model.source === 'scratch' || this.#config.mode === 'full'
    if (!whole) writePart(folder, parameters)
    else {
      const { vocabulary } = this.#source
      const tensors = new Map(
        model.specs.map(({ name, shape }) => [name, parameters.get(name) ?? { shape, data: model.weights.read(name) }]),
      )
      writeWhole(folder, model.config, tensors, vocabulary ? { vocabulary } : { folder: this.#places.modelFolder! })
    }
    return { folder, trained }
  }

  #often(): { checkpointMs?: number } {
    const { checkpointMs } = this.#host
    return checkpointMs === undefined ? {} : { checkpointMs }
  }

  #loopHost(stage: string): LoopHost {
    const host = this.#host
    return {
      epoch: (figures) => host.epoch(figures),
      step: (done, total) => this.#meter.at(stage, done / total),
      note: (text) => host.note(text),
      isOutOfMemory,
      turn: () => host.turn(),
      now: () => performance.now(),
      memoryMb: () => Math.round(process.resourceUsage().maxRSS / 1024),
    }
  }
}

function gather(matrix: Uint8Array, rows: Int32Array, k: number): Uint8Array {
  const out = new Uint8Array(rows.length * k)
  rows.forEach((row, i) => out.set(matrix.subarray(row * k, row * k + k), i * k))
  return out
}
const scatter = (to: Float32Array, from: Float32Array, rows: Int32Array, k: number): void =>
  rows.forEach((row, i) => to.set(from.subarray(i * k, i * k + k), row * k))
