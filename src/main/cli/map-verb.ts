import type { Command } from 'commander'
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { MAP_VECTORS, type AreaRow, type MapState, type MapVectors } from '../../contract/map.ts'
import { POOLINGS, type Pooling } from '../../contract/models.ts'
import { required } from '../../contract/required.ts'
import { count, many, percent } from '../../contract/words.ts'
import { quoteCell } from '../data/import/files/scan.ts'
import type { Engine } from '../engine.ts'
import { oneOf, wholeNumber } from './arguments.ts'
import { printResult } from './output.ts'
import { table } from './print.ts'
import { finish, libraryModel, onProject, projectVerb } from './with-engine.ts'

interface Options {
  readonly vectors: MapVectors
  readonly model?: string
  readonly pooling?: Pooling
  readonly seed: number
  readonly sample?: number
  readonly csv?: string
  readonly json?: boolean
}
/** Movies in one call. */
const PAGE = 500

export function mapVerb(program: Command): void {
  projectVerb(program, 'map', 'place all movies on a map of two dimensions by UMAP, and list its areas with their words')
    .addOption(
      oneOf(
        '--vectors <of>',
        'what makes movies similar: words, predictions of the current run, or vectors by a model',
        MAP_VECTORS,
        'words',
      ),
    )
    .option('--model <model>', 'with --vectors model: its id in the library, or its folder')
    .addOption(
      oneOf(
        '--pooling <how>',
        'with --vectors model: which token stands for the text, or the mean (default: as its folder says)',
        POOLINGS,
      ),
    )
    .option('--seed <n>', 'of everything random; the same seed gives the same map', wholeNumber, 1)
    .option('--sample <n>', 'movies that UMAP places; the others follow the nearest of these (default: 4000)', wholeNumber)
    .option('--csv <file>', 'write the coordinates, with the area of each movie')
    .action(onProject(map))
}

async function map(engine: Engine, o: Options): Promise<void> {
  if (o.csv !== undefined) assertNew(resolve(o.csv))
  const { vectors, seed, sample = null, pooling = null } = o
  const model = o.model === undefined ? null : await libraryModel(engine, o.model)
  await finish(engine, () => engine.call('map.compute', { vectors, model, pooling, seed, sample }), o)
  const found = required(await engine.call('map.get', {}), 'the map')
  const areas = await engine.call('map.areas', {})
  if (o.csv !== undefined) {
    const line = (cells: readonly string[]): string =>
      `${cells.map((cell) => quoteCell(cell, { delimiter: ',', escape: '"' })).join(',')}\r\n`
    writeFileSync(o.csv, [HEADER, ...(await coordinates(engine, found, areas))].map(line).join(''), { flag: 'wx' })
  }
  const { config, trustworthiness, sampled, unplaced, movies } = found
  const figures = { vectors: config.vectors, seed: config.seed, sampled, movies: movies.length, unplaced, trustworthiness }
  printResult(o, { ...figures, areas }, () => mapText(found, areas))
}

/** Before minutes of work, and so that no catalogue is replaced. @throws UserError `file-exists`, `no-folder` */
function assertNew(path: string): void {
  if (existsSync(path)) throw new UserError('file-exists', `${path} exists already: choose another name. Nothing was computed.`)
  try {
    accessSync(dirname(path), constants.W_OK)
  } catch {
    throw new UserError('no-folder', `Nothing can be written to ${dirname(path)}: choose another folder. Nothing was computed.`)
  }
}

const HEADER = ['id', 'title', 'x', 'y', 'area']
async function coordinates(engine: Engine, { movies, places }: MapState, areas: readonly AreaRow[]): Promise<string[][]> {
  const lines: string[][] = []
  for (let at = 0; at < movies.length; at += PAGE)
    for (const { key, title } of await engine.call('review.rows', { movies: [...movies.subarray(at, at + PAGE)] })) {
      const [x = NaN, y = NaN] = places.subarray(2 * lines.length)
      const far = (area: AreaRow): number => (area.x - x) ** 2 + (area.y - y) ** 2
      const { area } = areas.reduce((best, each) => (far(each) < far(best) ? each : best))
      lines.push([key, title, x.toFixed(4), y.toFixed(4), String(area)])
    }
  return lines
}

function mapText({ movies, sampled, unplaced, trustworthiness, config }: MapState, areas: readonly AreaRow[]): string {
  const rows = areas.map(({ area, movies: size, suspects, words, genres }) => [
    String(area),
    count(size),
    suspects === null ? '-' : percent(suspects),
    words.join(' '),
    genres.map(({ name, share }) => `${name} ${percent(share)}`).join(', '),
  ])
  const without =
    unplaced > 0 ? `; ${many(unplaced, 'movie')} without a word in common with others ${unplaced === 1 ? 'has' : 'have'} no place` : ''
  return [
    `${many(movies.length, 'movie')} by ${config.model ? `vectors of ${config.model.id}` : config.vectors}, seed ${config.seed}: UMAP placed ${count(sampled)}, the others follow their nearest${without}. Trustworthiness ${trustworthiness.toFixed(3)} (1 is best).`,
    table(['area', 'movies', 'suspects', 'words', 'genres'], rows),
  ].join('\n\n')
}
