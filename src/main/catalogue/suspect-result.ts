/** The stored result of a search for suspects. */
import { z } from 'zod'
import type { FoundSuspects } from '../../contract/jobs.ts'
import type { LinearConfig } from '../../contract/records.ts'
import { required } from '../../contract/required.ts'
import type { SuspectConfig } from '../../contract/suspects.ts'
import { SOURCES } from '../analysis/suspects/evidence.ts'
import { packContainer, unpackContainer, type ContainerData } from '../model-folder/container.ts'
import type { Store } from '../store/store.ts'

/** Name of the result among the derived data of a generation of cleaning. */
const NAME = 'suspects'
/** Similar movies that a result may have for each movie. */
const MAX_NEIGHBOURS = 100

/** The result of a search, for some movies and genres. n movies, k genres. */
export interface SuspectResult extends FoundSuspects {
  readonly config: SuspectConfig
  /** The last batch of the change log that it included. */
  readonly lastBatch: number
  /** (n) ids */
  readonly movies: Int32Array
  /** (k) ids */
  readonly genres: Int32Array
}

const list = z.array(z.number())
const HEADER = z.object({
  config: z.object({
    linear: z.looseObject({}),
    divisions: z.int(),
    neighbours: z.int(),
    plantedRate: z.number(),
    plantedKinds: z.array(z.string()),
    family: z.object({ run: z.int(), name: z.string() }).nullable(),
  }),
  model: z.object({
    sources: z.array(z.enum(Object.keys(SOURCES))).refine((names) => names.includes('neighbours')),
    weights: list,
    intercept: z.number(),
    means: list,
    partMeans: z.record(z.string(), z.number()),
    estimate: z.object({ expected: z.number(), low: z.number(), high: z.number() }),
    intervals: z.array(z.tuple([z.number(), z.number()])),
    planted: z.object({ errors: z.int(), called: z.int(), found: z.int() }),
  }),
  lastBatch: z.int(),
})

/** Stores a result with the current cleaning. Evidence is kept in half precision: it only explains. */
export function storeSuspects(
  store: Store,
  { config, model, lastBatch, movies, genres, wrong, evidence, parts, nearest, cosines }: SuspectResult,
): void {
  const bytes = packContainer({ config, model, lastBatch }, [
    ['movies', { data: movies }],
    ['genres', { data: genres }],
    ['wrong', { data: wrong }],
    ...model.sources.map((name) => [name, { data: new Float16Array(required(evidence[name], name)) }] as const),
    ...Object.entries(parts).map(([name, part]) => [`part ${name}`, { data: new Float16Array(part) }] as const),
    ['nearest', { data: nearest }],
    ['cosines', { data: new Float16Array(cosines) }],
  ])
  store.transaction(() => store.columns.putDerived(store.cleanings.generation(), NAME, bytes))
}

/** Reads a stored result. @throws Error if it is not one */
function unpackSuspects(bytes: Uint8Array): SuspectResult {
  const { header, tensors } = unpackContainer(bytes)
  const { config, model, lastBatch } = HEADER.parse(header)
  const tensor = <T extends ContainerData>(name: string, type: abstract new () => T, length: number | null): T => {
    const data = tensors.get(name)?.data
    if (data instanceof type && (length === null || data.length === length)) return data
    throw new Error(`it has no ${name}`)
  }
  const [movies, genres] = [tensor('movies', Int32Array, null), tensor('genres', Int32Array, null)]
  const cells = movies.length * genres.length
  const evidence = Object.fromEntries(model.sources.map((name) => [name, tensor(name, Float16Array, cells)]))
  const nearest = tensor('nearest', Int32Array, null)
  if (nearest.length > MAX_NEIGHBOURS * movies.length) throw new Error('it has too many similar movies')
  return {
    config: { ...config, linear: config.linear as unknown as LinearConfig },
    model,
    lastBatch,
    movies,
    genres,
    wrong: tensor('wrong', Float32Array, cells),
    evidence,
    parts: Object.fromEntries(Object.keys(model.partMeans).map((name) => [name, tensor(`part ${name}`, Float16Array, cells)])),
    nearest,
    cosines: tensor('cosines', Float16Array, nearest.length),
  }
}

/** The result of a generation of cleaning; null if there is none. @throws Error if it cannot be read */
export function readSuspects(store: Store, generation: number): SuspectResult | null {
  const bytes = store.columns.derived(generation, NAME)
  return bytes && unpackSuspects(bytes)
}
