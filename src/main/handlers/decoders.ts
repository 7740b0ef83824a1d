/** Asks decoders of the library about movies, on this machine. */
import type { Args } from '../../contract/api.ts'
import { THIS_MACHINE, type DECODER_METHODS } from '../../contract/decoders.ts'
import { UserError } from '../../contract/errors.ts'
import { isDecoder, type UsableModel } from '../../contract/models.ts'
import { required } from '../../contract/required.ts'
import { many } from '../../contract/words.ts'
import type { Steps } from '../analysis/steps.ts'
import { PROMPT_VERSION } from '../compute/decode/prompts.ts'
import { elements } from '../compute/graph/dims.ts'
import { spareMemory } from '../compute/linear/memory.ts'
import { FAMILIES } from '../compute/models/families/index.ts'
import { askInProcess } from '../jobs/decode.ts'
import type { JobEnd } from '../jobs/queue.ts'
import { inSlices } from '../jobs/slices.ts'
import { stampOf } from '../model-folder/facts.ts'
import type { JobControl } from '../processes/job-control.ts'
import { contentOf, digestOf } from '../store/answers.ts'
import type { Workspace } from '../workspace.ts'
import { takeAnswers, type Planned } from './answering.ts'
import type { Context, Handlers } from './context.ts'
import { usableModel } from './recipes.ts'

type Asked = Args<'decoders.ask'>
export function decoderHandlers(c: Context): Handlers<typeof DECODER_METHODS> {
  return {
    'decoders.ask': async (asked) => {
      const w = c.workspace()
      const model = await usableModel(c, asked.model)
      refuse(model)
      const matching = await w.index.matching(asked.where)
      const planned = await inSlices(planOf(w, asked, stampOf(model.files.modelFolder), (row) => matching.has(row)))
      return c.jobs.start('ask', null, (control) => ask(c, w, asked, model, planned, control))
    },
  }
}

/** Memory of a decoder beside its weights: the process, activations, keys and values. */
const AROUND_BYTES = 1e9

/** @throws UserError `no-language-model`, `too-little-memory` */
function refuse({ id, architecture, files, settings }: UsableModel): void {
  const why = !isDecoder(architecture)
    ? `is of the family ${architecture}, which does not write text`
    : files.adapterFolder !== null
      ? 'is an adapter of a classifier, which does not write text'
      : null
  if (why !== null) throw new UserError('no-language-model', `${id} ${why}: choose a decoder, such as a Llama or a Qwen.`)
  const parameters = FAMILIES[architecture].tensors({ ...settings, raw: {} }).reduce((sum, { shape }) => sum + elements(shape), 0)
  const [needed, free] = [4 * parameters + AROUND_BYTES, spareMemory()]
  if (needed > free)
    throw new UserError(
      'too-little-memory',
      `${id} needs about ${(needed / 1e9).toFixed(1)} GB of memory, and ${(free / 1e9).toFixed(1)} GB are free: close other programs, or choose a smaller model.`,
    )
}

/** The questions about the chosen movies with a plot. */
function* planOf(w: Workspace, asked: Asked, stamp: string, matches: (row: number) => boolean): Steps<Planned[]> {
  const { catalogue, store } = w
  const { asked: question, top, maxTokens } = asked
  const genres = genresOf(w, asked)
  const settings = JSON.stringify([PROMPT_VERSION, stamp, question, genres, maxTokens])
  const found: Planned[] = []
  for (const [row, movie] of catalogue.ids.entries()) {
    if (found.length >= (top ?? Infinity)) break
    if (!matches(row)) continue
    yield
    const text = required(store.movies.text(movie), 'the text of a movie')
    const words = text.plot.trim() === '' ? 0 : text.plot.trim().split(/\s+/).length
    if (words === 0 || (question.task === 'condense' && words <= question.words)) continue
    const content = contentOf(text)
    const request = digestOf(THIS_MACHINE, `${settings}\n${content}`)
    found.push({ movie, request, content, known: store.answers.known(request, movie) })
  }
  return found
}
const genresOf = ({ catalogue }: Workspace, { asked }: Asked): string[] =>
  asked.task === 'zero-shot' ? catalogue.genres.map(({ name }) => name) : []

async function ask(
  c: Context,
  w: Workspace,
  asked: Asked,
  { id: model, files }: UsableModel,
  planned: readonly Planned[],
  control: JobControl,
): Promise<JobEnd<'ask'>> {
  const { task } = asked.asked
  const source = { task, service: THIS_MACHINE, model }
  const taken = await takeAnswers(c, w, source, planned, control.signal, async ({ open, answered, failed }) => {
    if (open.length === 0) return
    const byMovie = new Map(open.map((p) => [p.movie, p]))
    const job = {
      t: 'decode' as const,
      project: w.store.path,
      folder: files.modelFolder,
      movies: Int32Array.from(byMovie.keys()),
      genres: genresOf(w, asked),
      asked: asked.asked,
      maxTokens: asked.maxTokens,
      threads: c.settings.settings.trainingThreads,
    }
    await askInProcess(c.spawn, job, control, (answers) =>
      w.store.transaction(() => {
        for (const { movie, answer } of answers) {
          const p = required(byMovie.get(movie), 'the question about a movie')
          if (answer) answered(p, answer)
          else failed(p, 'it wrote nothing')
        }
      }),
    )
  })
  const before = taken.known === 0 ? '' : ` ${taken.known} were known before.`
  const without = taken.failed === 0 ? '' : ` About ${many(taken.failed, 'movie')} it wrote nothing.`
  return {
    message: `${model} answered about ${many(taken.answered, 'movie')}.${before}${without}`,
    result: { task, service: THIS_MACHINE, ...taken, tokensIn: null, tokensOut: null, cost: null },
  }
}
