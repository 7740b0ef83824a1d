/** Masked-language-model warm-up of a small transformer. It reads plots, never labels. */
import type { TransformerConfig } from '../../../contract/models.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import { forward } from '../models/forward.ts'
import type { Model } from '../models/open-model.ts'
import { bindParameters } from '../models/parameters.ts'
import type { SessionOptions } from '../runtime/session.ts'
import { float32, int64 } from '../runtime/tensors.ts'
import { maskTokens, type MaskedTokens } from '../tokenize/mask.ts'
import type { Tokenizer } from '../tokenize/types.ts'
import type { Micro, Update } from './batches.ts'
import { optimiserOf } from './classifier.ts'
import { batchOf, type Corpus } from './corpus.ts'
import { dropoutOf } from './dropout.ts'
import type { BatchFigures, Learner, StepAt, UpdateFigures } from './learner.ts'
import { wordLoss } from './losses.ts'
import type { Forward } from './step.ts'
import { Stepper, type Feeds } from './stepper.ts'

export interface WordOptions {
  readonly model: Model
  readonly tokenizer: Tokenizer
  readonly corpus: Corpus
  readonly recipe: Pick<TransformerConfig, 'weightDecay' | 'decayAll' | 'clip' | 'seed'>
  readonly session: SessionOptions
}

/** Micro-batches of one update draw separately. */
const MAX_MICROS = 4096
/** The mask of an evaluation: the same words each time. */
const EVALUATION_STEP = -1

/** Learns masked words (Devlin et al., arXiv:1810.04805, section 3.1), so that a model knows words before it sees labels. */
export class WordLearner implements Learner {
  readonly #options: WordOptions
  readonly #stepper: Stepper

  private constructor(options: WordOptions, stepper: Stepper) {
    this.#options = options
    this.#stepper = stepper
  }

  static async open(options: WordOptions): Promise<WordLearner> {
    const { model, recipe, session } = options
    const names = trainedNames(model)
    const stepper = await Stepper.open({
      name: 'words',
      forward: (b, training) => wordGraph(b, options, training),
      initial: { names, shape: (name) => model.weights.shape(name), read: (name) => model.weights.read(name) },
      optimiser: optimiserOf(recipe),
      session,
      seed: recipe.seed,
    })
    return new WordLearner(options, stepper)
  }

  async update({ micros }: Update, { step, learningRate }: StepAt): Promise<UpdateFigures> {
    const masked = micros.map((micro, i) => this.#mask(micro, step * MAX_MICROS + i))
    const weight = masked.reduce((sum, { positions }) => sum + positions.length, 0)
    const batches = micros.map((micro, i) => this.#feeds(micro, masked[i]!, Math.max(1, weight)))
    return { ...(await this.#stepper.update(batches, step, learningRate)), weight }
  }

  async evaluate(micro: Micro): Promise<BatchFigures> {
    const masked = this.#mask(micro, EVALUATION_STEP)
    const weight = masked.positions.length
    const { loss } = await this.#stepper.evaluate(this.#feeds(micro, masked, Math.max(1, weight)), [])
    return { loss: (loss as { data: Float32Array }).data[0]!, weight, logits: null }
  }

  state = (): ReturnType<Learner['state']> => this.#stepper.state()
  parameters = (): ReturnType<Learner['parameters']> => this.#stepper.parameters()
  load: Learner['load'] = (state) => this.#stepper.load(state)
  adopt: Learner['adopt'] = (parameters) => this.#stepper.load(parameters)
  release = (): Promise<void> => this.#stepper.release()

  #mask(micro: Micro, step: number): MaskedTokens {
    const { corpus, tokenizer, recipe } = this.#options
    const ids = Int32Array.from(batchOf(corpus, micro).ids, Number)
    return maskTokens(ids, tokenizer, { seed: recipe.seed, step })
  }

  #feeds(micro: Micro, { ids, positions, targets }: MaskedTokens, denominator: number): Feeds {
    const shape = [micro.rows.length, micro.width]
    return {
      ids: int64(shape, BigInt64Array.from(ids, BigInt)),
      mask: int64(shape, batchOf(this.#options.corpus, micro).mask),
      positions: int64([positions.length], BigInt64Array.from(positions, BigInt)),
      words: int64([positions.length], BigInt64Array.from(targets, BigInt)),
      denominator: float32([], [denominator]),
    }
  }
}

/** All tensors except the classifier's head. */
const trainedNames = ({ specs }: Model): readonly string[] => specs.filter(({ part }) => part !== 'head').map(({ name }) => name)

function wordGraph(b: GraphBuilder, { model }: WordOptions, training: boolean): Forward {
  const names = new Set(trainedNames(model))
  const parameters = bindParameters(b, model.weights, { trainable: (name) => names.has(name) })
  const batch = { ids: b.input('ids', 'int64', ['batch', 'tokens']), mask: b.input('mask', 'int64', ['batch', 'tokens']) }
  const rows = b.input('positions', 'int64', ['masked'])
  const dropout = training ? dropoutOf(b) : null
  const logits = forward(b, { config: model.config, parameters, batch, to: { language: true, rows }, dropout })
  const words = b.input('words', 'int64', ['masked'])
  const loss = wordLoss(b, { logits, words, denominator: b.input('denominator', 'float32', []) })
  return { loss, trained: [...names].map((name) => parameters.get(name)) }
}
