/** Estimates the memory and work of a training before it starts. docs/transformer-defaults.md has the measurements behind the constants. */
import type { TransformerConfig } from '../../../contract/models.ts'
import { elements } from '../graph/dims.ts'
import type { ModelConfig } from '../models/config.ts'
import type { TensorSpec } from '../models/family.ts'
import { planOf, type Plan } from './plan.ts'

/** Peak memory of this process so far. */
export const peakMemoryMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024)

/** The training to estimate. */
export interface TrainingSize {
  readonly model: Pick<ModelConfig, 'layers' | 'dim' | 'heads' | 'hidden'>
  readonly tensors: readonly TensorSpec[]
  /** All movies that are predicted; `training` of them are trained on. */
  readonly movies: number
  readonly training: number
  readonly genres: number
  /** UTF-16 code units of an average plot. */
  readonly characters: number
}
export interface Cost {
  readonly peakBytes: number
  /** Floating-point operations of the whole job. */
  readonly operations: number
}

/** Memory of the process with its code and the runtime's library. */
const BASE_BYTES = 260e6
/** Measured on English plots with vocabularies of 8,000 to 30,000 pieces. */
const CHARACTERS_PER_TOKEN = 4.6
/** Frozen weights: as read, and packed for the processor's products. */
const FROZEN_COPIES = 2
/** Trained weights: value, two moments, gradient, its blocks, the best epoch's value, and that of a better epoch while it is copied. */
const TRAINED_COPIES = 7
/** The same if updates have several micro-batches: also the accumulated gradient, what it was before, and the gradient of a micro-batch. */
const ACCUMULATING_COPIES = 10

const sum = (specs: readonly TensorSpec[]): number => specs.reduce((n, { shape }) => n + elements(shape), 0)
type Recipe = Pick<
  TransformerConfig,
  'mode' | 'topLayers' | 'lora' | 'batch' | 'microTokens' | 'maxTokens' | 'epochs' | 'folds' | 'outOfFold' | 'model'
>

/** Number of adapter parameters: rank (in + out) for each layer's query and value, or for each linear layer named. */
function adapterCount(tensors: readonly TensorSpec[], { rank, targets }: Recipe['lora'], model: TrainingSize['model']): number {
  if (targets.length === 0) return 2 * model.layers * rank * 2 * model.dim
  const named = tensors.filter(({ name, linear }) => linear && targets.some((target) => name.endsWith(`${target}.weight`)))
  return named.reduce((n, { shape }) => n + rank * (shape[0]! + shape[1]!), 0)
}

function counts({ model, tensors }: TrainingSize, recipe: Recipe, plan: Plan): { frozen: number; trained: number; body: number } {
  const used = tensors.filter(({ part }) => part !== 'language')
  const own = used.filter(plan.trained)
  return {
    frozen: sum(used) - sum(own),
    trained: sum(own) + (plan.adapters ? adapterCount(tensors, recipe.lora, model) : 0),
    body: sum(used.filter(({ part }) => part === 'layer')),
  }
}

/**
 * Floats that a layer keeps for each token until its gradient is computed: inputs of products, probabilities before and after
 * dropout, norms, the feed-forward part.
 */
const keptByLayer = ({ dim, hidden, heads }: TrainingSize['model'], width: number): number => 9 * dim + 3 * hidden + 2 * heads * width
/** Floats for each token that are alive while one layer is computed. */
const passing = ({ dim, hidden, heads }: TrainingSize['model'], width: number): number => 6 * dim + 2 * hidden + 3 * heads * width

/** Layers that a gradient passes through. */
const layersWalked = ({ layers }: TrainingSize['model'], { begin }: Plan): number =>
  begin === 'ids' ? layers : begin === 'features' ? 0 : layers - begin.layer

/** Estimates a training. `recipe.microTokens` bounds the tokens per pass. */
export function trainingCost(size: TrainingSize, recipe: Recipe): Cost {
  const { model, movies, training, genres, characters } = size
  const plan = planOf(recipe, model)
  const { frozen, trained, body } = counts(size, recipe, plan)
  const mean = Math.min(recipe.maxTokens, characters / CHARACTERS_PER_TOKEN + 2)
  // the longest texts are in batches of their own
  const width = recipe.maxTokens
  const tokens = Math.max(Math.min(recipe.microTokens, recipe.batch * width), width)
  const walked = layersWalked(model, plan)
  // the rows of an update do not bound predictions
  const predicted = Math.max(Math.min(recipe.microTokens, movies * width), width)
  // updates of one micro-batch and of several have graphs of their own, and each session keeps its memory
  const accumulating = recipe.batch * width > tokens
  const trainedOn = (accumulating ? 2 : 1) * tokens * (walked * keptByLayer(model, width) + passing(model, width))
  const activations = 4 * Math.max(trainedOn, predicted * passing(model, width))
  const weights = 4 * (FROZEN_COPIES * frozen + (accumulating ? ACCUMULATING_COPIES : TRAINED_COPIES) * trained)
  const rows = movies * (4 * mean + 12 * genres + 64)
  const features = plan.begin === 'features' ? 4 * movies * model.dim : 0
  return {
    peakBytes: Math.round(BASE_BYTES + weights + activations + rows + features),
    operations: operations({ movies, training, mean, body, walked, model }, recipe),
  }
}

interface Work {
  readonly movies: number
  readonly training: number
  readonly mean: number
  readonly body: number
  readonly walked: number
  readonly model: TrainingSize['model']
}
/** A token costs 2 operations per weight forward, as many for the gradient of its activations, and as many for that of a trained weight. */
function operations({ movies, training, mean, body, walked, model }: Work, recipe: Recipe): number {
  const forward = 2 * body + 4 * mean * model.dim * model.layers
  const back = (walked / model.layers) * forward * (recipe.mode === 'lora' ? 1 : 2)
  // frozen layers are computed once for all epochs if nothing below the head is trained
  const step = walked === 0 ? 0 : (forward * walked) / model.layers + back
  const trainings = recipe.outOfFold === 'folds' ? recipe.folds : 1
  const scratch = recipe.model.source === 'scratch' ? recipe.model.warmUpEpochs * movies * 3 * forward : 0
  return mean * (scratch + trainings * recipe.epochs * training * step + movies * forward * 1.2)
}

/** Smaller recipes to suggest, the one that loses least first. */
export const SMALLER: readonly { readonly name: string; readonly change: Partial<Recipe> }[] = [
  { name: 'at most 512 tokens at once', change: { microTokens: 512 } },
  { name: 'at most 128 tokens of a plot, and 128 at once', change: { microTokens: 128, maxTokens: 128 } },
  { name: 'adapters (LoRA) instead of all weights', change: { mode: 'lora', microTokens: 512 } },
  { name: 'the head alone', change: { mode: 'head', microTokens: 512 } },
]
