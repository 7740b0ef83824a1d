/** Answers of a decoder about movies, as they are stored. */
import type { DecodeJob } from '../../../contract/jobs.ts'
import type { Answer } from '../../../contract/answers.ts'
import { LanguageModel } from './language-model.ts'
import { condenseTokens, plotTokens, type Plot } from './prompts.ts'
import { write } from './write.ts'
import { zeroShot } from './zero-shot.ts'

/** Movies in one pass. */
const BATCH = 8
/** Tokens in which a word is written, at most. */
const TOKENS_PER_WORD = 2

interface Host {
  /** Receives the answers about movies, in any order. `null`: the model wrote nothing. */
  readonly answered: (answers: readonly { readonly movie: number; readonly answer: Answer | null }[]) => void
  readonly progress: (fraction: number, phase: string) => void
  /** Lets messages arrive. */
  readonly turn: () => Promise<void>
}
type Batch = (plots: readonly Plot[], movies: readonly number[]) => Promise<(Answer | null)[]>

/** @param plots of `job.movies`, in their order */
export async function answerAll(job: DecodeJob, plots: Iterable<Plot>, host: Host): Promise<void> {
  host.progress(0, 'reading the model')
  const model = await LanguageModel.open(job.folder, { device: 'cpu', threads: job.threads ?? 0 })
  try {
    const ask = await batchOf(model, job, host)
    const rest = plots[Symbol.iterator]()
    for (let at = 0; at < job.movies.length; at += BATCH) {
      const movies = [...job.movies.subarray(at, at + BATCH)]
      const answers = await ask(
        movies.map(() => rest.next().value as Plot),
        movies,
      )
      host.answered(answers.map((answer, i) => ({ movie: movies[i]!, answer })))
      host.progress((at + movies.length) / job.movies.length, `${at + movies.length} of ${job.movies.length} movies`)
      await host.turn()
    }
  } finally {
    await model.close()
  }
}

async function batchOf(model: LanguageModel, { asked, genres, maxTokens }: DecodeJob, { turn }: Host): Promise<Batch> {
  if (asked.task === 'condense') {
    const request = condenseTokens(model.tokenizer, asked.words)
    const most = asked.words * TOKENS_PER_WORD
    const room = Math.min(maxTokens, model.positions - request.length - most)
    return async (plots, movies) => {
      const prompts = plots.map((plot, i) => ({
        tokens: [...plotTokens(model.tokenizer, plot, room), ...request],
        key: String(movies[i]),
      }))
      const texts = await write(model, prompts, { ...asked, maxTokens: most }, turn)
      return texts.map((text) => (text === '' ? null : { task: 'condense', text }))
    }
  }
  const { ask } = await zeroShot(model, genres, asked.how, maxTokens)
  // a question has two answers; of names, one stands out if it has more than an equal share
  const threshold = asked.how === 'yes-no' ? 0.5 : 1 / genres.length
  return async (plots) => {
    const found = await ask(plots)
    return plots.map((_, row) => {
      const own = genres.map((genre, g) => [genre, found[row * genres.length + g]!] as const)
      return {
        task: 'zero-shot',
        genres: own.filter(([, p]) => p > threshold).map(([genre]) => genre),
        probabilities: Object.fromEntries(own),
      }
    })
  }
}
