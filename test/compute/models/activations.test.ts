import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import { activate } from '../../../src/main/compute/models/layers/activations.ts'
import type { Lowering, Net } from '../../../src/main/compute/models/family.ts'
import { difference, run, tensor } from './support.ts'

/** See fixtures/reference.py. */
const { x, activations } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/reference.json'), 'utf8')) as {
  readonly x: readonly number[]
  readonly activations: Readonly<Record<string, readonly number[]>>
}
const cases = Object.entries(activations).flatMap(([name, y]) => (['train', 'portable'] as const).map((l) => [name, l, y] as const))

test.each(cases)('%s, %s', async (name, lowering: Lowering, expected) => {
  const b = new GraphBuilder('activation')
  const input = b.input('x', 'float32', ['n'])
  b.output(activate({ b, lowering } as Net, name, input), 'y')
  const { y } = await run(b.finish(), { x: tensor([x.length], Float32Array.from(x)) }, { n: x.length }, lowering === 'portable' ? 17 : 20)
  expect(difference(y!.data, expected)).toBeLessThan(2e-7)
})
