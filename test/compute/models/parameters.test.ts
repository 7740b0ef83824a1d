import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import type { Graph } from '../../../src/main/compute/graph/types.ts'
import { forward } from '../../../src/main/compute/models/forward.ts'
import { openModel, randomModel, type Model } from '../../../src/main/compute/models/open-model.ts'
import { bindParameters, type BindOptions } from '../../../src/main/compute/models/parameters.ts'
import { openProgram } from '../../../src/main/compute/runtime/program.ts'
import { int64 } from '../../../src/main/compute/runtime/tensors.ts'
import { scratchFolder } from '../../data/support/files.ts'
import { predict, SMALL, storedOf, TEXTS, writeModel, type Stored } from './support.ts'

const { folder } = scratchFolder()

function graphOf({ config, weights }: Model, options: BindOptions): Graph {
  const b = new GraphBuilder('bound')
  const batch = { ids: b.input('ids', 'int64', ['batch', 'tokens']), mask: b.input('mask', 'int64', ['batch', 'tokens']) }
  b.output(forward(b, { config, parameters: bindParameters(b, weights, options), batch }), 'y')
  return b.finish()
}
const feeds = { ids: int64([3, 5], TEXTS.ids.flat()), mask: int64([3, 5], TEXTS.mask.flat()) }

/** The upper halves of float32 numbers are bfloat16; 1, 2, 3 … sixteenths are float16 with few bits. */
const narrow: Readonly<Record<string, (data: Float32Array) => Uint16Array>> = {
  BF16: (data) => Uint16Array.from(new Uint32Array(data.buffer, data.byteOffset, data.length), (bits) => bits >>> 16),
  F16: (data) => Uint16Array.from(data, (_, i) => 0x3000 + ((i * 37) % 1024)),
}

test.each(['F32', 'F16', 'BF16'])('%s weights are read by the runtime as they are read here', async (dtype) => {
  const { weights } = randomModel({ ...SMALL.llama, initializer_range: 0.3 }, { seed: 8 })
  const make = narrow[dtype]
  const tensors = storedOf(weights)
  const written = make
    ? Object.fromEntries(
        weights.names.map((name): [string, Stored] => {
          const bytes = new Uint8Array(make(weights.read(name)).buffer)
          return [name, { dtype, shape: weights.shape(name), bytes }]
        }),
      )
    : tensors
  const model = openModel(writeModel(join(folder, dtype), SMALL.llama, written))
  const here = await predict(model.config, model.weights, TEXTS)
  const graph = graphOf(model, { external: true })
  expect(graph.initializers.filter(({ data, value }) => !('file' in data) && model.weights.has(value.name))).toEqual([])
  const program = await openProgram(graph, { device: 'cpu', threads: 1 })
  expect((await program.run(feeds))['y']!).toEqual(here)
  await program.release()
})

test('trained tensors are inputs, and unused ones are absent', () => {
  const model = randomModel(SMALL.distilbert)
  const names = ['classifier.weight', 'classifier.bias']
  const graph = graphOf(model, { trainable: (name) => names.includes(name) })
  expect(
    graph.inputs
      .map((v) => v.name)
      .filter((name) => model.weights.has(name))
      .toSorted(),
  ).toEqual(names.toSorted())
  const frozen = new Set(graph.initializers.map((i) => i.value.name))
  expect(frozen.has('pre_classifier.weight')).toBe(true)
  expect(frozen.has('vocab_transform.weight')).toBe(false)
})
