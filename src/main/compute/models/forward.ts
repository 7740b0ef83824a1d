/** A model as nodes of a graph: whole, or from one point in it to another. */
import type { GraphBuilder } from '../graph/builder.ts'
import type { Value } from '../graph/types.ts'
import type { ModelConfig } from './config.ts'
import { FAMILIES } from './families/index.ts'
import type { Adapters, Batch, Cache, Dropout, Lowering, Net, Parameters } from './family.ts'
import { flat, meanOfTokens, rowsAt, unflat } from './layers/basic.ts'

/** Start of the graph. */
export type From =
  /** int64 ids, those of the batch */
  | 'ids'
  /** (batch, tokens, embeddingDim): word embeddings, for attributions */
  | { readonly words: Value }
  /** (batch, tokens, dim): the input of layer `layer` */
  | { readonly hidden: Value; readonly layer: number }
  /** (batch, dim): the output of {@link To} `features` */
  | { readonly features: Value }
/** End of the graph. */
export type To =
  /** (batch, labels) */
  | 'logits'
  /** (batch, dim): the pooled tokens after all layers and the last norm */
  | 'features'
  /** (n, vocabulary): logits of words at all positions (n = batch*tokens), or at `rows` of that matrix */
  | { readonly language: true; readonly rows?: Value }
  /** (batch, tokens, dim): the input of layer `layer`; the number of layers: the output of the last one */
  | { readonly layer: number }

export interface ForwardOptions {
  readonly config: ModelConfig
  readonly parameters: Parameters
  readonly batch: Batch
  readonly from?: From
  readonly to?: To
  readonly lowering?: Lowering
  readonly dropout?: Dropout | null
  readonly adapters?: Adapters | null
  /** The fed tokens continue texts: the mask is not read. */
  readonly cache?: Cache | null
}

/**
 * Adds a model to `b`. Symbols of the graph: `batch` and `tokens`.
 * The top layer is computed at the pooled position only, unless the graph needs more of it.
 */
export function forward(b: GraphBuilder, options: ForwardOptions): Value {
  const {
    config,
    parameters: p,
    batch,
    from = 'ids',
    to = 'logits',
    lowering = 'train',
    dropout = null,
    adapters = null,
    cache = null,
  } = options
  const net: Net = { b, config, p, batch, lowering, dropout, adapters, cache }
  const family = FAMILIES[config.architecture].forward
  if (typeof to === 'object') {
    if ('layer' in to) return unflat(net, throughLayers(net, from, to.layer))
    const all = throughLayers(net, from, config.layers)
    return family.language(net, family.final(net, to.rows ? b.op('Gather', [all, to.rows], { axis: 0 }, { name: 'rows' }) : all))
  }
  const features = typeof from === 'object' && 'features' in from ? from.features : pooled(net, from)
  return to === 'features' ? features : b.scope('head', () => family.head(net, features))
}

/** The pooled tokens after all layers and the last norm: (batch, dim). */
function pooled(net: Net, from: From): Value {
  const { layers, architecture, pooling } = net.config
  const family = FAMILIES[architecture].forward
  const begun = typeof from === 'object' && 'layer' in from && from.layer === layers
  if (pooling === 'mean') return meanOfTokens(net, family.final(net, throughLayers(net, from, layers)))
  if (begun) return family.final(net, rowsAt(net, pooling, throughLayers(net, from, layers)))
  return family.final(net, family.layer(net, layers - 1, throughLayers(net, from, layers - 1), pooling))
}

/** The input of layer `end`: (batch*tokens, dim). */
function throughLayers(net: Net, from: From, end: number): Value {
  const family = FAMILIES[net.config.architecture].forward
  const first = typeof from === 'object' && 'layer' in from ? from.layer : 0
  if (first > end) throw new Error(`a graph cannot begin at layer ${first} and end before layer ${end}`)
  let x = typeof from === 'object' && 'hidden' in from ? flat(net, from.hidden) : family.embed(net, wordsOf(net, from))
  for (let i = first; i < end; i++) x = family.layer(net, i, x, 'all')
  return x
}

function wordsOf(net: Net, from: From): Value {
  const { b, p, batch, config } = net
  if (typeof from === 'object' && 'words' in from) return from.words
  if (from !== 'ids' || !batch.ids) throw new Error('a graph that begins at the words needs ids')
  return b.op('Gather', [p.get(FAMILIES[config.architecture].forward.words), batch.ids], { axis: 0 }, { name: 'words' })
}
