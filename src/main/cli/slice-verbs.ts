/** `slices`: saved filters, and parts of the catalogue that the model does worse on. */
import type { MetricsPart } from '../../contract/records.ts'
import type { Command } from 'commander'
import { suggestion } from '../../contract/filter.ts'
import { UserError } from '../../contract/errors.ts'
import type { Slice } from '../../contract/review.ts'
import type { SliceReport, SliceRow } from '../../contract/slices.ts'
import { count, percent } from '../../contract/words.ts'
import { decimal, part, run, where, wholeNumber } from './arguments.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { f3, table } from './print.ts'
import { onProject, projectVerb } from './with-engine.ts'

interface Options {
  readonly where: string
  readonly save?: string
  readonly delete?: string
  readonly find?: boolean
  readonly run?: number
  readonly against?: number
  readonly part: MetricsPart
  readonly top: number
  readonly alpha: number
  readonly json?: boolean
}

export function sliceVerbs(program: Command): void {
  projectVerb(
    program,
    'slices',
    'list the saved filters, save one (--save NAME --where FILTER), delete one, or find slices that the model does worse on (--find)',
  )
    .addOption(where())
    .option('--save <name>', 'save the filter under a name, in the place of one with this name')
    .option('--delete <name>', 'delete a saved filter')
    .option('--find', 'find slices with more errors than elsewhere, and measure the saved ones')
    .addOption(run('with --find: '))
    .option('--against <id>', 'with --find: find the slices of this older run, and say which of them the run improved', wholeNumber)
    .addOption(part('oof', 'with --find: '))
    .option('--top <n>', 'with --find: slices that are listed', wholeNumber, 20)
    .option('--alpha <x>', 'with --find: weight of the error against the size, 0 to 1', decimal, 0.99)
    .action(onProject((engine, o: Options) => (o.find ? find : saved)(engine, o)))
}

async function find(engine: Engine, o: Options): Promise<void> {
  const { part, top, alpha } = o
  const report = await engine.call('slices.find', { run: o.run ?? null, against: o.against ?? null, part, top, alpha })
  printResult(o, report, () => sliceText(report))
}

function sliceText(r: SliceReport): string {
  const header = ['slice', 'movies', 'error', 'elsewhere', 'micro-F1', 'elsewhere', 'effect', 'score', 'q']
  const line = (s: SliceRow): string[] => [
    s.name === null ? s.where : `${s.name}: ${s.where}`,
    count(s.movies),
    percent(s.error),
    percent(s.restError),
    f3(s.microF1),
    f3(s.restMicroF1),
    s.effect.toFixed(2),
    s.score.toFixed(2),
    s.q.toPrecision(2),
    ...(s.change
      ? [percent(s.change.after), s.change.q <= 0.05 ? (s.change.after < s.change.before ? 'better' : 'worse') : 'undecided']
      : []),
  ]
  const rows = (slices: readonly SliceRow[]): string =>
    table(r.against === null ? header : [...header, `error of run ${r.run}`, ''], slices.map(line))
  return [
    `Run ${r.against ?? r.run}, ${r.part} part, ${count(r.movies)} movies: mean error (1 - Jaccard) ${percent(r.error)}, micro-F1 ${f3(r.microF1)}`,
    r.found.length > 0
      ? rows(r.found)
      : `No slice of at least ${count(r.least)} movies has more errors than the rest beyond chance, of ${count(r.tests)} that count as tests.`,
    ...(r.saved.length > 0 ? [`Saved slices\n${rows(r.saved)}`] : []),
    ...r.problems.map(({ name, problem }) => `${name} is not measured: ${problem}`),
  ].join('\n\n')
}

async function saved(engine: Engine, o: Options): Promise<void> {
  const isNamed = (name: string | undefined) => (slice: Slice) => slice.name.toLowerCase() === name?.toLowerCase()
  const before = await engine.call('review.slices', {})
  if (o.delete !== undefined && !before.some(isNamed(o.delete)))
    throw new UserError('no-slice', `There is no slice ${o.delete}${suggestion(o.delete, before.map(({ name }) => name))}`) // prettier-ignore
  const others = before.filter((slice) => !isNamed(o.delete)(slice) && !isNamed(o.save)(slice))
  const after = o.save === undefined ? others : [...others, { name: o.save, where: o.where }]
  if (o.save !== undefined) await engine.call('review.first', { where: o.where, limit: 1 })
  if (o.save !== undefined || o.delete !== undefined) await engine.call('review.setSlices', { slices: after })
  const sized: (Slice & { count: number })[] = []
  for (const slice of after) sized.push({ ...slice, count: (await engine.call('review.query', { where: slice.where })).movies.length })
  printResult(o, sized, () => table(['slice', 'movies', 'filter'], sized.map(({ name, count, where }) => [name, String(count), where]))) // prettier-ignore
}
