import type { Command } from 'commander'
import { UserError } from '../../contract/errors.ts'
import type { RunInfo } from '../../contract/records.ts'
import type { LinearIn } from '../../contract/training.ts'
import type { Engine } from '../engine.ts'
import { answer } from './answer.ts'
import { charNgrams, decimal, numberOrAll, oneOf, threshold, wholeNumber } from './arguments.ts'
import { comparisonText, f3, metricsText, runsText } from './print.ts'
import { finish, withEngine } from './with-engine.ts'

interface TrainOptions extends Omit<LinearIn, 'charNgrams' | 'maxFeatures'> {
  readonly charNgrams?: LinearIn['charNgrams'] | 'none'
  readonly maxFeatures?: number | 'all'
  readonly model: string
  readonly json?: boolean
}
/** Options that are settings of the linear family, as they are. */
const SETTINGS = [
  'folds',
  'seed',
  'c',
  'classWeight',
  'wordNgrams',
  'charNgrams',
  'minDf',
  'maxFeatures',
  'sublinearTf',
  'stopWords',
  'reviewedWeight',
] as const

/** Words that stand for null. */
const UNLIMITED: Partial<Record<(typeof SETTINGS)[number], string>> = { charNgrams: 'none', maxFeatures: 'all' }

/** `train`, `retrain`, `metrics`, `compare` and `runs`. */
export function trainVerbs(program: Command): void {
  settings(program.command('train').description('train a model and predict every movie out of fold').argument('<project>'))
    .option('--model <family>', 'linear', 'linear')
    .action((project: string, o: TrainOptions) => train(project, o, false))
  settings(
    program.command('retrain').description('train again with the corrections, and compare with the run before').argument('<project>'),
  ).action((project: string, o: TrainOptions) => train(project, { ...o, model: 'linear' }, true))
  program
    .command('metrics')
    .description('scores of a run')
    .argument('<project>')
    .option('--run <id>', 'latest (the current run), or a number', 'latest')
    .addOption(oneOf('--part <part>', 'which movies', ['test', 'valid', 'oof'], 'test'))
    .addOption(oneOf('--labels <kind>', 'labels to score against', ['source', 'corrected'], 'corrected'))
    .option('--threshold <t>', 'per-genre, or one number for all genres', threshold, 'per-genre')
    .option('--json', 'answer in JSON')
    .action(metrics)
  program
    .command('compare')
    .description('old run against new: differences with intervals, and a verdict')
    .argument('<project>')
    .argument('[old]', 'run number; left out: the run before the newest', wholeNumber)
    .argument('[new]', 'run number; left out: the newest', wholeNumber)
    .option('--resamples <n>', 'bootstrap resamples', wholeNumber, 2000)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber, 42)
    .option('--json', 'answer in JSON')
    .action(compare)
  program
    .command('runs')
    .description('all runs; --restore makes one current again')
    .argument('<project>')
    .option('--restore <run>', 'run number', wholeNumber)
    .option('--json', 'answer in JSON')
    .action(runs)
}

const settings = (command: Command): Command =>
  command
    .option('--folds <k>', 'folds of the out-of-fold predictions', wholeNumber)
    .option('--seed <n>', 'seed of everything random', wholeNumber)
    .option('--c <x>', 'inverse strength of the L2 penalty', decimal)
    .addOption(oneOf('--class-weight <how>', 'weight of the labels of rare genres', ['none', 'balanced', 'log']))
    .option('--word-ngrams <n>', 'longest word n-gram', wholeNumber)
    .option('--char-ngrams <a-b>', 'character n-grams such as 3-5, or none', charNgrams)
    .option('--min-df <n>', 'movies that an n-gram must occur in', wholeNumber)
    .option('--max-features <n>', 'most word n-grams, and as many of characters, that are kept; or all', numberOrAll)
    .addOption(oneOf('--stop-words <which>', 'words that are left out', ['none', 'english']))
    .option('--reviewed-weight <x>', 'weight of a reviewed movie against 1', decimal)
    .option('--json', 'answer in JSON')

async function train(project: string, o: TrainOptions, retrain: boolean): Promise<void> {
  if (o.model !== 'linear') throw new UserError('no-model', `There is no model family "${o.model}": this version has linear.`)
  const given = SETTINGS.filter((k) => o[k] !== undefined)
  const config = Object.fromEntries(given.map((k) => [k, UNLIMITED[k] === o[k] ? null : o[k]])) as LinearIn
  await withEngine(project, async (engine) => {
    let run = 0
    const start = async (): Promise<{ job: number }> => {
      const started = await engine.call('train.start', { config, retrain })
      run = started.run
      return started
    }
    await finish(engine, start, o.json === true)
    const info = (await engine.call('runs.list', {})).find((r) => r.id === run)!
    const comparison = info.parent === null ? null : await engine.call('runs.compare', { a: info.parent, b: run })
    answer(o, { ...info, comparison }, () => [trainedText(info), ...(comparison ? [comparisonText(comparison)] : [])].join('\n\n'))
  })
}

function trainedText(r: RunInfo): string {
  const s = r.summary!
  const part = s.part === 'test' ? 'the frozen test part' : 'out-of-fold predictions'
  return `${r.name} (run ${r.id}): ${r.features.toLocaleString('en')} features, ${r.genres.length} genres, ${r.config.folds} folds, ${((r.elapsedMs ?? 0) / 1000).toFixed(1)} s\nmicro-F1 ${f3(s.microF1)}  macro-F1 ${f3(s.macroF1)}  Jaccard ${f3(s.jaccard)} on ${part}`
}

async function metrics(
  project: string,
  o: { run: string; part: string; labels: string; threshold: 'per-genre' | number; json?: boolean },
): Promise<void> {
  await withEngine(project, async (engine) => {
    const run = o.run === 'latest' ? null : wholeNumber(o.run)
    const report = await engine.call('metrics.get', { run, part: o.part as 'test', labels: o.labels as 'source', threshold: o.threshold })
    answer(o, report, () => metricsText(report))
  })
}

async function compare(
  project: string,
  a: number | undefined,
  b: number | undefined,
  o: { resamples: number; seed: number; json?: boolean },
): Promise<void> {
  await withEngine(project, async (engine) => {
    const [old, fresh] = await pair(engine, a, b)
    const comparison = await engine.call('runs.compare', { a: old, b: fresh, resamples: o.resamples, seed: o.seed })
    answer(o, comparison, () => comparisonText(comparison))
  })
}

/** The two runs to compare. Throws `no-run` when there are not two. */
async function pair(engine: Engine, a: number | undefined, b: number | undefined): Promise<[number, number]> {
  const done = (await engine.call('runs.list', {})).filter((r) => r.status === 'done')
  const fresh = b ?? done.at(-1)?.id
  const old = a ?? done.findLast((r) => r.id !== fresh)?.id
  if (fresh === undefined || old === undefined)
    throw new UserError('no-run', 'A comparison needs two finished runs: `reelabel retrain PROJECT.reel` makes the second one.')
  return [old, fresh]
}

async function runs(project: string, o: { restore?: number; json?: boolean }): Promise<void> {
  await withEngine(project, async (engine) => {
    if (o.restore !== undefined) await engine.call('runs.restore', { run: o.restore })
    const list = await engine.call('runs.list', {})
    answer(o, list, () => runsText(list))
  })
}
