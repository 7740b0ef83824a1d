import type { Command } from 'commander'
import { UserError } from '../../contract/errors.ts'
import type { TextPrediction } from '../../contract/records.ts'
import { printResult } from './output.ts'
import { repeatable, textOf, wholeNumber } from './arguments.ts'
import { table } from './print.ts'
import { projectVerb, withEngine } from './with-engine.ts'

interface Options {
  readonly text?: string
  readonly file?: string
  readonly run: readonly string[]
  readonly json?: boolean
}

/** `predict`: prints what trained models predict for a plot. */
export function predictVerb(program: Command): void {
  projectVerb(program, 'predict', 'predict the genres of a plot with every trained family')
    .option('--text <plot>', 'the plot')
    .option('--file <path>', 'text file with the plot; - for standard input')
    .addOption(repeatable('--run <n>', 'run to use (default: the current one and the newest of each other kind)'))
    .action(predict)
}

async function predict(project: string, o: Options): Promise<void> {
  const plot = plotOf(o)
  await withEngine(project, async (engine) => {
    const runs = o.run.length > 0 ? o.run.map(wholeNumber) : null
    const predictions = await engine.call('predict.text', { plot, runs })
    if (predictions.length === 0) throw new UserError('no-run', 'No model is trained yet: train one first (`reelabel train PROJECT.reel`).')
    printResult(o, predictions, () => predictions.map(predictionText).join('\n\n'))
  })
}

function plotOf({ text, file }: Options): string {
  if (text !== undefined && file === undefined) return text
  if (text !== undefined || file === undefined) throw new UserError('bad-arguments', 'give the plot by --text or by --file')
  return textOf(file)
}

function predictionText({ run, name, family, genres, problem }: TextPrediction): string {
  const head = `${name} (run ${run}, ${family})`
  if (problem !== null) return `${head}: ${problem}`
  const likely = [...genres].sort((a, b) => b.probability - a.probability).filter((g, i) => g.predicted || i < 5)
  const rows = likely.map((g) => [g.predicted ? '*' : '', g.name, g.probability.toFixed(3), g.threshold.toFixed(3)])
  return `${head}\n${table(['', 'genre', 'probability', 'threshold'], rows)}`
}
