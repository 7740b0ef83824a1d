/** A graph for the gradient of logits at word embeddings between a baseline and a text. */
import { backward } from '../autodiff/backward.ts'
import { GraphBuilder } from '../graph/builder.ts'
import type { Graph } from '../graph/types.ts'
import type { ModelConfig } from '../models/config.ts'
import { FAMILIES } from '../models/families/index.ts'
import type { Adapters } from '../models/family.ts'
import { forward } from '../models/forward.ts'
import { bindParameters } from '../models/parameters.ts'
import type { Weights } from '../models/weights.ts'

export interface Attributed {
  readonly config: ModelConfig
  readonly weights: Weights
  readonly adapters?: Adapters | null
}

/**
 * Inputs: `ids`, `baseline` and `mask`, int64 (batch, tokens); `share`, float32 (batch, 1, 1), each row's position between the baseline's
 * embeddings (0) and the text's (1); `upstream`, float32 (batch, labels), which logits are attributed.
 * Outputs: `logits` (batch, labels); `gradient` (batch, tokens, dim) at the interpolated words, before positions and normalisation;
 * `scores` (batch, tokens), its product with the difference between text and baseline, summed over dim; `product` (batch, tokens), the
 * same with the text itself.
 */
export function attributionGraph({ config, weights, adapters = null }: Attributed): Graph {
  const b = new GraphBuilder('attribution')
  const tokens = (name: string) => b.input(name, 'int64', ['batch', 'tokens'])
  const [ids, baseline, mask] = [tokens('ids'), tokens('baseline'), tokens('mask')]
  const share = b.input('share', 'float32', ['batch', 1, 1])
  const upstream = b.input('upstream', 'float32', ['batch', config.labels.length])
  const parameters = bindParameters(b, weights, { external: true })
  const table = parameters.get(FAMILIES[config.architecture].forward.words)
  const embedded = (of: typeof ids) => b.op('Gather', [table, of], { axis: 0 })
  const from = embedded(baseline)
  const to = embedded(ids)
  const way = b.op('Sub', [to, from])
  const words = b.op('Add', [from, b.op('Mul', [way, share])], {}, { name: 'between' })
  const logits = forward(b, { config, parameters, batch: { ids: null, mask }, from: { words }, adapters })
  const [gradient] = backward(b, logits, [words], upstream)
  b.output(logits, 'logits')
  b.output(gradient!, 'gradient')
  const along = (words: typeof way) => b.op('ReduceSum', [b.op('Mul', [gradient!, words]), b.ints(-1)], { keepdims: 0 })
  b.output(along(way), 'scores')
  b.output(along(to), 'product')
  return b.finish()
}
