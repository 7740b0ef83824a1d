// `npm run bench`: every benchmark of the table, and its numbers into docs/benchmarks.md.
//   --quick      10,000 movies instead of 100,000; the page stays as it is
//   --only NAME  one benchmark; the page stays as it is
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { BENCHMARKS, between, table } from './lib/bench-table.mjs'
import { at, recentNode, tooOld } from './lib/node.mjs'

const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exit(1)
}
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } })
const chosen = BENCHMARKS.filter((b) => values.only === undefined || b.name === values.only)
if (chosen.length === 0) {
  console.error(`There is no benchmark "${values.only}": choose one of ${BENCHMARKS.map((b) => b.name).join(', ')}.`)
  process.exit(1)
}

/** The last line of a script's output. @param {readonly string[]} args */
function output(args) {
  const { status, stdout } = spawnSync(/** @type {string} */ (node), args, {
    cwd: at('.'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${args[0]} failed`)
  return stdout.trim().split('\n').at(-1) ?? ''
}

const folder = at('.bench')
const movies = values.quick ? 10_000 : 100_000
const material = {
  csv: `${folder}/catalogue.csv`,
  project: `${folder}/generated.reel`,
  real: at('../shared/data/mymoviedb/mymoviedb.csv'),
  quick: values.quick,
}
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
/** @type {(import('./lib/bench-table.mjs').Line & { name: string })[]} */
const lines = []
try {
  if (chosen.some((b) => b.needs !== 'real')) {
    console.log(`making a catalogue and a project of ${movies.toLocaleString('en')} movies with two runs …`)
    output(['test/bench/material.ts', material.csv, material.project, String(movies)])
  }
  for (const { name, needs, times = 1, command, lines: read } of chosen) {
    console.log(`${name} …`)
    if (!existsSync(material[needs]))
      lines.push({ name, measure: 'not measured: the real catalogue is not beside the repository', result: '', peer: '', ratio: null })
    else {
      const runs = Array.from({ length: times }, () => JSON.parse(output(command(material))))
      // the run in the middle, its peer of the same run beside it
      runs.sort((a, b) => (a.ratio ?? a.seconds) - (b.ratio ?? b.seconds))
      lines.push(...read(runs[times >> 1]).map((line) => ({ name, ...line })))
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const cores = cpus()
const machine = `${new Date().toISOString().slice(0, 10)}, ${cores[0]?.model.trim() || 'unknown processor'}, ${cores.length} cores, Node ${output(['-p', 'process.versions.node'])}`
console.log(`\n${machine}\n\n${table(lines)}`)
const page = at('docs/benchmarks.md')
if (!values.quick && values.only === undefined) writeFileSync(page, between(readFileSync(page, 'utf8'), `${machine}.\n\n${table(lines)}`))
