/** The map: movies as points, near to one another if their texts, or the model's predictions, are similar. */
import { z } from 'zod'
import { projectMethod, seed, type, type JobStarted } from './method.ts'
import { POOLINGS, type Pooling } from './models.ts'
import type { LinearConfig } from './records.ts'
import { modelId } from './training.ts'

/**
 * The vectors whose distance says how similar movies are. `words`: TF-IDF of title and plot, reduced by a truncated SVD;
 * `predictions`: log-odds of all genres by the current run, out of fold for training movies; `model`: vectors of the texts by a model of
 * the library.
 */
export const MAP_VECTORS = ['words', 'predictions', 'model'] as const
export type MapVectors = (typeof MAP_VECTORS)[number]

/** How a map is computed; stored with it. */
export interface MapConfig {
  readonly vectors: MapVectors
  /** The run of `predictions`; null for other vectors. */
  readonly run: number | null
  /** The model of `model`, and how its tokens are pooled (null: as its folder says); null for other vectors. */
  readonly model: { readonly id: string; readonly pooling: Pooling | null } | null
  /** The text that is read, and its n-grams. */
  readonly linear: LinearConfig
  /** Seed of the sample, the SVD, UMAP and the areas. */
  readonly seed: number
  /** Movies that UMAP places; all others are placed by the nearest of these. */
  readonly sample: number
}

/** Places are whole numbers from 0 to this, on both axes, in filters (`map:0,0,2500,2500`). */
export const MAP_SIZE = 10_000
/** Fewer movies have no map. */
export const MIN_MAPPED = 50

/** An area of one level: a cluster of points. */
export interface MapArea {
  /** Number in filters (`area:3`), over all levels from 1 on. */
  readonly area: number
  /** Centre, 0 to 1. */
  readonly x: number
  readonly y: number
  /** The words that are most over-represented, by the z-score of their log-odds. */
  readonly words: readonly string[]
}
/** The result of a search for a layout, in the order of its movies. */
export interface FoundMap {
  /** (n, 2) from 0 to 1; NaN for a movie without a known word. */
  readonly places: Float32Array
  /** From coarse to fine. */
  readonly levels: readonly (readonly MapArea[])[]
  /** The movies that UMAP placed. */
  readonly sampled: number
  /** Trustworthiness (Venna and Kaski, 2001) of a sample of the placed movies, 1 best; `neighbours`: the nearest movies that are compared. */
  readonly trustworthiness: number
}

/** Why a map does not show the project as it is. `cleaning`: cleaned or updated since; `run`, `text`: another current run. */
export type MapOutdated = 'cleaning' | 'run' | 'text'
export interface MapState {
  readonly config: MapConfig
  readonly outdated: MapOutdated | null
  readonly trustworthiness: number
  readonly sampled: number
  /** Movies of the catalogue that have no place. */
  readonly unplaced: number
  /** (points) ids of the movies with a place, ascending */
  readonly movies: Int32Array
  /** (points, 2) from 0 to 1 */
  readonly places: Float32Array
  readonly levels: readonly (readonly MapArea[])[]
}
/** A colour of the legend: the points that this filter selects and that no earlier colour has. */
export interface MapColour {
  readonly where: string
  /** Bounds of a bin, or the name of a value; see `Bin`. */
  readonly value: string | null
  readonly from: number | null
  readonly to: number | null
  readonly count: number
}
export interface AreaRow extends MapArea {
  readonly movies: number
  /** Movies with a label that is wrong with a probability of at least a half, as a share; null before a search for suspects. */
  readonly suspects: number | null
  /** The most frequent genres, with their share. */
  readonly genres: readonly { readonly name: string; readonly share: number }[]
}

export const MAP_COLOURS = ['genre', 'predicted', 'outcome', 'pwrong', 'split'] as const

export const MAP_METHODS = {
  /** Computes the map again; a job. The same project, options and seed give the same map. */
  'map.compute': projectMethod(
    {
      vectors: z.enum(MAP_VECTORS).default('words'),
      /** A model of the library, for vectors of the kind `model`. */
      model: modelId.nullable().default(null),
      pooling: z.enum(POOLINGS).nullable().default(null),
      seed: seed.default(1),
      sample: z.int().min(MIN_MAPPED).max(20_000).nullable().default(null),
    },
    type<JobStarted>(),
  ),
  /** The computed map; null before the first one. */
  'map.get': projectMethod({}, type<MapState | null>()),
  /**
   * A colour for each point of `map.get`: the index of its entry in the legend, 255 for none. `by`: one of {@link MAP_COLOURS}, or the name of
   * an original column.
   */
  'map.colours': projectMethod(
    { by: z.string().min(1).max(1000) },
    type<{ readonly codes: Uint8Array; readonly legend: readonly MapColour[] }>(),
  ),
  /** The areas of one level, the largest first. */
  'map.areas': projectMethod({ level: z.int().min(0).max(9).default(1) }, type<readonly AreaRow[]>()),
}
