import { expect, test } from 'vitest'
import { GraphBuilder } from '../../src/main/compute/graph/builder.ts'
import { forward } from '../../src/main/compute/models/forward.ts'
import { randomModel } from '../../src/main/compute/models/open-model.ts'
import { bindParameters } from '../../src/main/compute/models/parameters.ts'
import { flopOf, optimiserBytes, productsOf } from '../bench/roofline.ts'

test('the layers of an encoder cost what the literature counts', () => {
  const [layers, dim, hidden, batch, tokens] = [2, 8, 32, 3, 5]
  const { config, weights } = randomModel(
    { model_type: 'bert', vocab_size: 30, hidden_size: dim, num_hidden_layers: layers, num_attention_heads: 2, intermediate_size: hidden, max_position_embeddings: 16, type_vocab_size: 2 }, // prettier-ignore
    { labels: ['a'], seed: 1 },
  )
  const b = new GraphBuilder('layers')
  const shape = ['batch', 'tokens']
  const fed = { ids: b.input('ids', 'int32', shape), mask: b.input('mask', 'int32', shape) }
  b.output(forward(b, { config, parameters: bindParameters(b, weights), batch: fed, to: { layer: layers } }), 'hidden')
  // Kaplan et al., arXiv:2001.08361, section 2.1: two operations for each weight and token, and attention
  const wanted = layers * (2 * batch * tokens * (4 * dim * dim + 2 * dim * hidden) + 4 * batch * tokens * tokens * dim)
  const products = productsOf(b.finish(), { batch, tokens })
  expect(flopOf(products)).toBe(wanted)
  // queries, keys, values and the projection of the result are equal products
  expect(products.find(({ factors }) => factors.join(' ') === '15,8 8,8')!.count).toBe(4 * layers)
})

test.each([
  ['Gemm', {}, [2, 3], [3, 5]],
  ['Gemm', { transA: 1 }, [3, 2], [3, 5]],
  ['Gemm', { transB: 1 }, [2, 3], [5, 3]],
  ['FusedMatMul', { transA: 1, transB: 1 }, [3, 2], [5, 3]],
])('%s %o of (2, 3) and (3, 5) has 2 x 2 x 3 x 5 operations', (op, attributes, left, right) => {
  const b = new GraphBuilder('product')
  b.output(b.op(op, [b.input('x', 'float32', left), b.input('y', 'float32', right)], attributes), 'z')
  expect(flopOf(productsOf(b.finish(), {}))).toBe(60)
})

test('the optimiser reads and writes a parameter and two moments of four bytes', () => {
  expect(optimiserBytes([[10, 2], [5]])).toBe(25 * 6 * 4)
})
