/** The model that a training begins from, and its tokenizer: a folder's, or a small one made from the plots. */
import type { ModelFiles, ScratchModel, TransformerConfig } from '../../../contract/models.ts'
import { openStart } from '../models/lora/begin.ts'
import { randomModel, type Model } from '../models/open-model.ts'
import type { ModelConfig } from '../models/config.ts'
import { learnVocabulary } from '../tokenize/learn.ts'
import { fromVocabulary, loadTokenizer } from '../tokenize/load.ts'
import type { Tokenizer } from '../tokenize/types.ts'
import { mixSeed, PURPOSES } from '../../analysis/random.ts'

export interface Source {
  readonly model: Model
  /** The same with nothing apart from its weights, see `openStart`; null for a small one. */
  readonly whole: Model | null
  readonly tokenizer: Tokenizer
  /** Lines of the vocabulary that was learnt; null for a model of a folder. */
  readonly vocabulary: readonly string[] | null
  /** Longest text in tokens: as the recipe says, and no longer than the model can read. */
  readonly maxTokens: number
  /** Why figures out of fold may be too good; null for no reason. */
  readonly doubt: string | null
}
type Recipe = Pick<TransformerConfig, 'model' | 'mode' | 'lora' | 'seed' | 'maxTokens' | 'dropout'>

/** How often a pair of pieces has to occur to become one. */
const LEAST_PAIRS = 3

/**
 * @param files of a model of the library; null: a small one is made
 * @param plots of all movies: a vocabulary is learnt from them
 * @throws UserError as the model's and the tokenizer's files deserve
 */
export function openSource(recipe: Recipe, files: ModelFiles | null, labels: readonly string[], plots: () => Iterable<string>): Source {
  const seed = mixSeed(recipe.seed, PURPOSES.weights)
  if (recipe.model.source === 'scratch') return smallSource(recipe, recipe.model, labels, plots(), seed)
  if (files === null) throw new Error('a model of the library without its folder')
  const tokenizer = loadTokenizer(files.modelFolder)
  const start = openStart(files, { labels, seed }, recipe.mode === 'lora' ? recipe.lora : null)
  const model = withDropout(start.model, recipe.dropout)
  const maxTokens = Math.min(recipe.maxTokens, model.config.positions)
  return { model, whole: start.whole, tokenizer, vocabulary: null, maxTokens, doubt: doubtOf(files, start.model) }
}

/** A head for these very labels was most likely trained on this catalogue. */
function doubtOf({ adapterFolder }: ModelFiles, { fresh }: Model): string | null {
  const what = adapterFolder !== null ? 'an adapter' : fresh.length === 0 ? 'a model that tells these very genres apart' : null
  return what && `It begins from ${what}. Where that was trained on these movies, out-of-fold figures are too good.`
}

function smallSource(recipe: Recipe, shape: ScratchModel, labels: readonly string[], plots: Iterable<string>, seed: number): Source {
  const vocabulary = learnVocabulary(plots, { size: shape.vocabulary, minCount: LEAST_PAIRS })
  const tokenizer = fromVocabulary(vocabulary)
  const model = withDropout(randomModel(smallConfig(shape, vocabulary.length, recipe.maxTokens), { labels, seed }), recipe.dropout)
  return { model, whole: null, tokenizer, vocabulary, maxTokens: recipe.maxTokens, doubt: null }
}

/**
 * `config.json` of a small BERT. Weights begin with a deviation of 1/√dim, not with BERT's 0.02: at this width that would leave what
 * attention carries a thirtieth of what it is added to, and the first epochs learn nothing (docs/transformer-defaults.md).
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

/** The recipe's dropout in place of the model's own. */
function withDropout(model: Model, dropout: number | null): Model {
  if (dropout === null) return model
  const config: ModelConfig = { ...model.config, dropout: { hidden: dropout, attention: dropout, head: dropout } }
  return { ...model, config }
}
