import { InvalidArgumentError, type Command } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { resultOf } from '../../contract/events.ts'
import type { ConfigIn } from '../../contract/training.ts'
import type { Tuned } from '../../contract/tuning.ts'
import { count } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { repeatable, wholeNumber } from './arguments.ts'
import { printResult } from './output.ts'
import { f3, table } from './print.ts'
import { recipeOptions } from './recipe-options.ts'
import { configOf } from './train-verbs.ts'
import { finish, projectVerb, withEngine } from './with-engine.ts'
import { onQueue, queueFor, sendsText } from './worker-verb.ts'

interface Options extends Readonly<Record<string, unknown>> {
  readonly try: readonly string[]
  readonly draws?: number
  readonly halving?: boolean
  readonly on?: string
  readonly json?: boolean
}

/** `tune`: trains recipes that differ in some values, and ranks them. */
export function tuneVerb(program: Command): void {
  recipeOptions(projectVerb(program, 'tune', 'train recipes that differ in some values, and rank them by their out-of-fold scores'))
    .option('--model <which>', 'as of train', 'linear')
    .addOption(repeatable('--try <name=values>', 'values to try, separated by commas, such as c=0.5,1,2 or lora.rank=4,8'))
    .option('--draws <n>', 'try this number of combinations, drawn at random (default: all)', wholeNumber)
    .option('--halving', 'successive halving: all on few movies, the better third on three times as many, and so on')
    .addOption(onQueue())
    .action(tune)
}

/** `c=0.5,1` as a path and its values, each in JSON where it is some, else as text. */
export function triedValues(text: string): [path: string, values: unknown[]] {
  const [, path = '', list = ''] = /^([\w.]+)=(.+)$/s.exec(text) ?? []
  if (path === '') throw new InvalidArgumentError(`write --try name=value,value, not "${text}"`)
  const parsed = (value: string): unknown => {
    try {
      return JSON.parse(value)
    } catch {
      return value
    }
  }
  const whole = parsed(`[${list}]`)
  // values such as [3,5] have commas of their own; words are no JSON
  return [path, Array.isArray(whole) ? whole : list.split(',').map((value) => parsed(value.trim()))]
}

async function tune(project: string, o: Options): Promise<void> {
  if (o.try.length === 0) throw new UserError('bad-arguments', 'name values to try, such as --try c=0.5,1,2')
  const values = Object.fromEntries(o.try.map(triedValues))
  const work = async (engine: Engine): Promise<void> => {
    if (o.on !== undefined) console.error(sendsText(await engine.call('train.sends', {})))
    const config: ConfigIn = await configOf(engine, o)
    const wanted = { config, values: values as never, draws: o.draws ?? null, halving: o.halving === true, seed: Number(o['seed'] ?? 42), workers: o.on !== undefined } // prettier-ignore
    try {
      const tuned = resultOf('tune', await finish(engine, () => engine.call('tune.start', wanted), o))
      printResult(o, tuned, () => tunedText(tuned))
    } catch (error) {
      const state = await engine.call('tune.state', {})
      if (state && state.candidates.length > 0) console.error(`Tried until then:\n${tunedText(state)}\n`)
      throw error
    }
  }
  await withEngine(project, work, undefined, o.on === undefined ? undefined : queueFor(o.on))
}

const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function tunedText({ candidates }: Tuned): string {
  const paths = Object.keys(candidates[0]?.values ?? {})
  const rows = candidates.map(({ values, movies, microF1, macroF1, elapsedMs }) => [
    ...paths.map((path) => inWords(values[path])),
    count(movies),
    f3(microF1),
    f3(macroF1),
    (elapsedMs / 1000).toFixed(1),
  ])
  return `${table([...paths, 'movies', 'micro-F1', 'macro-F1', 'seconds'], rows)}\n\nOut of fold, the best first. \`train\` with its values makes it a run.`
}
