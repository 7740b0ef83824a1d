import { Option, type Command } from 'commander'
import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { TextPrediction } from '../../contract/records.ts'
import { printResult } from './output.ts'
import { resultOf } from '../../contract/events.ts'
import { count, many } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import type { Mapping } from '../../contract/importing.ts'
import { mapPair, repeatable, textOf, wholeNumber } from './arguments.ts'
import { table } from './print.ts'
import { finish, projectVerb, withEngine } from './with-engine.ts'
import { onQueue, queueFor, sendsPredictions } from './worker-verb.ts'

interface Options {
  readonly text?: string
  readonly file?: string
  readonly run: readonly string[]
  readonly out?: string
  readonly map: Partial<Mapping>
  readonly on?: string
  readonly json?: boolean
}

/** `predict`: prints what trained models predict for a plot. */
export function predictVerb(program: Command): void {
  projectVerb(program, 'predict', 'predict the genres of a plot with every trained family, or those of all movies of a file or project')
    .argument('[movies]', 'file that could be imported (its genres are not read), or another project: predict its movies into --out')
    .option('--out <file>', 'CSV file for the predictions of MOVIES; the same command goes on after an interruption')
    .addOption(
      new Option('--map <role=column>', 'which column of MOVIES is the id, title or plot; repeatable')
        .argParser(mapPair)
        .default({}, 'as detected'),
    )
    .addOption(onQueue())
    .option('--text <plot>', 'the plot')
    .option('--file <path>', 'text file with the plot; - for standard input')
    .addOption(repeatable('--run <n>', 'run to use', 'the current one; for a plot also the newest of each other kind'))
    .action(predict)
}

async function predict(project: string, movies: string | undefined, o: Options): Promise<void> {
  if (movies !== undefined) return predictMovies(project, movies, o)
  if (o.out !== undefined || o.on !== undefined || Object.keys(o.map).length > 0)
    throw new UserError('bad-arguments', '--out, --map and --on are for the movies of a file or project: name it after PROJECT.')
  const plot = plotOf(o)
  await withEngine(project, async (engine) => {
    const runs = o.run.length > 0 ? o.run.map(wholeNumber) : null
    const predictions = await engine.call('predict.text', { plot, runs })
    if (predictions.length === 0) throw new UserError('no-run', 'No model is trained yet: train one first (`reelabel train PROJECT.reel`).')
    printResult(o, predictions, () => predictions.map(predictionText).join('\n\n'))
  })
}

async function predictMovies(project: string, movies: string, o: Options): Promise<void> {
  const { out, on } = o
  if (out === undefined) throw new UserError('bad-arguments', 'Say where to write the predictions: --out FILE.csv.')
  if (o.run.length > 1) throw new UserError('bad-arguments', 'Name one run: --run once.')
  const work = async (engine: Engine): Promise<void> => {
    if (on !== undefined) console.error(sendsPredictions(await engine.call('queue.get', {}), movies))
    const [run = null] = o.run.map(wholeNumber)
    const wanted = { path: resolve(movies), predictions: resolve(out), run, mapping: o.map, workers: on !== undefined }
    const end = await finish(engine, () => engine.call('predict.movies', wanted), o)
    const done = resultOf('predict', end)
    const earlier = done.resumed > 0 ? ` ${many(done.resumed, 'shard')} of ${count(done.shards)} had been predicted before.` : ''
    printResult(o, done, () => `${end.message}${earlier}`)
  }
  await withEngine(project, work, undefined, on === undefined ? undefined : queueFor(on))
}

function plotOf({ text, file }: Options): string {
  if (text !== undefined && file === undefined) return text
  if (text !== undefined || file === undefined)
    throw new UserError('bad-arguments', 'Give one plot by --text or by --file, or name a file of movies after PROJECT.')
  return textOf(file)
}

function predictionText({ run, name, family, genres, problem }: TextPrediction): string {
  const head = `${name} (run ${run}, ${family})`
  if (problem !== null) return `${head}: ${problem}`
  const likely = [...genres].sort((a, b) => b.probability - a.probability).filter((g, i) => g.predicted || i < 5)
  const rows = likely.map((g) => [g.predicted ? '*' : '', g.name, g.probability.toFixed(3), g.threshold.toFixed(3)])
  return `${head}\n${table(['', 'genre', 'probability', 'threshold'], rows)}`
}
