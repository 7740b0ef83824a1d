/**
 * Makes what the benchmarks work on:
 *
 *   node test/bench/material.ts catalogue.csv PROJECT.reel MOVIES [RUNS]
 *
 * Two runs, or as many as asked for. An existing catalogue of that name is taken as it is.
 */
import { existsSync } from 'node:fs'
import { projectOf, writeCatalogue } from '../support/generate.ts'

const [csv, project, movies, runs = '2'] = process.argv.slice(2)
if (csv === undefined || project === undefined || movies === undefined)
  throw new Error('usage: material.ts catalogue.csv PROJECT.reel MOVIES [RUNS]')
if (!existsSync(csv)) await writeCatalogue(csv, Number(movies))
await projectOf(csv, project, Number(runs))
