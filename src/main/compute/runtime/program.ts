/** A graph that is ready to run: loaded on a device, with its weights located and its shapes filled in. */
import { realpathSync } from 'node:fs'
import { parse, relative, sep } from 'node:path'
import { resolve } from '../graph/dims.ts'
import { encodeModel } from '../graph/encode.ts'
import type { Graph, Shape } from '../graph/types.ts'
import { createSession, type Fetches, type Session, type SessionOptions } from './session.ts'
import { int64, type HostTensor, type Tensor } from './tensors.ts'

export interface Program {
  readonly graph: Graph
  readonly session: Session
  /** Like {@link Session.run}; symbolic shapes are filled in from the shapes of the feeds. */
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: Fetches): Promise<Record<string, Tensor>>
  release(): Promise<void>
}

/**
 * Where the runtime finds external data: it refuses absolute paths and links that leave its folder, so links are resolved and files are
 * given relative to the root of their file system.
 */
function dataPlaces(graph: Graph): { dataFolder?: string; locate: (file: string) => string } {
  const files = new Set(graph.initializers.flatMap(({ data }) => ('file' in data ? [data.file] : [])))
  const real = new Map([...files].map((file) => [file, realpathSync(file)]))
  const first = real.values().next().value
  if (first === undefined) return { locate: (file) => file }
  const { root } = parse(first)
  return {
    dataFolder: root,
    locate: (file) =>
      relative(root, real.get(file) ?? file)
        .split(sep)
        .join('/'),
  }
}

/** The values of the symbols of a graph's inputs, read from the tensors that are fed. */
export function symbolsOf(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Record<string, number> {
  const symbols: Record<string, number> = {}
  for (const { name, shape } of graph.inputs) {
    const fed = feeds[name]?.shape
    shape.forEach((dim, axis) => {
      const size = fed?.[axis]
      if (typeof dim === 'string' && size !== undefined) symbols[dim] ??= size
    })
  }
  return symbols
}

const shapeTensor = (dims: Shape, symbols: Readonly<Record<string, number>>): HostTensor<'int64'> =>
  int64(
    [dims.length],
    dims.map((dim) => resolve(dim, symbols)),
  )

/** Graphics cards compute with int32 only: int64 ids and masks are narrowed if the graph expects int32. */
function narrowed(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> {
  const wide = graph.inputs.filter(({ name, dtype }) => dtype === 'int32' && feeds[name]?.dtype === 'int64')
  const int32s = wide.map(({ name }): [string, Tensor] => {
    const { shape, data } = feeds[name] as HostTensor<'int64'>
    return [name, { dtype: 'int32', shape, data: Int32Array.from(data, Number) }]
  })
  return int32s.length > 0 ? { ...feeds, ...Object.fromEntries(int32s) } : feeds
}

/**
 * Loads a graph.
 * @throws {UserError} as {@link createSession}
 */
export async function openProgram(graph: Graph, options: SessionOptions): Promise<Program> {
  const { locate, ...places } = dataPlaces(graph)
  const session = await createSession(encodeModel(graph, { locate }), { ...places, ...options })
  return {
    graph,
    session,
    run: (feeds, fetches) => {
      const symbols = symbolsOf(graph, feeds)
      const shapes = Object.fromEntries(graph.shapes.map(({ name, dims }) => [name, shapeTensor(dims, symbols)]))
      return session.run({ ...shapes, ...narrowed(graph, feeds) }, fetches)
    },
    release: () => session.release(),
  }
}
