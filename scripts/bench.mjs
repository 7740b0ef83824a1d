// `npm run bench`: runs every benchmark and writes the numbers into docs/benchmarks.md.
//   --quick      10,000 movies instead of 100,000; does not write the page
//   --only NAME  one benchmark; does not write the page
//   --scale      measures 10,000, 100,000 and 1,000,000 movies and writes the second table and its chart
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { BENCHMARKS, between, table } from './lib/bench-table.mjs'
import { at, recentNode, tooOld } from './lib/node.mjs'
import { scaleChart, scaleTable } from './lib/scale-chart.mjs'

const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exit(1)
}
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, scale: { type: 'boolean', default: false } },
})
const chosen = BENCHMARKS.filter((b) => values.only === undefined || b.name === values.only)
if (chosen.length === 0) {
  console.error(`There is no benchmark "${values.only}": choose one of ${BENCHMARKS.map((b) => b.name).join(', ')}.`)
  process.exit(1)
}

/** Returns the last line of a script's output. @param {readonly string[]} args */
function output(args) {
  const { status, stdout } = spawnSync(/** @type {string} */ (node), args, {
    cwd: at('.'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${args[0]} failed`)
  return stdout.trim().split('\n').at(-1) ?? ''
}

const page = at('docs/benchmarks.md')
const cores = cpus()
const machine = `${new Date().toISOString().slice(0, 10)}, ${cores[0]?.model.trim() || 'unknown processor'}, ${cores.length} cores, Node ${output(['-p', 'process.versions.node'])}`

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
if (values.scale) {
  try {
    atScale([10_000, 100_000, 1_000_000])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  process.exit(0)
}
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
      // the median run, with the peer's time of the same run
      runs.sort((a, b) => (a.ratio ?? a.seconds) - (b.ratio ?? b.seconds))
      lines.push(...read(runs[times >> 1]).map((line) => ({ name, ...line })))
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

console.log(`\n${machine}\n\n${table(lines)}`)
if (!values.quick && values.only === undefined) writeFileSync(page, between(readFileSync(page, 'utf8'), `${machine}.\n\n${table(lines)}`))

/** Measures every size and writes table and chart. @param {readonly number[]} sizes */
function atScale(sizes) {
  const measured = sizes.map(measureSize)
  /** @param {string} name @param {string} unit @param {(m: any) => number | null} of @param {number} [limit] */
  const figure = (name, unit, of, limit) => ({ name, unit, values: measured.map(of), ...(limit === undefined ? {} : { limit }) })
  const figures = [
    figure('Import', 'rows/s', (m) => m.import.rowsPerSecond, 25_000),
    figure('Import against sqlite3 .import', 'ratio', (m) => m.import.ratio),
    figure('Memory of an import', 'MB', (m) => m.import.peakMB, 1500),
    figure('Project file', 'MB', (m) => m.open.fileMB),
    figure('Opening', 'ms', (m) => m.open.open, 2000),
    figure('Memory with it open', 'MB', (m) => m.open.memoryMB),
    figure('First page, p95', 'ms', (m) => m.review.warm.p95, 50),
    figure('First page of words never sought, p95', 'ms', (m) => m.review.typed?.p95 ?? null, 50),
    figure('First page of phrases never sought, p95', 'ms', (m) => m.review.phrases?.p95 ?? null, 50),
    figure('A correction on the disk, p95', 'ms', (m) => m.labels.apply.p95, 20),
    figure('Training, linear family', 's', (m) => m.linear.seconds),
    figure('Memory of a training', 'MB', (m) => m.linear.peakMB),
  ]
  const text = `${machine}.\n\n${scaleTable(sizes, figures)}\n\n![The same as charts](images/scale.svg)`
  console.log(`\n${text}`)
  writeFileSync(page, between(readFileSync(page, 'utf8'), text, 'scale'))
  writeFileSync(at('docs/images/scale.svg'), scaleChart(sizes, figures))
}

/** Measures every figure at one size. @param {number} movies */
function measureSize(movies) {
  const [csv, project] = [`${folder}/${movies}.csv`, `${folder}/${movies}.reel`]
  const json = (/** @type {readonly string[]} */ args) => {
    console.log(`${movies.toLocaleString('en')} movies: ${args[0]} …`)
    const line = output(args)
    console.log(line)
    return JSON.parse(line)
  }
  console.log(`making a catalogue and a project of ${movies.toLocaleString('en')} movies …`)
  output(['test/bench/material.ts', csv, project, String(movies), '1'])
  const measured = {
    import: json(['test/bench/import.ts', csv]),
    open: json(['test/bench/open.ts', project]),
    review: json(['test/bench/review.ts', project, '500']),
    labels: json(['test/bench/labels.ts', project]),
    linear: json(['test/bench/linear-size.ts', String(movies)]).sizes[0],
  }
  for (const file of [csv, project]) rmSync(file, { force: true })
  return measured
}
