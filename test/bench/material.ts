/**
 * Makes the input of the benchmarks:
 *
 *   node test/bench/material.ts catalogue.csv PROJECT.reel MOVIES [RUNS]
 *
 * The project has two runs, or RUNS. An existing catalogue of that name is used unchanged.
 */
import { existsSync } from 'node:fs'
import { projectOf, writeCatalogue } from '../support/generate.ts'

const [csv, project, movies, runs = '2'] = process.argv.slice(2)
if (csv === undefined || project === undefined || movies === undefined)
  throw new Error('usage: material.ts catalogue.csv PROJECT.reel MOVIES [RUNS]')
if (!existsSync(csv)) await writeCatalogue(csv, Number(movies))
await projectOf(csv, project, Number(runs))
