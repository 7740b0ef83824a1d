/** A learner of genres: the model, its loss, and the feeds of a batch of movies. */
import type { TransformerConfig } from '../../../contract/models.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import type { Value } from '../graph/types.ts'
import { forward } from '../models/forward.ts'
import { adaptersOf, initialLora, loraSpecs, type LoraConfig } from '../models/lora/adapters.ts'
import type { Model } from '../models/open-model.ts'
import { bindParameters } from '../models/parameters.ts'
import { layeredWeights, type Weights as ModelWeights } from '../models/weights.ts'
import { gatherRows } from '../../analysis/matrix.ts'
import type { SessionOptions } from '../runtime/session.ts'
import { float32, type HostTensor } from '../runtime/tensors.ts'
import type { Micro, Update } from './batches.ts'
import type { ClassWeights } from './class-weights.ts'
import type { Corpus } from './corpus.ts'
import { dropoutOf } from './dropout.ts'
import type { Dropout } from '../models/family.ts'
import { tokenFeeds } from './features.ts'
import type { Hidden } from './hidden.ts'
import type { BatchFigures, Learner, StepAt, UpdateFigures } from './learner.ts'
import { classificationLoss, LARGE_LOSS, type CellLoss } from './losses.ts'
import { ADAMW, type AdamW } from './optimiser.ts'
import type { Begin, Plan } from './plan.ts'
import type { Forward } from './step.ts'
import { Stepper, type Feeds } from './stepper.ts'

/** Labels and weights of a job's rows, shared by all of its trainings. */
export interface Targets {
  readonly k: number
  /** (n, k) */
  readonly labels: Uint8Array
  /** (n, k) 1: not in the loss; null: none */
  readonly excluded: Uint8Array | null
  /** (n) null: 1 */
  readonly rowWeight: Float32Array | null
}
export interface ClassifierOptions {
  readonly model: Model
  readonly plan: Plan
  readonly lora: LoraConfig | null
  readonly corpus: Corpus
  /** (n, dim) if the plan begins at the features. */
  readonly features: Float32Array | null
  /** Cached inputs of the lowest trained layer, if there are any. */
  readonly hidden?: Hidden | null
  readonly targets: Targets
  readonly recipe: Pick<TransformerConfig, 'loss' | 'focal' | 'largeLoss' | 'weightDecay' | 'decayAll' | 'clip' | 'seed'>
  readonly session: SessionOptions
}

/** Inputs of the loss, in addition to the model's own. */
const LOSS_INPUTS = {
  labels: ['batch', 'k'],
  cells: ['batch', 'k'],
  rowWeight: ['batch'],
  positive: ['k'],
  genre: ['k'],
  denominator: [],
  corrected: [],
} as const

/** Learns genres: texts in, one logit per genre out. */
export class Classifier implements Learner {
  readonly #options: ClassifierOptions
  readonly #stepper: Stepper
  #weights: ClassWeights

  private constructor(options: ClassifierOptions, stepper: Stepper) {
    this.#options = options
    this.#stepper = stepper
    const ones = new Float32Array(options.targets.k).fill(1)
    this.#weights = { positive: ones, genre: ones }
  }

  static async open(options: ClassifierOptions): Promise<Classifier> {
    const { recipe, session } = options
    const weights = weightsOf(options)
    const stepper = await Stepper.open({
      name: 'classifier',
      forward: (b, training) => classifierGraph(b, options, training),
      initial: { names: trainedNames(options), shape: (name) => weights.shape(name), read: (name) => weights.read(name) },
      optimiser: optimiserOf(recipe),
      session,
      seed: recipe.seed,
    })
    return new Classifier(options, stepper)
  }

  /** Sets the class weights for the following updates. */
  setClassWeights(weights: ClassWeights): void {
    this.#weights = weights
  }

  async update({ micros }: Update, { step, epoch, learningRate }: StepAt): Promise<UpdateFigures> {
    const cells = micros.map(({ rows }) => cellsOf(this.#options.targets, rows))
    const denominator = Math.max(1, cells.reduce((sum, each) => sum + each.count, 0)) // prettier-ignore
    const share = (this.#options.recipe.largeLoss ?? LARGE_LOSS) * (epoch - 1)
    const batches = micros.map((micro, i) => this.#feeds(micro, cells[i]!, denominator, share))
    return { ...(await this.#stepper.update(batches, step, learningRate)), weight: denominator }
  }

  async evaluate(micro: Micro): Promise<BatchFigures> {
    const cells = cellsOf(this.#options.targets, micro.rows)
    const { loss, logits } = await this.#stepper.evaluate(this.#feeds(micro, cells, Math.max(1, cells.count)), ['logits'])
    return { loss: numberIn(loss), weight: cells.count, logits: (logits as HostTensor<'float32'>).data }
  }

  state = (): ReturnType<Learner['state']> => this.#stepper.state()
  parameters = (): ReturnType<Learner['parameters']> => this.#stepper.parameters()
  load: Learner['load'] = (state) => this.#stepper.load(state)
  adopt: Learner['adopt'] = (parameters) => this.#stepper.load(parameters)
  release = (): Promise<void> => this.#stepper.release()

  /** The feeds of the texts, wherever the graph begins. */
  #texts(micro: Micro): Feeds {
    const { corpus, features, hidden, model } = this.#options
    const { dim } = model.config
    if (features) return { features: float32([micro.rows.length, dim], gatherRows(features, micro.rows, dim)) }
    const tokens = tokenFeeds(corpus, micro)
    return hidden ? { hidden: hidden.batch(micro), mask: tokens.mask } : tokens
  }

  /** @param share of the cells whose labels the loss corrects */
  #feeds(micro: Micro, cells: Cells, denominator: number, share = 0): Feeds {
    const { targets, recipe } = this.#options
    const { k } = targets
    const rows = micro.rows.length
    return {
      ...this.#texts(micro),
      labels: float32([rows, k], cells.labels),
      cells: float32([rows, k], cells.mask),
      rowWeight: float32([rows], cells.rowWeight),
      positive: float32([k], this.#weights.positive),
      genre: float32([k], this.#weights.genre),
      denominator: float32([], [denominator]),
      ...(recipe.loss === 'large-loss' ? { corrected: float32([], [Math.ceil(cells.count * share)]) } : {}),
    }
  }
}

const numberIn = (tensor: unknown): number => (tensor as HostTensor<'float32'>).data[0]!

interface Cells {
  readonly labels: Float32Array
  readonly mask: Float32Array
  readonly rowWeight: Float32Array
  /** True if the cell counts in the loss. */
  readonly count: number
}
/** Labels, mask and weights of rows, (rows, k) and (rows). */
export function cellsOf({ k, labels, excluded, rowWeight }: Targets, rows: Int32Array): Cells {
  const out = { labels: new Float32Array(rows.length * k), mask: new Float32Array(rows.length * k).fill(1) }
  let count = rows.length * k
  rows.forEach((row, i) => {
    for (let g = 0; g < k; g++) {
      out.labels[i * k + g] = labels[row * k + g]!
      if (excluded?.[row * k + g] !== 1) continue
      out.mask[i * k + g] = 0
      count--
    }
  })
  return { ...out, rowWeight: Float32Array.from(rows, (row) => rowWeight?.[row] ?? 1), count }
}

const lossOf = ({ loss, focal }: ClassifierOptions['recipe']): CellLoss =>
  loss === 'focal' ? { kind: 'focal', ...focal } : { kind: loss === 'asymmetric' || loss === 'large-loss' ? loss : 'bce' }

/** The optimiser of a recipe. */
export const optimiserOf = ({ weightDecay, decayAll, clip }: Pick<TransformerConfig, 'weightDecay' | 'decayAll' | 'clip'>): AdamW => ({
  ...ADAMW,
  weightDecay,
  decayAll,
  clip,
})

/** Names of the trained parameters, in the model's own order. */
function trainedNames({ model, plan, lora }: ClassifierOptions): readonly string[] {
  const own = model.specs.filter(plan.trained).map(({ name }) => name)
  return [...own, ...(lora ? loraSpecs(lora, model.specs).map(({ name }) => name) : [])]
}

/** Initial values of all parameters. */
const weightsOf = ({ model, lora, recipe }: ClassifierOptions): ModelWeights =>
  lora ? layeredWeights(model.weights, initialLora(lora, model.specs, recipe.seed)) : model.weights

/** Layers below the lowest trained one have no dropout, so that cached activations equal those that are computed again. */
const dropoutAbove =
  (dropout: Dropout, begin: Begin): Dropout =>
  (x, site, rate) =>
    typeof begin === 'object' && (site === 'embeddings' || Number(/^layer_(\d+)/.exec(site)?.[1] ?? Infinity) < begin.layer)
      ? x
      : dropout(x, site, rate)

/** The model, or what is left of it above cached activations, with its loss. */
export function classifierGraph(b: GraphBuilder, options: ClassifierOptions, training: boolean): Forward {
  const { model, lora, features, hidden, targets, recipe } = options
  const names = new Set(trainedNames(options))
  const parameters = bindParameters(b, weightsOf(options), { trainable: (name) => names.has(name), external: true })
  const dropout = training ? dropoutAbove(dropoutOf(b), options.plan.begin) : null
  const shared = { config: model.config, parameters, dropout, adapters: lora && adaptersOf(lora) }
  const logits = features ? headOnly(b, shared) : hidden ? upper(b, shared, hidden.layer) : whole(b, shared)
  const input = (name: keyof typeof LOSS_INPUTS): Value =>
    b.input(name, 'float32', LOSS_INPUTS[name].map((dim) => (dim === 'k' ? targets.k : dim))) // prettier-ignore
  const loss = classificationLoss(b, lossOf(recipe), {
    logits,
    labels: input('labels'),
    mask: input('cells'),
    rowWeight: input('rowWeight'),
    positive: input('positive'),
    genre: input('genre'),
    denominator: input('denominator'),
    ...(recipe.loss === 'large-loss' ? { corrected: input('corrected') } : {}),
  })
  return { loss, trained: [...names].map((name) => parameters.get(name)), outputs: { logits } }
}

type Shared = Pick<Parameters<typeof forward>[1], 'config' | 'parameters' | 'dropout' | 'adapters'>

function whole(b: GraphBuilder, shared: Shared): Value {
  const shape = ['batch', 'tokens']
  return forward(b, { ...shared, batch: { ids: b.input('ids', 'int32', shape), mask: b.input('mask', 'int32', shape) } })
}
function upper(b: GraphBuilder, shared: Shared, layer: number): Value {
  const hidden = b.input('hidden', 'float32', ['batch', 'tokens', shared.config.dim])
  const mask = b.input('mask', 'int32', ['batch', 'tokens'])
  return forward(b, { ...shared, batch: { ids: null, mask }, from: { hidden, layer } })
}
function headOnly(b: GraphBuilder, shared: Shared): Value {
  const features = b.input('features', 'float32', ['batch', shared.config.dim])
  const mask = b.constant([1], 'int64', [1, 1])
  return forward(b, { ...shared, batch: { ids: null, mask }, from: { features } })
}
