import { rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { modelText } from '../../contract/model-text.ts'
import { toReply, UserError } from '../../contract/errors.ts'
import { many } from '../../contract/words.ts'
import type { TextPrediction } from '../../contract/records.ts'
import { scaled } from '../analysis/platt.ts'
import { predict } from '../analysis/thresholds.ts'
import { scaleOf } from '../catalogue/run-scores.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Workspace } from '../workspace.ts'
import type { PREDICT_METHODS } from '../../contract/training.ts'
import type { Context, Handlers } from './context.ts'
import { refuseToOverwrite } from './export.ts'
import type { Outbox } from './files.ts'
import { finished, genresOf } from './runs.ts'
import { predictMovies, subjectOf } from './predict-movies.ts'
import { queueFor } from './train.ts'
import { trainedModel } from './trained.ts'

export function predictHandlers(c: Context, outbox: Outbox): Handlers<typeof PREDICT_METHODS> {
  return {
    'predict.movies': async ({ path, predictions, run: id, mapping, workers }) => {
      const w = c.workspace()
      const run = finished(w, id ?? w.trained().run)
      const queue = workers ? queueFor(c, run.config) : null
      const subject = await subjectOf(c, path, mapping)
      const out = predictions === null ? join(c.projects.temporary, crypto.randomUUID(), 'predictions.csv') : resolve(predictions)
      refuseToOverwrite(out, w)
      if (out === subject.path)
        throw new UserError('is-a-source', `${out} is the file whose movies are predicted: choose another name for the predictions.`)
      return c.jobs.start('predict', null, async (control) => {
        const predicted = await predictMovies(c, w, { run, subject, out, queue }, control).catch((error: unknown) => {
          // nothing can go on with a temporary file
          if (predictions === null) rmSync(dirname(out), { recursive: true, force: true })
          throw error
        })
        const [file = null] = predictions === null ? outbox.add([out]) : []
        const where = file === null ? ` in ${out}` : ''
        const plots = subject.plan?.mapping.plot
        const from = plots ? ` The plots are those of the column “${plots}”.` : ''
        return { result: { ...predicted, file }, message: `${many(predicted.movies, 'movie')} predicted${where}.${from}` }
      })
    },
    'predict.text': ({ title, plot, runs }) => {
      const w = c.workspace()
      const asked = runs === null ? newestOfEach(w) : runs.map((run) => finished(w, run))
      return Promise.all(asked.map((run) => predictWith(c, w, run, { title, plot })))
    },
  }
}

/** Runs of the same kind replace each other: linear runs, ensembles, or transformers of the same base model. */
const kindOf = ({ config }: StoredRun): string =>
  config.family !== 'transformer' ? config.family : config.model.source === 'scratch' ? 'scratch' : config.model.id

/** The current run, and the newest finished run of every other kind. */
function newestOfEach(w: Workspace): StoredRun[] {
  const done = w.store.runs.all().filter((run) => run.status === 'done')
  const current = w.predictions?.run
  const chosen = new Map<string, StoredRun>()
  for (const run of done) if (chosen.get(kindOf(run))?.id !== current || run.id === current) chosen.set(kindOf(run), run)
  return [...chosen.values()].sort((a, b) => Number(b.id === current) - Number(a.id === current) || b.id - a.id)
}

/** The prediction of one run; a run that cannot predict says why in `problem`. */
async function predictWith(
  c: Context,
  w: Workspace,
  run: StoredRun,
  text: { readonly title: string; readonly plot: string },
): Promise<TextPrediction> {
  const base = { run: run.id, name: run.name, family: run.config.family }
  try {
    const model = await trainedModel(c, w, run)
    const { probabilities: p } = await c.inference.ask({ t: 'predict', model, texts: [modelText(run.config, text)] })
    const named = genresOf(w, run)
    const probabilities = Float32Array.from(p, (x, j) => scaled(x, scaleOf(run, j)))
    const predicted = predict(probabilities, Float64Array.from(run.thresholds), 1, named.length, { atLeastOne: true })
    const genres = named.map((genre, i) => ({
      ...genre,
      probability: probabilities[i] ?? 0,
      threshold: run.thresholds[i] ?? 1,
      predicted: predicted[i] === 1,
    }))
    return { ...base, genres, problem: null }
  } catch (error) {
    const { code, message } = toReply(error)
    if (code === 'internal') throw error
    return { ...base, genres: [], problem: message }
  }
}
