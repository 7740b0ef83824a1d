/** The stored map, seen from the catalogue in memory. */
import { z } from 'zod'
import { MAP_VECTORS, type AreaRow, type FoundMap, type MapArea, type MapConfig } from '../../contract/map.ts'
import { POOLINGS } from '../../contract/models.ts'
import type { LinearConfig } from '../../contract/records.ts'
import { packContainer, unpackContainer } from '../model-folder/container.ts'
import { OF_THE_SOURCE } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

/**
 * Name of the map among the derived data. It belongs to no generation of cleaning, so that a map from before a cleaning can still be shown, as
 * outdated.
 */
const NAME = 'map'
/** Number of genres that are listed for an area. */
const AREA_GENRES = 3

const AREA = z.object({ area: z.int(), x: z.number(), y: z.number(), words: z.array(z.string()) })
const HEADER = z.object({
  config: z.object({
    vectors: z.enum(MAP_VECTORS),
    run: z.int().nullable(),
    model: z.object({ id: z.string(), pooling: z.enum(POOLINGS).nullable() }).nullable(),
    linear: z.looseObject({}),
    seed: z.int(),
    sample: z.int(),
  }),
  generation: z.int(),
  levels: z.array(z.array(AREA)),
  sampled: z.int(),
  trustworthiness: z.number(),
})

/** A map as it is stored. */
interface StoredMap extends Omit<FoundMap, 'places'> {
  readonly config: MapConfig
  /** The generation of cleaning that it was computed from. */
  readonly generation: number
}

export function storeMap(store: Store, generation: number, config: MapConfig, movies: Int32Array, { places, ...found }: FoundMap): void {
  const bytes = packContainer({ config, generation, ...found }, [
    ['movies', { data: movies }],
    ['places', { data: places }],
  ])
  store.transaction(() => store.columns.putDerived(OF_THE_SOURCE, NAME, bytes))
}

/** A map with the places of the catalogue's rows. */
export class PlacedMap {
  readonly stored: StoredMap
  /** (n, 2) from 0 to 1; NaN for a movie that has no place. */
  readonly places: Float32Array
  /** The rows with a place, ascending. */
  readonly rows: Int32Array
  readonly #catalogue: Catalogue
  constructor(bytes: Uint8Array, catalogue: Catalogue) {
    this.#catalogue = catalogue
    const { header, tensors } = unpackContainer(bytes)
    const parsed = HEADER.parse(header)
    const [movies, places] = [tensors.get('movies')?.data, tensors.get('places')?.data]
    if (!(movies instanceof Int32Array) || !(places instanceof Float32Array) || places.length !== 2 * movies.length)
      throw new Error('the map has no places')
    this.stored = { ...parsed, config: { ...parsed.config, linear: parsed.config.linear as unknown as LinearConfig } }
    this.places = new Float32Array(2 * catalogue.n).fill(NaN)
    movies.forEach((movie, i) => {
      const row = catalogue.row(movie)
      if (row >= 0) this.places.set(places.subarray(2 * i, 2 * i + 2), 2 * row)
    })
    this.rows = Int32Array.from({ length: catalogue.n }, (_, row) => row).filter((row) => !Number.isNaN(this.places[2 * row]!))
  }
  /** The movies of {@link rows}, and their places. */
  points(): { readonly movies: Int32Array; readonly places: Float32Array } {
    const { rows, places } = this
    const { ids } = this.#catalogue
    return {
      movies: rows.map((row) => ids[row]!),
      places: Float32Array.from({ length: 2 * rows.length }, (_, at) => places[2 * rows[at >> 1]! + (at & 1)]!),
    }
  }
  /**
   * The areas of a level, or of the finest one, that have movies: the largest first.
   * @param isSuspect null: not known
   */
  areas(level: number, isSuspect: (row: number) => boolean | null): AreaRow[] {
    const { labels, k, genres } = this.#catalogue
    const { levels } = this.stored
    const areas = levels[Math.min(level, levels.length - 1)] ?? []
    const rowsOf = Map.groupBy(this.rows, (row) => this.areaOf(row, areas))
    const described = areas.map((area) => {
      const rows = rowsOf.get(area.area) ?? []
      const share = (has: (row: number) => boolean | null): number => rows.filter(has).length / Math.max(1, rows.length)
      const shares = genres.map(({ name }, column) => ({ name, share: share((row) => labels[row * k + column] === 1) }))
      return {
        ...area,
        movies: rows.length,
        suspects: isSuspect(0) === null ? null : share(isSuspect),
        genres: shares.filter((genre) => genre.share > 0).sort((a, b) => b.share - a.share).slice(0, AREA_GENRES), // prettier-ignore
      }
    })
    return described.filter(({ movies }) => movies > 0).sort((a, b) => b.movies - a.movies)
  }
  /** The test of a row; null if there is no such area. */
  inArea(number: number): (() => (row: number) => boolean) | null {
    const level = this.stored.levels.find((areas) => areas.some(({ area }) => area === number))
    return level ? () => (row) => this.areaOf(row, level) === number : null
  }
  /** Number of the area of a level to whose centre a row is nearest; 0 for a movie without a place. */
  areaOf(row: number, level: readonly MapArea[]): number {
    const [x, y] = [this.places[2 * row]!, this.places[2 * row + 1]!]
    let [best, least] = [0, Infinity]
    for (const area of level) {
      const distance = (area.x - x) ** 2 + (area.y - y) ** 2
      if (distance < least) [best, least] = [area.area, distance]
    }
    return best
  }
  /** The test whether a row is inside two corners, or an outline by the even-odd rule. @param outline x and y of each corner, 0 to 1 */
  inside(outline: readonly number[]): () => (row: number) => boolean {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = outline
    const corners = outline.length === 4 ? [x1, y1, x2, y1, x2, y2, x1, y2] : outline
    return () => (row) => isInside(this.places[2 * row]!, this.places[2 * row + 1]!, corners)
  }
}

function isInside(x: number, y: number, corners: readonly number[]): boolean {
  let inside = false
  for (let i = 0, j = corners.length - 2; i < corners.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [corners[i]!, corners[i + 1]!, corners[j]!, corners[j + 1]!]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

/** Reads the stored map when it is first asked for. */
export class MovieMap {
  readonly #store
  readonly #catalogue
  #placed: PlacedMap | null | undefined
  constructor(store: Store, catalogue: Catalogue) {
    this.#store = store
    this.#catalogue = catalogue
  }
  /** Null if none was computed, or it cannot be read: the next computation replaces it. */
  get placed(): PlacedMap | null {
    if (this.#placed === undefined) {
      try {
        const bytes = this.#store.columns.derived(OF_THE_SOURCE, NAME)
        this.#placed = bytes && new PlacedMap(bytes, this.#catalogue)
      } catch {
        this.#placed = null
      }
    }
    return this.#placed
  }
  /** Call this when another map was stored. */
  forget(): void {
    this.#placed = undefined
  }
}
