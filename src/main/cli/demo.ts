import type { Command } from 'commander'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resultOf } from '../../contract/events.ts'
import type { Change } from '../../contract/review.ts'
import type { MovieDetail } from '../../contract/records.ts'
import type { Engine } from '../engine.ts'
import { appRoot } from '../processes/entries.ts'
import { printable } from './output.ts'
import { cellText, comparisonText, f3, importText, table, wrap } from './print.ts'
import { finish, onEngine, verb } from './with-engine.ts'

/** Movies that the simulated analyst reviews before the model is retrained. */
const REVIEWED = 120
const SHOWN = 10

interface Truth {
  readonly id: string
  readonly genres: readonly string[]
  readonly hidden: readonly string[]
}

/** `demo`: runs the whole loop on the embedded sample, with a simulated analyst who knows the truth. */
export function demoVerb(program: Command): void {
  verb(program, 'demo', 'run the whole loop on the embedded sample, without a window').action(onEngine(demo))
}

async function demo(engine: Engine, o: { json?: boolean }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-demo-'))
  const say = (title: string, text: string): void => void (o.json || console.log(`\n## ${title}\n\n${printable(text)}`))
  const truth = new Map(
    readFileSync(join(appRoot, 'resources/sample/truth.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Truth)
      .map((t) => [t.id, t]),
  )
  const csv = join(appRoot, 'resources/sample/movies.csv')
  const project = join(folder, 'demo.reel')
  await finish(engine, () => engine.call('import.run', { paths: [csv], name: 'Demo', path: project }), o)
  const report = await engine.call('import.report', {})
  say('Import', report ? importText(report) : '')
  await finish(engine, () => engine.call('train.start', {}), o)
  say('Train', figureText(await figures(engine, 1)))

  const suspects = await moviesOf(engine, 'bad')
  const found = discoveries(await moviesOf(engine, 'all'), suspects, truth)
  say('Ten suspects', (await Promise.all(suspects.slice(0, SHOWN).map((d) => reasons(engine, d)))).join('\n\n'))
  say('Found', foundText(found))

  const changes = suspects.slice(0, REVIEWED).flatMap((d) => decisions(d, truth))
  const state = await engine.call('labels.apply', { changes, why: 'checked against the truth', suggestion: true })
  const impossible = changes.filter((c) => c.field === 'verdict' && c.to === 'impossible').length
  say('Correct', `${state.reviewed} movies reviewed: ${state.corrections} labels corrected, ${impossible} cells marked impossible.`)

  await finish(engine, () => engine.call('train.start', { retrain: true }), o)
  const comparison = await engine.call('runs.compare', { a: 1, b: 2 })
  const [first, second] = [await figures(engine, 1), await figures(engine, 2)]
  say('Retrain', `${figureText(second, first)}\n\n${comparisonText(comparison)}`)

  const out = join(folder, 'cleaned.csv')
  const start = () => engine.call('export.run', { what: 'catalogue', path: out, options: {} })
  const exported = resultOf('export', await finish(engine, start, o))
  say('Export', `${out}\n${exported.records} records, ${exported.changedRecords} with corrected genres; the project is ${project}`)
  if (o.json)
    console.log(JSON.stringify({ project, out, first, second, comparison, found, corrections: state.corrections, impossible, exported }))
}

interface Figures {
  readonly microF1: number
  readonly macroF1: number
  readonly jaccard: number
  readonly atLeastOne: number
}
/** Out-of-fold figures of a run against the current labels, so that two runs are comparable. */
async function figures(engine: Engine, run: number): Promise<Figures> {
  const m = await engine.call('metrics.get', { run, part: 'oof' })
  return { microF1: m.micro.f1, macroF1: m.macro.f1, jaccard: m.jaccard_samples, atLeastOne: m.at_least_one }
}
const FIGURE_NAMES: Readonly<Record<keyof Figures, string>> = {
  microF1: 'micro-F1',
  macroF1: 'macro-F1',
  jaccard: 'Jaccard',
  atLeastOne: 'at least one genre right',
}
function figureText(now: Figures, before: Figures | null = null): string {
  const rows = (Object.keys(FIGURE_NAMES) as (keyof Figures)[]).map((k) => {
    const change = before ? now[k] - before[k] : 0
    return [FIGURE_NAMES[k], f3(now[k]), ...(before ? [`${change >= 0 ? '+' : ''}${f3(change)}`] : [])]
  })
  return table(['out of fold, corrected labels', '', ...(before ? ['change'] : [])], rows)
}

/** Movies of a bucket, most suspicious first. */
async function moviesOf(engine: Engine, bucket: 'all' | 'bad'): Promise<MovieDetail[]> {
  const { movies } = await engine.call('review.query', { bucket })
  return Promise.all(Array.from(movies, (movie) => engine.call('review.movie', { movie })))
}

async function reasons(engine: Engine, d: MovieDetail): Promise<string> {
  const lines = await Promise.all(
    d.cells.slice(0, 3).map(async (cell) => {
      const { terms } = await engine.call('review.explain', { movie: d.movie, genre: cell.genre })
      const sign = cell.label ? -1 : 1
      const words = terms.filter((f) => f.contribution * sign > 0).slice(0, 4)
      const because = words.map((f) => `${f.text.trim()} ${f.contribution > 0 ? '+' : ''}${f.contribution.toFixed(2)}`).join(', ')
      return `    ${cellText(cell)}${because === '' ? '' : `; terms ${cell.label ? 'against' : 'for'}: ${because}`}`
    }),
  )
  return [`${d.key}  ${d.title}: ${d.labels.join(', ')}`, wrap(d.plot, 100, '    '), ...lines].join('\n')
}

/** True if a cell's label differs from the truth. Movies without a truth (duplicates) are never wrong. */
const isWrong = (d: MovieDetail, truth: ReadonlyMap<string, Truth>): boolean => {
  const t = truth.get(d.key)
  return t !== undefined && d.allCells.some((c) => c.source !== t.genres.includes(c.name))
}

interface Found {
  readonly movies: number
  /** Movies with a planted error. */
  readonly planted: number
  /** Movies with a planted error among the bad ones. */
  readonly flagged: number
  readonly bad: number
  /** Planted errors among as many suspects as the analyst reviews. */
  readonly among: readonly { readonly first: number; readonly errors: number }[]
}
function discoveries(all: readonly MovieDetail[], suspects: readonly MovieDetail[], truth: ReadonlyMap<string, Truth>): Found {
  const planted = all.filter((d) => isWrong(d, truth)).length
  const errors = (n: number): number => suspects.slice(0, n).filter((d) => isWrong(d, truth)).length
  return {
    movies: all.length,
    planted,
    flagged: errors(suspects.length),
    bad: suspects.length,
    among: [10, 20, planted, REVIEWED].map((first) => ({ first, errors: errors(first) })),
  }
}
function foundText({ movies, planted, flagged, bad, among }: Found): string {
  const lines = among.map(
    ({ first, errors }) => `  among the first ${first}: ${errors} (by chance: ${((first * planted) / movies).toFixed(0)})`,
  )
  return [`${planted} movies carry a planted error; ${flagged} of them are among the ${bad} bad ones`, ...lines].join('\n')
}

/** Decisions of the simulated analyst: wrong labels are corrected, genres that the plot hides become impossible, others are kept. */
function decisions(d: MovieDetail, truth: ReadonlyMap<string, Truth>): Change[] {
  const t = truth.get(d.key)
  if (!t) return [{ field: 'reviewed', movie: d.movie, to: true }]
  const changes: Change[] = [{ field: 'reviewed', movie: d.movie, to: true }]
  for (const c of d.allCells) {
    const right = t.genres.includes(c.name)
    if (c.label !== right) changes.push({ field: 'label', movie: d.movie, genre: c.genre, to: right })
    else if (t.hidden.includes(c.name)) changes.push({ field: 'verdict', movie: d.movie, genre: c.genre, to: 'impossible' })
    else if (c.kind !== 'good') changes.push({ field: 'verdict', movie: d.movie, genre: c.genre, to: 'keep' })
  }
  return changes
}
