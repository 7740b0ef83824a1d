import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { UserError } from '../../../src/contract/errors.ts'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import { encodeModel } from '../../../src/main/compute/graph/encode.ts'
import { isOutOfMemory, toUserError } from '../../../src/main/compute/runtime/errors.ts'
import { openProgram } from '../../../src/main/compute/runtime/program.ts'
import { createSession } from '../../../src/main/compute/runtime/session.ts'
import { State } from '../../../src/main/compute/runtime/state.ts'
import { float32, int64, scalar, zeros, type HostTensor } from '../../../src/main/compute/runtime/tensors.ts'

const CPU = { device: 'cpu', threads: 2 } as const
const folder = mkdtempSync(join(tmpdir(), 'reelabel-runtime-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** p' = p - rate * g / |g|, and |g|. */
function descent(): GraphBuilder {
  const b = new GraphBuilder('descent')
  const [p, g] = [b.input('p', 'float32', ['n', 3]), b.input('g', 'float32', ['n', 3])]
  const norm = b.op('Sqrt', [b.op('ReduceSum', [b.op('Mul', [g, g]), b.ints(0, 1)], { keepdims: 0 })])
  b.output(b.op('Sub', [p, b.op('Mul', [b.op('Div', [g, norm]), b.constant(0.5)])]), 'p:next')
  b.output(norm, 'norm')
  return b
}

describe('a session', () => {
  test('writes into views that are fed at the same time, and nowhere else', async () => {
    const session = await createSession(encodeModel(descent().finish()), CPU)
    const memory = new Float32Array(10).fill(7)
    const p = float32([2, 3], memory.subarray(2, 8).fill(1))
    const results = await session.run({ p, g: float32([2, 3], [2, 0, 0, 0, 0, 0]) }, { 'p:next': p, norm: null })
    expect([...memory]).toEqual([7, 7, 0.5, 1, 1, 1, 1, 1, 7, 7])
    expect(results['p:next']).toBe(p)
    expect(scalar(results['norm']!)).toBe(2)
    await session.release()
  })
  test('computes only the requested outputs', async () => {
    const session = await createSession(encodeModel(descent().finish()), CPU)
    const results = await session.run({ p: zeros('float32', [1, 3]), g: float32([1, 3], [3, 0, 4]) }, ['norm'])
    expect(Object.keys(results)).toEqual(['norm'])
    expect(scalar(results['norm']!)).toBe(5)
    await session.release()
  })
  test.each([
    ['bytes that are no graph', new Uint8Array([1, 2, 3]), 'runtime-failed'],
    ['a file that is not there', { path: join(folder, 'nowhere.onnx') }, 'runtime-failed'],
  ])('of %s is refused', async (_, model, code) => {
    await expect(createSession(model, CPU)).rejects.toMatchObject({ code })
  })
  test('names the expected shape of a wrong feed', async () => {
    const session = await createSession(encodeModel(descent().finish()), CPU)
    await expect(session.run({ p: zeros('float32', [1, 4]), g: zeros('float32', [1, 3]) })).rejects.toThrow(
      /while computing on the processor: .*p/s,
    )
    await session.release()
  })
  test('keeps telemetry off', async () => {
    await createSession(encodeModel(descent().finish()), CPU)
    expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1')
  })
})

describe('a program', () => {
  test('derives symbolic dimensions from the feeds', async () => {
    const b = new GraphBuilder('heads')
    const x = b.input('x', 'float32', ['batch', 'tokens', 4])
    b.output(b.op('Reshape', [x, b.shape(['batch', 'tokens', 2, 2])]), 'y')
    const program = await openProgram(b.finish(), CPU)
    for (const [batch, tokens] of [
      [1, 3],
      [2, 5],
    ] as const) {
      const { y } = await program.run({ x: zeros('float32', [batch, tokens, 4]) })
      expect(y!.shape).toEqual([batch, tokens, 2, 2])
    }
    await program.release()
  })
  test.each(['the file itself', 'a link to it'])('reads weights at an offset of %s', async (which) => {
    const file = join(folder, 'weights.bin')
    const bytes = Buffer.alloc(3 + 16)
    ;[1, 2, 3, 4].forEach((x, i) => bytes.writeFloatLE(x, 3 + 4 * i))
    writeFileSync(file, bytes)
    const link = join(folder, `link-${which.length}`)
    symlinkSync(file, link)
    const b = new GraphBuilder('external')
    const w = b.initializer('w', 'float32', [2, 2], { file: which === 'a link to it' ? link : file, offset: 3, bytes: 16 })
    b.output(b.op('Gemm', [b.input('x', 'float32', ['rows', 2]), w], { transB: 1 }), 'y')
    const program = await openProgram(b.finish(), { ...CPU, packWeights: false })
    const { y } = await program.run({ x: float32([1, 2], [1, 10]) })
    expect([...(y as HostTensor<'float32'>).data]).toEqual([21, 43])
    await program.release()
  })
})

describe('the state', () => {
  test('is updated in place, read as copies and overwritten', async () => {
    const own = float32([1, 3], [1, 1, 1])
    const state = await State.create('cpu', new Map([['w', own]]))
    const program = await openProgram(descent().finish(), CPU)
    const before = await state.read('w')
    const slots = [{ state: 'w', input: 'p', output: 'p:next', start: 0, shape: [1, 3] }]
    for (let i = 0; i < 2; i++)
      await program.run({ ...state.feeds(slots), g: float32([1, 3], [0, 4, 0]) }, { ...state.fetches(slots), norm: null })
    expect([...own.data]).toEqual([1, 0, 1])
    expect([...before.data]).toEqual([1, 1, 1])
    await state.write('w', before)
    expect([...own.data]).toEqual([1, 1, 1])
    await expect(state.write('w', zeros('float32', [3]))).rejects.toThrow('"w" is float32 [1, 3], not float32 [3]')
    expect(() => state.get('v')).toThrow('no tensor "v"')
    await Promise.all([program.release(), state.release()])
  })
})

test('parts of the state are views of it', async () => {
  const own = float32([4, 2], [0, 1, 2, 3, 4, 5, 6, 7])
  const state = await State.create('cpu', new Map([['w', own]]))
  const part = { state: 'w', input: 'w#1', output: "w#1'", start: 2, shape: [2, 2] }
  const whole = { state: 'w', input: 'w', output: null, start: 0, shape: [4, 2] }
  const [fed, fetched] = [state.feeds([part, whole]), state.fetches([part, whole])]
  expect(Object.keys(fetched)).toEqual(["w#1'"])
  expect([...(fed['w#1'] as HostTensor<'float32'>).data]).toEqual([2, 3, 4, 5])
  expect(fed['w']).toBe(own)
  ;(fetched["w#1'"] as HostTensor<'float32'>).data.fill(9)
  expect([...own.data]).toEqual([0, 1, 9, 9, 9, 9, 6, 7])
  expect(() => state.feeds([{ ...part, start: 6 }])).toThrow('ends before element 10')
  await state.release()
})

describe('errors', () => {
  test.each([
    ['std::bad_alloc', 'runtime-memory'],
    ['Failed to allocate memory for requested buffer of size 1073741824', 'runtime-memory'],
    ['VK_ERROR_OUT_OF_DEVICE_MEMORY', 'runtime-memory'],
    ['Failed to get a WebGPU adapter: No supported adapters', 'runtime-device'],
    ['OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library', 'runtime-device'],
    ['Device was lost', 'runtime-device'],
    ['Got invalid dimensions for input: x', 'runtime-failed'],
  ])('%s is %s', (message, code) => {
    const error = toUserError(new Error(message), 'computing', 'webgpu')
    expect(error).toBeInstanceOf(UserError)
    expect(error.code).toBe(code)
    expect([isOutOfMemory(error), isOutOfMemory(new Error(message))]).toEqual(Array(2).fill(code === 'runtime-memory'))
  })
  test('of a known cause say that cause alone', () => {
    const of = (message: string): string => toUserError(new Error(message), 'computing', 'webgpu').message
    expect(of('Failed to get a WebGPU adapter: No supported adapters')).toBe('No graphics card with a working driver was found.')
    expect(of('Device was lost')).toBe('The graphics card (WebGPU) cannot be used: Device was lost')
  })
  test('are not toUserError twice', () => {
    const first = toUserError(new Error('std::bad_alloc'), 'computing', 'cpu')
    expect(toUserError(first, 'loading', 'cpu')).toBe(first)
  })
})

test('ids are 64-bit integers', () => expect(int64([2], [1, 2]).data).toEqual(BigInt64Array.of(1n, 2n)))
