/** Makes what the benchmarks work on: `node test/bench/material.ts catalogue.csv PROJECT.reel MOVIES`. */
import { generateProject, writeCatalogue } from '../support/generate.ts'

const [csv, project, movies] = process.argv.slice(2)
if (csv === undefined || project === undefined || movies === undefined)
  throw new Error('usage: material.ts catalogue.csv PROJECT.reel MOVIES')
await writeCatalogue(csv, Number(movies))
await generateProject(project, Number(movies), { runs: 2 })
