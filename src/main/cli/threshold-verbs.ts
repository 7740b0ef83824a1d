/** `thresholds` and `calibrate`. */
import type { Command } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { CALIBRATIONS, type CalibrationKind, type MetricsPart } from '../../contract/records.ts'
import {
  STRATEGIES,
  STRATEGY_IDS,
  type CalibrationChange,
  type CalibrationReport,
  type StrategyId,
  type StrategyTable,
} from '../../contract/thresholds.ts'
import { count } from '../../contract/words.ts'
import { decimal, oneOf, part, run, wholeNumber } from './arguments.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { f3, table } from './print.ts'
import { onProject, projectVerb, withEngine } from './with-engine.ts'

export function thresholdVerbs(program: Command): void {
  projectVerb(
    program,
    'thresholds',
    'compare ways to choose thresholds on out-of-fold predictions; with --use or --set, give the current run others',
  )
    .addOption(run())
    .addOption(oneOf('--use <strategy>', 'give the current run the thresholds of this strategy', STRATEGY_IDS))
    .option('--value <x>', 'the number that the strategy of --use wants: a threshold, a precision, a recall, a cost', decimal)
    .option('--set <genre=threshold...>', 'give the current run these thresholds for single genres')
    .option('--reset', 'give the current run back the thresholds that its training chose')
    .option('--seed <n>', 'seed of the division into parts', wholeNumber, 42)
    .action(thresholds)
  projectVerb(
    program,
    'calibrate',
    'show how far probabilities can be taken at their word, by the model and after Platt and temperature scaling; with --use, give the current run another scale',
  )
    .addOption(run())
    .addOption(part())
    .addOption(oneOf('--use <scale>', 'scale the probabilities and thresholds of the current run; none: those of the model', CALIBRATIONS))
    .action(onProject(calibrate))
}

interface Options {
  readonly run?: number
  readonly use?: StrategyId
  readonly value?: number
  readonly set?: readonly string[]
  readonly reset?: true
  readonly seed: number
  readonly json?: boolean
}
async function thresholds(project: string, o: Options): Promise<void> {
  const changes = [o.use, o.set, o.reset].filter((x) => x !== undefined).length
  if (changes > 1) throw new UserError('bad-arguments', '--use, --set and --reset exclude each other: choose one.')
  if (o.value !== undefined && o.use === undefined) throw new UserError('bad-arguments', '--value belongs to --use: say which strategy.')
  if (changes > 0 && o.run !== undefined)
    throw new UserError('bad-arguments', 'Only the current run gets other thresholds: leave --run out.')
  await withEngine(project, async (engine) => {
    if (o.reset || o.set) {
      const changed = o.reset ? await engine.call('thresholds.reset', {}) : await setSome()
      return void printResult(o, changed, () => figures(changed.id, changed.summary))
    }
    const values = o.use !== undefined && o.value !== undefined ? { [o.use]: o.value } : {}
    const report = await engine.call('thresholds.strategies', { run: o.run ?? null, values, seed: o.seed })
    if (o.use === undefined) return void printResult(o, report, () => strategiesText(report))
    const row = report.rows.find(({ strategy }) => strategy === o.use)
    const changed = await engine.call('thresholds.set', { thresholds: [...(row?.thresholds ?? [])], origin: o.use })
    printResult(o, changed, () => figures(changed.id, changed.summary))

    async function setSome(): ReturnType<typeof engine.call<'thresholds.set'>> {
      const runs = await engine.call('runs.list', {})
      const current = runs.find((run) => run.current)
      const next = [...(current?.thresholds ?? [])]
      for (const text of o.set ?? []) {
        const at = text.lastIndexOf('=')
        const [name, value] = [text.slice(0, at), Number(text.slice(at + 1))]
        if (at < 1 || !(value >= 0 && value <= 1))
          throw new UserError('bad-arguments', `"${text}" is not of the form Genre=0.35: write a number from 0 to 1.`)
        const { id } = await engine.call('review.genre', { name })
        const place = current?.genres.findIndex((genre) => genre.id === id) ?? -1
        if (place < 0) throw new UserError('no-genre', `The current run does not know ${name}: train again.`)
        next[place] = value
      }
      return engine.call('thresholds.set', { thresholds: next, origin: 'set by hand' })
    }
  })
}
const figures = (
  run: number,
  s: { readonly part: MetricsPart; readonly microF1: number; readonly macroF1: number; readonly jaccard: number } | null,
): string =>
  s === null
    ? `Run ${run}`
    : `Run ${run}: micro-F1 ${f3(s.microF1)}  macro-F1 ${f3(s.macroF1)}  Jaccard ${f3(s.jaccard)} on the ${s.part} part`

function strategiesText({ run, movies, total, rows }: StrategyTable): string {
  const text = rows.map(({ strategy, value, chosen, heldOut }) => [
    strategy,
    value === null ? '' : String(value),
    ...[chosen.microF1, chosen.macroF1, chosen.jaccard, heldOut.microF1, heldOut.macroF1, heldOut.jaccard].map(f3),
    STRATEGIES[strategy].label,
  ])
  const header = ['strategy', 'value', 'micro-F1', 'macro-F1', 'Jaccard', 'held out', 'macro-F1', 'Jaccard', '']
  return [
    `Run ${run}, ${count(movies)}${movies < total ? ` of ${count(total)}` : ''} out-of-fold movies: scores where the thresholds were chosen, then on held-out fifths`,
    table(header, text),
    `Use one with \`reelabel thresholds PROJECT.reel --use STRATEGY\`.`,
  ].join('\n\n')
}

interface CalibrateOptions {
  readonly run?: number
  readonly part: MetricsPart
  readonly use?: CalibrationKind
  readonly json?: boolean
}
async function calibrate(engine: Engine, o: CalibrateOptions): Promise<void> {
  if (o.use !== undefined && o.run !== undefined)
    throw new UserError('bad-arguments', 'Only the current run is calibrated: leave --run out.')
  if (o.use !== undefined) {
    const change = await engine.call('calibration.set', { kind: o.use })
    return void printResult(o, change, () => changeText(change))
  }
  const report = await engine.call('calibration.get', { run: o.run ?? null, part: o.part })
  printResult(o, report, () => calibrationText(report))
}

const changeText = ({ run, part, movies, model, now, changed }: CalibrationChange): string => {
  const kind = run.summary?.calibration?.kind
  const scale = kind === undefined ? 'the probabilities of its model' : kind === 'platt' ? 'Platt scaling' : 'temperature scaling'
  const which =
    part === 'oof' ? 'out-of-fold movies, each with scales that were fitted on others' : `${part} movies, which were not used for fitting`
  return [
    `Run ${run.id} has ${scale}; its thresholds have moved with them.`,
    `ECE ${f3(now.ece)} (model ${f3(model.ece)}), Brier ${f3(now.brier)} (model ${f3(model.brier)}) on ${count(movies)} ${which}.`,
    `${count(changed)} movies are predicted otherwise: those below all thresholds whose most probable genre is another one now.`,
    figures(run.id, run.summary),
  ].join('\n')
}

function calibrationText({ run, used, part, movies, pooled, genres }: CalibrationReport): string {
  const line = (name: string, support: string, f: CalibrationReport['pooled'], rest: readonly string[]): string[] => [
    name,
    support,
    ...[f.none.ece, f.platt.ece, f.temperature.ece, f.none.brier, f.platt.brier, f.temperature.brier].map(f3),
    ...rest,
  ]
  const rows = genres.map((g) => line(g.name, count(g.support), g.figures, [f3(g.threshold), f3(g.calibratedThreshold), f3(g.halfOfF1)]))
  const header = ['genre', 'support', 'ECE', 'Platt', 'temp.', 'Brier', 'Platt', 'temp.', 'threshold', 'calibrated', 'F1 / 2']
  const scale = used === 'none' ? '' : `; the run uses ${used === 'platt' ? 'Platt scaling' : 'temperature scaling'}`
  return [
    `Run ${run}, ${part} part, ${count(movies)} movies${scale}`,
    table(header, [line('all', '', pooled, ['', '', '']), ...rows]),
  ].join('\n\n')
}
