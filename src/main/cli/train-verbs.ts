import type { Command } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { ARCHITECTURES, type EpochFigures, type TransformerConfig } from '../../contract/models.ts'
import type { RunInfo, MetricsPart } from '../../contract/records.ts'
import type { ConfigIn, TransformerIn } from '../../contract/training.ts'
import { count, many } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { folderWithin, oneOf, part, threshold, wholeNumber } from './arguments.ts'
import { comparisonText, f3, familyText, metricsText, runsText } from './print.ts'
import { onQueue, queueFor, sendsText } from './worker-verb.ts'
import { FAMILY_NAMES, givenSettings, recipeOptions } from './recipe-options.ts'
import { finish, onProject, projectVerb, withEngine } from './with-engine.ts'

interface TrainOptions extends Readonly<Record<string, unknown>> {
  readonly model?: string
  readonly resume?: number
  readonly on?: string
  readonly json?: boolean
}

/** `train`, `retrain`, `metrics`, `compare` and `runs`. */
export function trainVerbs(program: Command): void {
  recipeOptions(projectVerb(program, 'train', 'train a model and predict every movie out of fold'))
    .option(
      '--model <which>',
      'linear, small (a transformer without pretrained weights), a model of the library, or FAMILY:FOLDER',
      'linear',
    )
    .option('--resume <run>', 'continue an interrupted run from its last checkpoint', wholeNumber)
    .addOption(onQueue())
    .action(trainAction(false))
  recipeOptions(projectVerb(program, 'retrain', 'train the current recipe on the corrected labels, and compare the runs'))
    .addOption(onQueue())
    .action(trainAction(true))
  projectVerb(program, 'metrics', 'show the scores of a run')
    .option('--run <id>', 'latest (the current run), or a number', 'latest')
    .addOption(part('test'))
    .addOption(oneOf('--labels <kind>', 'labels to score against', ['source', 'corrected'], 'corrected'))
    .option('--threshold <t>', 'per-genre, or one number for all genres', threshold, 'per-genre')
    .option('--where <filter>', 'only the movies that a filter selects', '')
    .option('--resamples <n>', 'of the bootstrap intervals; 0: none', wholeNumber, 500)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber, 42)
    .action(onProject(metrics))
  projectVerb(program, 'compare', 'compare two runs: differences with intervals, and a verdict')
    .argument('[old]', 'run number (default: the run before the newest)', wholeNumber)
    .argument('[new]', 'run number (default: the newest)', wholeNumber)
    .option('--resamples <n>', 'bootstrap resamples', wholeNumber, 2000)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber, 42)
    .action(onProject(compare))
  projectVerb(program, 'runs', 'list all runs; with options, make one current, rename, annotate or delete it')
    .option('--restore <run>', 'make this run current again', wholeNumber)
    .option('--rename <run>', 'give this run the name of --name', wholeNumber)
    .option('--name <name>', 'new name for --rename')
    .option('--run <run>', 'the run that --note is about', wholeNumber)
    .option('--note <text>', 'a note on the run of --run; an empty text removes it')
    .option('--delete <run>', 'delete this run with its scores, predictions, model and checkpoints', wholeNumber)
    .action(runs)
}

const trainAction = (retrain: boolean) => (project: string, o: TrainOptions) =>
  withEngine(project, (engine) => train(engine, o, retrain), undefined, o.on === undefined ? undefined : queueFor(o.on))

/** Erases the progress line before another line is written. */
const CLEAR_LINE = process.stderr.isTTY ? '\r\u001b[K' : ''

async function train(engine: Engine, o: TrainOptions, retrain: boolean): Promise<void> {
  if (o.on !== undefined && o.resume !== undefined) throw new UserError('bad-arguments', '--resume continues a run on this machine: leave out --on') // prettier-ignore
  if (o.on !== undefined) console.error(sendsText(await engine.call('train.sends', {})))
  let run = 0
  const start = async (): Promise<{ job: number }> => {
    const started =
      o.resume === undefined
        ? await engine.call('train.start', { config: await configOf(engine, o), retrain, workers: o.on !== undefined })
        : await engine.call('train.resume', { run: o.resume })
    run = started.run
    return started
  }
  const off = o.json ? () => undefined : engine.on('epoch', ({ figures }) => process.stderr.write(`${CLEAR_LINE}${epochText(figures)}\n`))
  await finish(engine, start, o).finally(off)
  const info = (await engine.call('runs.list', {})).find((r) => r.id === run)
  if (!info) throw new Error(`run ${run} is not in the list of runs`)
  const comparison = info.parent === null ? null : await engine.call('runs.compare', { a: info.parent, b: run })
  printResult(o, { ...info, comparison }, () => [trainedText(info), ...(comparison ? [comparisonText(comparison)] : [])].join('\n\n'))
}

/** Reads the settings of a training; a retraining without --model uses the current run's model. */
export async function configOf(
  engine: Engine,
  { model, ...o }: Readonly<Record<string, unknown>> & { readonly model?: string },
): Promise<ConfigIn> {
  const { family, settings } = givenSettings(o)
  if (model === undefined) return { ...settings, ...(family ? { family } : {}) }
  // the default of --model is linear
  if (family === 'ensemble' && model === 'linear') return { ...settings, family }
  const wanted = model === 'linear' ? 'linear' : 'transformer'
  if (family !== null && family !== wanted) {
    const advice =
      family === 'ensemble' ? ': leave out --model' : wanted === 'linear' ? ': add --model small, or a model of the library' : ''
    throw new UserError('bad-arguments', `some of these options are of ${FAMILY_NAMES[family]}, and --model is ${model}${advice}`) // prettier-ignore
  }
  if (model === 'linear') return { ...settings, family: 'linear' }
  const id = await modelId(engine, model)
  const given = settings as Partial<TransformerIn>
  if (id === 'scratch') return { ...given, family: 'transformer', model: await smallModel(engine, given.model) }
  if (given.model) throw new UserError('bad-arguments', `--model-… options are of the small transformer: leave them out for ${id}`)
  return { ...given, family: 'transformer', model: { source: 'library', id, digest: '' } }
}

/** Adds the folder of `distilbert:FOLDER` to the library. @throws UserError `bad-arguments` if it is of another family */
async function modelId(engine: Engine, model: string): Promise<string> {
  if (model === 'small' || model === 'scratch') return 'scratch'
  const family = ARCHITECTURES.find((a) => model.startsWith(`${a}:`))
  const folder = model.slice((family ?? '').length + 1)
  if (family === undefined || folder === '') return model
  const known = (await engine.call('models.list', {})).map((m) => m.id)
  const entry = await engine.call('models.add', { path: folderWithin(folder) })
  if (entry.architecture !== family) {
    if (!known.includes(entry.id)) await engine.call('models.remove', { id: entry.id })
    throw new UserError(
      'bad-arguments',
      `${folder} holds a model of the family ${entry.architecture}: write ${entry.architecture}:${folder}`,
    )
  }
  return entry.id
}

async function smallModel(engine: Engine, given: Partial<TransformerIn['model']>): Promise<NonNullable<TransformerIn['model']>> {
  const { model } = (await engine.call('train.defaults', { family: 'transformer' })) as TransformerConfig
  return { ...model, ...given } as NonNullable<TransformerIn['model']>
}

function epochText(e: EpochFigures): string {
  const what = e.stage === 'warm-up' ? 'reading without labels' : e.fold === null ? 'final model' : `fold ${e.fold + 1}`
  const figures = [
    `loss ${e.trainLoss.toFixed(4)}`,
    ...(e.validLoss === null ? [] : [`validation ${e.validLoss.toFixed(4)}`]),
    ...(e.microF1 === null || e.macroF1 === null ? [] : [`micro-F1 ${f3(e.microF1)}`, `macro-F1 ${f3(e.macroF1)}`]),
    `${count(Math.round(e.tokensPerSecond))} tokens/s`,
    `${count(e.memoryMb)} MB`,
  ]
  return `${what}, epoch ${e.epoch} of ${e.epochs}: ${figures.join(', ')}`
}

function trainedText(r: RunInfo): string {
  const s = r.summary
  const size = r.config.family === 'linear' ? many(r.features, 'feature') : many(r.features, 'trained parameter')
  const seconds = ((r.elapsedMs ?? 0) / 1000).toFixed(1)
  const head = `${r.name} (run ${r.id}, ${familyText(r.config)}): ${size}, ${many(r.genres.length, 'genre')}, ${r.config.folds} folds, ${seconds} s`
  const behind = r.current
    ? ''
    : '\nOut of fold it is worse than the current run, which stays current: `reelabel runs --restore` selects this one.'
  if (s === null) return head
  const part = s.part === 'test' ? 'the frozen test part' : 'out-of-fold predictions'
  return `${head}\nmicro-F1 ${f3(s.microF1)}  macro-F1 ${f3(s.macroF1)}  Jaccard ${f3(s.jaccard)} on ${part}${behind}`
}

async function metrics(
  engine: Engine,
  o: {
    run: string
    part: MetricsPart
    labels: string
    threshold: 'per-genre' | number
    where: string
    resamples: number
    seed: number
    json?: boolean
  },
): Promise<void> {
  const run = o.run === 'latest' ? null : wholeNumber(o.run)
  const { threshold, where, resamples, seed } = o
  const report = await engine.call('metrics.get', {
    run,
    part: o.part,
    labels: o.labels as 'source',
    threshold,
    where,
    resamples,
    seed,
  })
  printResult(o, report, () => metricsText(report))
}

async function compare(
  engine: Engine,
  a: number | undefined,
  b: number | undefined,
  o: { resamples: number; seed: number; json?: boolean },
): Promise<void> {
  const [old, fresh] = await pair(engine, a, b)
  const comparison = await engine.call('runs.compare', { a: old, b: fresh, resamples: o.resamples, seed: o.seed })
  printResult(o, comparison, () => comparisonText(comparison))
}

/** The two runs to compare. @throws UserError `no-run` if there are not two */
async function pair(engine: Engine, a: number | undefined, b: number | undefined): Promise<[number, number]> {
  const done = (await engine.call('runs.list', {})).filter((r) => r.status === 'done')
  const fresh = b ?? done.at(-1)?.id
  const old = a ?? done.findLast((r) => r.id !== fresh)?.id
  if (fresh === undefined || old === undefined)
    throw new UserError('no-run', 'A comparison needs two finished runs: `reelabel retrain PROJECT.reel` makes the second one.')
  return [old, fresh]
}

interface RunsOptions {
  readonly restore?: number
  readonly rename?: number
  readonly name?: string
  readonly run?: number
  readonly note?: string
  readonly delete?: number
  readonly json?: boolean
}
async function runs(project: string, o: RunsOptions): Promise<void> {
  if ((o.rename === undefined) !== (o.name === undefined))
    throw new UserError('bad-arguments', '--rename and --name belong together: `runs P.reel --rename 2 --name "Without stop words"`')
  if ((o.run === undefined) !== (o.note === undefined))
    throw new UserError('bad-arguments', '--run and --note belong together: `runs P.reel --run 2 --note "Labels of March"`')
  await withEngine(project, async (engine) => {
    if (o.restore !== undefined) await engine.call('runs.restore', { run: o.restore })
    if (o.rename !== undefined) await engine.call('runs.rename', { run: o.rename, name: o.name ?? '' })
    if (o.run !== undefined) await engine.call('runs.note', { run: o.run, note: o.note ?? '' })
    const left = o.delete === undefined ? null : (await engine.call('runs.delete', { run: o.delete })).folder
    const list = await engine.call('runs.list', {})
    const note = left === null ? '' : `\nThe model of the deleted run stays in ${left}: copies and backups of the project may use it.`
    printResult(o, list, () => runsText(list) + note)
  })
}
