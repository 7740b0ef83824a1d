/** The initial model of a training and its tokenizer: from a folder, or a small one built from the plots. */
import type { ModelFiles, ScratchModel, TransformerConfig } from '../../../contract/models.ts'
import { openStart } from '../models/lora/begin.ts'
import { randomModel, readConfig, type Model } from '../models/open-model.ts'
import type { ModelConfig } from '../models/config.ts'
import { learnVocabulary } from '../tokenize/learn.ts'
import { fromVocabulary, loadTokenizer } from '../tokenize/load.ts'
import type { Tokenizer } from '../tokenize/types.ts'
import { mixSeed, PURPOSES } from '../../analysis/random.ts'

export interface Source {
  readonly model: Model
  /** The same model for inputs without adapters merged, see `openStart`; null for a small one. */
  readonly whole: Model | null
  readonly tokenizer: Tokenizer
  /** Lines of the learnt vocabulary; null for a model from a folder. */
  readonly vocabulary: readonly string[] | null
  /** Longest text in tokens: the recipe's limit, but not more than the model can read. */
  readonly maxTokens: number
  /** A note for the analyst if out-of-fold scores may be too high because of data leakage; null if not. */
  readonly leakageNote: string | null
}
type Recipe = Pick<TransformerConfig, 'model' | 'mode' | 'lora' | 'seed' | 'maxTokens' | 'dropout'>

/** Minimum number of occurrences for a pair of pieces to be merged. */
const MIN_PAIRS = 3

/**
 * Opens or builds the initial model.
 * @param files of a model of the library; null: a small one is built
 * @param plots of all movies: a vocabulary is learnt from them
 * @throws UserError if the model's or the tokenizer's files cannot be used
 */
export function openSource(recipe: Recipe, files: ModelFiles | null, labels: readonly string[], plots: () => Iterable<string>): Source {
  const seed = mixSeed(recipe.seed, PURPOSES.weights)
  if (recipe.model.source === 'scratch') return smallSource(recipe, recipe.model, labels, plots(), seed)
  if (files === null) throw new Error('a model of the library without its folder')
  const tokenizer = loadTokenizer(files.modelFolder, readConfig(files.modelFolder).vocabulary)
  const start = openStart(files, { labels, seed }, recipe.mode === 'lora' ? recipe.lora : null)
  const model = withDropout(start.model, recipe.dropout)
  const maxTokens = Math.min(recipe.maxTokens, model.config.positions)
  return { model, whole: start.whole, tokenizer, vocabulary: null, maxTokens, leakageNote: leakageNoteOf(files, start.model) }
}

/** The note on leakage: an adapter, or a head for exactly these labels, was probably trained on this catalogue. */
function leakageNoteOf({ adapterFolder }: ModelFiles, { fresh }: Model): string | null {
  const what = adapterFolder !== null ? 'an adapter' : fresh.length === 0 ? 'a model with a head for exactly these genres' : null
  return what && `The training starts from ${what}. If it was trained on these movies, the out-of-fold scores are too high.`
}

function smallSource(recipe: Recipe, shape: ScratchModel, labels: readonly string[], plots: Iterable<string>, seed: number): Source {
  const vocabulary = learnVocabulary(plots, { size: shape.vocabulary, minCount: MIN_PAIRS })
  const tokenizer = fromVocabulary(vocabulary)
  const model = withDropout(randomModel(smallConfig(shape, vocabulary.length, recipe.maxTokens), { labels, seed }), recipe.dropout)
  return { model, whole: null, tokenizer, vocabulary, maxTokens: recipe.maxTokens, leakageNote: null }
}

/**
 * `config.json` of a small BERT. Its weights start with a standard deviation of 1/√dim instead of BERT's 0.02: at this width 0.02 would
 * make the attention output a thirtieth of the residual it is added to, and the first epochs would learn nothing
 * (docs/transformer-defaults.md).
 */
export const smallConfig = (
  { layers, dim, heads, hidden }: ScratchModel,
  vocabulary: number,
  positions: number,
): Record<string, unknown> => ({
  model_type: 'bert',
  vocab_size: vocabulary,
  hidden_size: dim,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  intermediate_size: hidden,
  max_position_embeddings: positions,
  type_vocab_size: 2,
  initializer_range: 1 / Math.sqrt(dim),
  pad_token_id: 0,
})

/** Replaces the model's dropout by the recipe's. */
function withDropout(model: Model, dropout: number | null): Model {
  if (dropout === null) return model
  const config: ModelConfig = { ...model.config, dropout: { hidden: dropout, attention: dropout, head: dropout } }
  return { ...model, config }
}
