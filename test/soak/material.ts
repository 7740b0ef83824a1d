/** The files that every run starts from: made once and copied for each run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Engine } from '../../src/main/engine.ts'
import { generateProject, guessingCompute, writeCatalogue } from '../support/generate.ts'

export interface Material {
  readonly project: string
  /** A project of the first layout. */
  readonly csv: string
  readonly newer: string
  readonly movies: number
  readonly newerMovies: number
}
const MOVIES = 400

export async function makeMaterial(folder: string): Promise<Material> {
  mkdirSync(folder, { recursive: true })
  const project = join(folder, 'sound.reel')
  const csv = join(folder, 'catalogue.csv')
  const newer = join(folder, 'newer.csv')
  await writeCatalogue(csv, MOVIES)
  await generateProject(project, MOVIES, { runs: 1 })
  // every tenth movie is missing, every seventh has another year, some are new
  const [head = '', ...rows] = readFileSync(csv, 'utf8').trimEnd().split('\n')
  const kept = rows.filter((_, i) => i % 10 !== 3).map((row, i) => (i % 7 === 0 ? row.replace(/^([^,]*),([^,]*),/, '$1,$2 again,') : row))
  const fresh = Array.from({ length: 25 }, (_, i) => `n${i},New ${i},2026,A new plot that tells number ${i} at some length.,Drama`)
  writeFileSync(newer, [head, ...kept, ...fresh, ''].join('\n'))
  const engine = await Engine.start({ dataDir: join(folder, 'data'), open: project, spawn: guessingCompute })
  const { genres } = await engine.call('project.info', {})
  const list = (await engine.call('review.query', {})).movies
  for (let i = 0; i < 20; i++)
    await engine.call('labels.apply', {
      changes: [{ field: 'label', movie: list[i]!, genre: genres[i % genres.length]!.id, to: i % 2 === 0 }],
    })
  await engine.close()
  return { project, csv, newer, movies: MOVIES, newerMovies: kept.length + fresh.length }
}
