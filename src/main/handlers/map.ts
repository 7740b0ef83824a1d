import type { Args } from '../../contract/api.ts'
import { UserError } from '../../contract/errors.ts'
import { genreTerm } from '../../contract/filter.ts'
import type { MAP_METHODS, MapColour, MapConfig, MapOutdated } from '../../contract/map.ts'
import { SPLITS } from '../../contract/records.ts'
import { columnSums } from '../analysis/matrix.ts'
import { binsBy } from '../catalogue/bins.ts'
import type { PlacedMap } from '../catalogue/movie-map.ts'
import { linearDefaults } from '../compute/linear/defaults.ts'
import type { Embedder } from '../../contract/jobs.ts'
import { computeMap } from '../jobs/map.ts'
import { stampOf } from '../model-folder/facts.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { usableModel } from './recipes.ts'

/** Movies that UMAP places: beyond, time grows and the map hardly gets better (docs/map.md). */
const SAMPLE = 4000
/** Genres with a colour of their own, and bins of a number. */
const [COLOURS, BINS] = [8, 6]
/** The code of a point without a colour. */
const NO_COLOUR = 255

export function mapHandlers(c: Context): Handlers<typeof MAP_METHODS> {
  return {
    'map.compute': async (args) => {
      const w = c.workspace()
      const config = configOf(w, args)
      const embedder = await embedderOf(c, config)
      return c.jobs.start('map', null, async (control) => {
        await computeMap(w.store, w.catalogue, config, embedder, c.spawn, control)
        w.index.forgetFilters()
        c.emit('changed', { what: 'map' })
        return `The map has ${mapOf(w).stored.levels.at(-1)?.length ?? 0} areas.`
      })
    },
    'map.get': () => {
      const w = c.workspace()
      const { placed } = w.index.map
      if (!placed) return null
      const { config, trustworthiness, sampled, levels } = placed.stored
      const unplaced = w.catalogue.n - placed.rows.length
      return { config, outdated: outdated(w, placed), trustworthiness, sampled, levels, unplaced, ...placed.points() }
    },
    'map.colours': async ({ by }) => {
      const w = c.workspace()
      const { rows } = mapOf(w)
      const codes = new Uint8Array(rows.length).fill(NO_COLOUR)
      const legend: MapColour[] = []
      for (const bin of await binsOf(w, by)) {
        const matching = await w.index.matching(bin.where)
        let count = 0
        rows.forEach((row, i) => {
          if (codes[i] !== NO_COLOUR || !matching.has(row)) return
          codes[i] = legend.length
          count++
        })
        legend.push({ ...bin, count })
      }
      return { codes, legend }
    },
    'map.areas': async ({ level }) => {
      const w = c.workspace()
      const wrong = w.suspects ? await w.index.matching('pwrong>=0.5') : null
      return mapOf(w).areas(level, (row) => wrong?.has(row) ?? null)
    },
  }
}

/** @throws UserError `no-map` */
function mapOf(w: Workspace): PlacedMap {
  const { placed } = w.index.map
  if (placed) return placed
  throw new UserError('no-map', 'There is no map yet: compute it on the Map screen, or with `reelabel map PROJECT.reel`.')
}

/** The further columns that the current run reads, and the words that it leaves out. */
function textOf({ store }: Workspace): { readonly columns: readonly string[]; readonly dropWords: readonly string[] } {
  const { columns = [], dropWords = [] } = store.runs.get(store.meta.get('currentRun') ?? 0)?.config ?? {}
  return { columns, dropWords }
}
/** @throws UserError `no-run`, `bad-arguments` */
function configOf(w: Workspace, { vectors, model, pooling, seed, sample }: Args<'map.compute'>): MapConfig {
  if ((vectors === 'model') !== (model !== null) || (model === null && pooling !== null))
    throw new UserError('bad-arguments', 'A model and its pooling belong to vectors of the kind "model", which need a model.')
  // single words in at least three movies: rarer ones say nothing about similarity
  const linear = { ...linearDefaults(w.catalogue.n), ...textOf(w), wordNgrams: 1, charNgrams: null, minDf: 3 }
  const run = vectors === 'predictions' ? w.trained().run : null
  return { vectors, run, model: model === null ? null : { id: model, pooling }, linear, seed, sample: sample ?? SAMPLE }
}
/** @throws UserError `no-model`, `model-unusable` */
async function embedderOf(c: Context, { model }: MapConfig): Promise<Embedder | null> {
  if (model === null) return null
  const { modelFolder: folder, adapterFolder } = (await usableModel(c, model.id)).files
  if (adapterFolder !== null)
    throw new UserError('bad-arguments', `${model.id} is an adapter: choose its base model, or another whole one.`)
  const { cacheFolder } = c.places
  return { folder, stamp: stampOf(folder), pooling: model.pooling, threads: c.settings.settings.trainingThreads, cacheFolder }
}
function outdated(w: Workspace, { stored: { generation, config } }: PlacedMap): MapOutdated | null {
  if (generation !== w.catalogue.generation) return 'cleaning'
  if (config.run !== null && config.run !== (w.predictions?.run ?? null)) return 'run'
  const { columns = [], dropWords = [] } = config.linear
  return JSON.stringify({ columns, dropWords }) === JSON.stringify(textOf(w)) ? null : 'text'
}

type Colour = Omit<MapColour, 'count'>
const named = (where: string, value: string): Colour => ({ where, value, from: null, to: null })
/** Filters in the order of the legend. A movie of several genres has the colour of the rarest one. @throws UserError, FilterError */
async function binsOf(w: Workspace, by: string): Promise<readonly Colour[]> {
  const { genres, labels, k, n } = w.catalogue
  if (by === 'genre' || by === 'predicted') {
    const support = columnSums(labels, k)
    const frequent = genres.map(({ name }, column) => ({ name, movies: support[column] ?? 0 })).sort((a, b) => b.movies - a.movies)
    return frequent.slice(0, COLOURS).reverse().map(({ name }) => named(genreTerm(by, name), name)) // prettier-ignore
  }
  if (by === 'outcome') return ['good', 'bad', 'impossible'].map((bucket) => named(`bucket:${bucket}`, bucket))
  if (by === 'split') return SPLITS.map((split) => named(`split:${split}`, split))
  if (by === 'pwrong')
    return [0, 0.1, 0.3, 0.5, 0.7, 0.9].map((from, i, edges) => {
      const to = edges[i + 1] ?? null
      return { where: `pwrong>=${from}${to === null ? '' : ` pwrong<${to}`}`, value: null, from, to }
    })
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  return (await binsBy(by, w.index.columns, { rows, columns: Int32Array.of() }, BINS)).slice(0, NO_COLOUR)
}
