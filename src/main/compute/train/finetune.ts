/** Trains a transformer: out-of-fold probabilities of the training movies, and a final model that predicts all others. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import { NOT_TRAINING, type FineTunePlaces } from '../../../contract/jobs.ts'
import type { TransformerConfig } from '../../../contract/models.ts'
import { planLora } from '../models/lora/adapters.ts'
import type { Model } from '../models/open-model.ts'
import { heldWeights, layeredWeights, type HeldTensor } from '../models/weights.ts'
import { gatherRows, scatterRows, sigmoid } from '../../analysis/matrix.ts'
import { isOutOfMemory } from '../runtime/errors.ts'
import type { SessionOptions } from '../runtime/session.ts'
import { writeFoldTensors, writeTrainedTensors, writeWholeModel } from '../model-artifact.ts'
import { checkpointsIn } from './checkpoint.ts'
import { classWeights, countCells } from './class-weights.ts'
import { Classifier } from './classifier.ts'
import { tokenise, type Corpus } from './corpus.ts'
import { divide, type Division } from './divide.ts'
import { features, type FeatureJob } from './features.ts'
import { hiddenBytes, hiddenStates, type Hidden } from './hidden.ts'
import type { Tensors } from './learner.ts'
import { predictRows, runTraining, type LoopHost } from './loop.ts'
import { peakMemoryMb } from './memory.ts'
import { Meter } from './meter.ts'
import { digestOfJob, FROZEN, nameOf, stagesOf, WARM_UP, type FineTuned, type FineTuneHost, type FineTuneInput } from './job.ts'
import { planOf, type Plan } from './plan.ts'
import { prefixCache } from './prefix-cache.ts'
import { PURPOSES } from '../../analysis/random.ts'
import { dropFolder, keepResult, readResult } from './results.ts'
import { openSource, type Source } from './source.ts'
import { WordLearner } from './words.ts'

export type { FineTuned, FineTuneHost, FineTuneInput } from './job.ts'

/** Learning rate of the masked-language-model warm-up, which trains all weights from random values. */
const WARM_UP_RATE = 2e-3
/** Bytes up to which the trained weights of all folds are stored: adapters and small transformers, not published models as a whole. */
const MAX_FOLD_BYTES = 32 << 20
/** In the result of a fold, before the names of its trained tensors. */
const TRAINED = 'trained.'
/** Number of rows on which the loss is evaluated after each epoch of the warm-up. */
const WARM_UP_EVALUATED = 256
/** Recipe for heads alone, for out-of-fold probabilities of a frozen body. */
const HEAD_RECIPE = { epochs: 15, learningRate: 3e-3, batch: 256, patience: 4 } as const

/**
 * Trains as the recipe says, resuming from the contents of `places.runFolder` if they belong to the same job.
 * @throws UserError about the model's files, too little memory, `training-diverged`, `nothing-to-train`; and what `host.turn` throws
 */
export async function fineTune(
  input: FineTuneInput,
  config: TransformerConfig,
  places: FineTunePlaces,
  host: FineTuneHost,
): Promise<FineTuned> {
  return withJob(input, config, places, host, null, (job) => job.run())
}

/**
 * Computes one part of {@link fineTune} apart and keeps its result in `places.runFolder`, where the same training finds it.
 * @param part the pre-training without labels, or the number of a fold
 * @throws as {@link fineTune} does
 */
export const fineTunePart = (
  input: FineTuneInput,
  config: TransformerConfig,
  places: FineTunePlaces,
  host: FineTuneHost,
  part: 'warm-up' | number,
): Promise<void> => withJob(input, config, places, host, part, (job) => job.part(part))

async function withJob<T>(
  input: FineTuneInput,
  config: TransformerConfig,
  places: FineTunePlaces,
  host: FineTuneHost,
  part: 'warm-up' | number | null,
  work: (job: Job) => Promise<T>,
): Promise<T> {
  if (input.fold.every((f) => f === NOT_TRAINING))
    throw new UserError('nothing-to-train', 'No movie is in the training part: import movies with plots first.')
  host.progress(0, 'reading the plots')
  const { options, words } = await host.session(config, places.deviceFolder)
  host.device(words)
  const all = Int32Array.from(input.fold.keys())
  const { modelFolder, adapterFolder } = places
  const source = openSource(config, modelFolder === null ? null : { modelFolder, adapterFolder }, input.genreNames, () => input.plots(all))
  if (source.leakageNote !== null) host.note(source.leakageNote)
  try {
    const corpus = await tokenise(input.plots(all), source.tokenizer, source.maxTokens, () => host.turn())
    return await work(new Job(input, config, places, host, options, source, corpus, part))
  } finally {
    source.model.close()
  }
}

/** The trained part of the model, and the cached outputs of the layers below it. */
interface Upper {
  readonly plan: Plan
  /** (n, dim) */
  readonly features: Float32Array | null
  readonly hidden: Hidden | null
}
const HEAD_ALONE = planOf({ mode: 'head', topLayers: 1 }, { layers: 1 })

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
    part: 'warm-up' | number | null,
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
    const measured = this.#divisions.filter(({ fold }) => part === null || fold === part)
    this.#meter = new Meter(stagesOf(input, config, measured), (fraction, phase) => host.progress(fraction, phase))
  }

  run(): Promise<FineTuned> {
    return this.#prepared((...prepared) => this.#trainings(...prepared))
  }
  async part(part: 'warm-up' | number): Promise<void> {
    const division = this.#divisions.find(({ fold }) => fold === part)
    if (division) await this.#prepared((model, ofFolds) => this.#fold(division, model, ofFolds))
    else await this.#warmedUp()
  }

  /** Does what the trainings of the folds and of the final model have in common, then `work`. */
  async #prepared<T>(work: (model: Model, ofFolds: Upper, ofFinal: Upper) => Promise<T>): Promise<T> {
    const model = await this.#warmedUp()
    const plan = planOf(this.#config, model.config)
    const cheap = this.#config.outOfFold === 'head' && plan.begin !== 'features'
    const vectors = plan.begin === 'features' || cheap ? await features(this.#frozen(model)) : null
    const hidden = await this.#hidden(model, plan)
    try {
      return await work(model, { plan: cheap ? HEAD_ALONE : plan, features: vectors, hidden }, { plan, features: vectors, hidden })
    } finally {
      hidden?.close()
    }
  }

  async #trainings(model: Model, ofFolds: Upper, ofFinal: Upper): Promise<FineTuned> {
    const probabilities = new Float32Array(this.#input.n * this.#input.k)
    for (const division of this.#divisions.filter(({ fold }) => fold !== null))
      scatterRows(probabilities, await this.#fold(division, model, ofFolds), division.predict, this.#input.k)
    const last = this.#divisions.find(({ fold }) => fold === null)!
    const { parameters, predicted } = await this.#train(last, model, ofFinal)
    scatterRows(probabilities, predicted, last.predict, this.#input.k)
    const written = this.#write(model, parameters)
    return { probabilities, ...written, storesFolds: await this.#writeFolds(written.folder) }
  }

  /** A small model reads all plots before it sees any label; published models were pre-trained. */
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
        valid: rows.subarray(0, WARM_UP_EVALUATED),
        lengths: this.#corpus.lengths,
        score: null,
        checkpoints: checkpointsIn(folder, this.#digest, (text) => this.#host.note(text)),
        ...this.#checkpointOptions(),
        host: this.#loopHost(WARM_UP),
      })
      await keepResult(this.#places.runFolder, 'warm-up', this.#digest, parameters)
      await dropFolder(folder)
      return parameters
    } finally {
      await learner.release()
    }
  }

  /** Cached inputs of the trained layers, if they fit on the disk; otherwise every step computes them again. */
  async #hidden(model: Model, { begin }: Plan): Promise<Hidden | null> {
    if (typeof begin === 'string') return null
    const bytes = hiddenBytes(this.#corpus.ids.length, this.#input.n, model.config.dim)
    const job = this.#frozen(model)
    const room = await job.cache.room()
    if (bytes <= room) return hiddenStates(job, begin.layer)
    const [wanted, there] = [bytes, room].map((n) => Math.ceil(n / 1e6))
    this.#host.note(`The activations of the frozen layers would take ${wanted} MB on the disk, but the recipe and the disk allow ${there} MB: every step computes them again.`) // prettier-ignore
    return null
  }

  #frozen(model: Model): FeatureJob {
    const { n } = this.#input
    const { cacheMb, microTokens } = this.#config
    return {
      model: this.#source.whole ?? model,
      corpus: this.#corpus,
      options: this.#session,
      microTokens,
      cache: prefixCache(this.#places.cacheFolder, cacheMb * 1e6),
      digest: this.#weightsDigest(),
      turn: (done) => {
        this.#meter.at(FROZEN, done / n)
        return this.#host.turn()
      },
    }
  }
  /** Digest of the weights of the body. For a body made here it is the digest of the whole job. */
  #weightsDigest(): string {
    const { model } = this.#config
    return model.source === 'library' ? `${model.id} ${model.digest}` : this.#digest
  }

  async #fold(division: Division, model: Model, upper: Upper): Promise<Float32Array> {
    const name = `fold-${division.fold}`
    const known = (await readResult(this.#places.runFolder, name, this.#digest))?.get('probabilities')
    if (known) return known.data
    const { predicted, parameters } = await this.#train(division, model, upper)
    const shape = [division.predict.length, this.#input.k]
    const bytes = 4 * Array.from(parameters.values()).reduce((sum, { data }) => sum + data.length, 0)
    // heads on a body that the final model changed are of no use without that body
    const isKept = !(this.#isWhole && this.#config.outOfFold === 'head') && bytes * this.#config.folds <= MAX_FOLD_BYTES
    const trained = isKept ? Array.from(parameters, ([tensor, value]) => [TRAINED + tensor, value] as const) : []
    await keepResult(this.#places.runFolder, name, this.#digest, new Map([['probabilities', { shape, data: predicted }], ...trained]))
    await dropFolder(join(this.#places.runFolder, name))
    return predicted
  }

  /** One training and its predictions: probabilities (predict, k). */
  async #train(division: Division, model: Model, upper: Upper): Promise<{ parameters: Tensors; predicted: Float32Array }> {
    const { plan } = upper
    const vectors = plan.begin === 'features' ? upper.features : null
    const hidden = typeof plan.begin === 'object' ? upper.hidden : null
    const { k, labels, excluded } = this.#input
    const { train, valid, predict, fold } = division
    const lora = plan.adapters ? planLora(model.config, model.specs, this.#config.lora) : null
    const options = {
      model,
      plan,
      lora,
      corpus: this.#corpus,
      features: vectors,
      hidden,
      targets: this.#input,
      recipe: this.#config,
      session: this.#session,
    }
    const learner = await Classifier.open(options)
    try {
      learner.setClassWeights(classWeights(this.#config.loss, countCells(labels, excluded, train, k)))
      const left = excluded && gatherRows(excluded, valid, k)
      const judged = gatherRows(labels, valid, k).map((label, cell) => (left?.[cell] === 1 ? 0 : label))
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
        // an impossible cell counts as a true negative, which F1 does not look at
        score: (logits) =>
          this.#host.score(judged, left ? logits.map((z, cell) => (left[cell] === 1 ? -Infinity : z)) : logits, valid.length, k),
        checkpoints: checkpointsIn(join(this.#places.runFolder, fold === null ? 'final' : `fold-${fold}`), this.#digest, (text) => this.#host.note(text)), // prettier-ignore
        ...this.#checkpointOptions(),
        host: this.#loopHost(stage),
      })
      const lengths = vectors ? new Int32Array(this.#input.n).fill(1) : this.#corpus.lengths
      const { logits } = await predictRows(learner, predict, lengths, this.#config.microTokens, this.#host)
      return { parameters, predicted: (logits ?? new Float32Array()).map(sigmoid) }
    } finally {
      await learner.release()
    }
  }

  #write(model: Model, parameters: Tensors): Pick<FineTuned, 'folder' | 'trained'> {
    const folder = join(this.#places.runFolder, 'model')
    // left by an earlier process that was stopped while it wrote
    rmSync(folder, { recursive: true, force: true })
    const trained = Array.from(parameters.values()).reduce((sum, { data }) => sum + data.length, 0)
    if (!this.#isWhole) writeTrainedTensors(folder, parameters)
    else {
      const { vocabulary } = this.#source
      const tensors = new Map(
        model.specs.map(({ name, shape }) => [name, parameters.get(name) ?? { shape, data: model.weights.read(name) }]),
      )
      writeWholeModel(folder, model.config, tensors, vocabulary ? { vocabulary } : { folder: this.#places.modelFolder! })
    }
    return { folder, trained }
  }

  /** True if the model is stored with all of its weights. */
  get #isWhole(): boolean {
    return this.#config.model.source === 'scratch' || this.#config.mode === 'full'
  }
  /** Writes the trained tensors of the folds into the model's folder. @returns false, having written nothing, if a fold has kept none */
  async #writeFolds(folder: string): Promise<boolean> {
    const folds = this.#divisions.flatMap(({ fold }) => (fold === null ? [] : [fold]))
    for (const fold of folds) {
      const result = await readResult(this.#places.runFolder, `fold-${fold}`, this.#digest)
      const trained = Array.from(result ?? []).filter(([name]) => name.startsWith(TRAINED))
      if (trained.length === 0) return false
      writeFoldTensors(folder, fold, new Map(trained.map(([name, value]) => [name.slice(TRAINED.length), value])))
    }
    return folds.length > 0
  }

  #checkpointOptions(): { checkpointMs?: number } {
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
      memoryMb: peakMemoryMb,
    }
  }
}
