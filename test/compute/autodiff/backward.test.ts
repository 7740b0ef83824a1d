import { describe, expect, test } from 'vitest'
import { Algebra } from '../../../src/main/compute/autodiff/algebra.ts'
import { backward } from '../../../src/main/compute/autodiff/backward.ts'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import type { Value } from '../../../src/main/compute/graph/types.ts'
import { differences, run } from './check.ts'

const start = (): { b: GraphBuilder; a: Algebra; x: Value; y: Value } => {
  const b = new GraphBuilder('walk')
  return { b, a: new Algebra(b), x: b.input('x', 'float32', [1, 4]), y: b.input('y', 'float32', [4]) }
}
const ops = (b: GraphBuilder, from: number): string[] => b.nodes.slice(from).map((n) => n.op)

describe('the walker', () => {
  test('names operator and node if there is no rule', () => {
    const { b, a, x } = start()
    const wrong = b.scope('layer_3', () => b.op('Mod', [x, b.constant(2)], { fmod: 1 }))
    expect(() => backward(b, a.sum(wrong, undefined, false), [x])).toThrow('no gradient rule for "Mod" (node layer_3/Mod)')
  })
  test('ignores an operator without a rule that is not on the path', () => {
    const { b, a, x, y } = start()
    const frozen = b.op('Mod', [x, b.constant(2)], { fmod: 1 })
    expect(() => backward(b, a.sum(a.mul(frozen, y), undefined, false), [y])).not.toThrow()
  })
  test('names a value that the loss does not depend on', () => {
    const { b, a, x, y } = start()
    expect(() => backward(b, a.sum(x, undefined, false), [x, y])).toThrow('the loss does not depend on "y"')
    expect(() => backward(b, a.sum(b.op('Floor', [y]), undefined, false), [y])).toThrow('the loss does not depend on "y"')
  })
  test('asks for a gradient where the loss is not a scalar', () => {
    const { b, x } = start()
    expect(() => backward(b, x, [x])).toThrow('"x" of (1, 4) is not a scalar')
  })
  test('computes only the requested gradients', () => {
    const { b, a, x, y } = start()
    const loss = a.sum(a.mul(b.op('Exp', [x]), y), undefined, false)
    const before = b.nodes.length
    backward(b, loss, [y])
    expect(ops(b, before)).toEqual(['Reshape', 'Expand', 'Mul', 'ReduceSum'])
  })
  test('stops at an intermediate value whose gradient is requested', async () => {
    const { b, a, x, y } = start()
    const between = a.mul(x, y)
    const loss = a.sum(a.square(between), undefined, false)
    const before = b.nodes.length
    const [gradient] = backward(b, loss, [between])
    expect(ops(b, before)).not.toContain('ReduceSum')
    b.output(gradient!, 'g')
    const feeds = {
      x: { dtype: 'float32', shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) },
      y: { dtype: 'float32', shape: [4], data: Float32Array.of(1, 0, -1, 2) },
    } as const
    const { g } = await run(b.finish(), feeds)
    expect([...(g!.data as Float32Array)]).toEqual([2, 0, -6, 16])
  })
  test('a value that is used three times gets the sum', async () => {
    const make = (b: GraphBuilder, [x, y]: readonly Value[]): Value => {
      const a = new Algebra(b)
      return a.add(a.mul(a.exp(x!), a.sub(x!, y!)), a.matmul(a.mul(x!, y!), a.turn(x!)))
    }
    for (const d of await differences({ of: [['tokens', 'tokens'], ['tokens']], make })) expect(d).toBeLessThan(1e-7)
  })
  test('the gradient of a large embedding uses no int64, which GPUs lack', () => {
    const b = new GraphBuilder('embedding')
    const words = b.input('words', 'float32', [30_000, 2])
    const looked = b.op('Gather', [words, b.input('ids', 'int32', ['batch', 'tokens'])], { axis: 0 })
    backward(b, new Algebra(b).sum(looked, undefined, false), [words])
    expect(b.nodes.filter((n) => n.outputs.some((o) => o.dtype === 'int64')).map((n) => n.name)).toEqual([])
  })
  test('an upstream gradient can be given', async () => {
    const b = new GraphBuilder('given')
    const x = b.input('x', 'float32', [1, 4])
    const [gradient] = backward(b, new Algebra(b).square(x), [x], b.constant([1, 0, 0, -1], 'float32', [1, 4]))
    b.output(gradient!, 'g')
    const { g } = await run(b.finish(), { x: { dtype: 'float32', shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) } })
    expect([...(g!.data as Float32Array)]).toEqual([2, 0, 0, -8])
  })
  test('equal elements share the gradient of a maximum', async () => {
    const { b, a, x: z, y } = start()
    for (const gradient of backward(b, a.sum(a.max(y, z), undefined, false), [y, z])) b.output(gradient, `g:${gradient.name}`)
    const results = await run(b.finish(), {
      y: { dtype: 'float32', shape: [4], data: Float32Array.of(1, 2, 3, 4) },
      x: { dtype: 'float32', shape: [1, 4], data: Float32Array.of(0, 2, 4, 4) },
    })
    expect(Object.values(results).map((r) => [...(r.data as Float32Array)])).toEqual([
      [1, 0.5, 0, 0.5],
      [0, 0.5, 1, 0.5],
    ])
  })
})
