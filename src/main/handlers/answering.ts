/** Questions about movies, whoever answers them: answers are kept as they arrive, and what got none is counted. */
import type { Answer } from '../../contract/answers.ts'
import { UserError } from '../../contract/errors.ts'
import type { ServiceReport } from '../../contract/services.ts'
import { many } from '../../contract/words.ts'
import type { StoredAnswer } from '../store/answers.ts'
import type { Workspace } from '../workspace.ts'
import type { Context } from './context.ts'

/** A question about a movie. */
export interface Planned {
  readonly movie: number
  /** See `digestOf`. */
  readonly request: string
  /** See `contentOf`. */
  readonly content: string
  /** The stored answer to the same question; null: it is to be asked. */
  readonly known: StoredAnswer | null
}

/** Failures that a report lists. */
const MAX_FAILURES = 20

/** Takes the answers to the open questions. */
export interface Taking<P extends Planned> {
  readonly open: readonly P[]
  /** Stores an answer; the caller is in a transaction. */
  readonly answered: (planned: P, answer: Answer) => void
  readonly failed: (planned: Planned, why: string) => void
}
export type Taken = Pick<ServiceReport, 'answered' | 'failed' | 'known' | 'failures'>

/**
 * Stores the answers that are known from other movies with the same text, and those to the other questions while `work` asks them.
 * @throws UserError `cancelled-partly` if the signal ended the work; errors of `work`
 */
export async function takeAnswers<P extends Planned>(
  c: Context,
  w: Workspace,
  source: Pick<StoredAnswer, 'task' | 'service' | 'model'>,
  planned: readonly P[],
  signal: AbortSignal,
  work: (taking: Taking<P>) => Promise<void>,
): Promise<Taken> {
  const open = planned.filter(({ known }) => known === null)
  const failures: Taken['failures'][number][] = []
  const counts = { answered: 0, failed: 0, known: planned.length - open.length }
  const keep = ({ movie, request, content }: Planned, answer: Answer, at = new Date().toISOString()): void =>
    w.store.answers.add({ movie, ...source, request, content, at, answer })
  w.store.transaction(() => {
    for (const p of planned) if (p.known && p.known.movie !== p.movie) keep(p, p.known.answer, p.known.at)
  })
  try {
    await work({
      open,
      answered: (p, answer) => {
        keep(p, answer)
        counts.answered++
      },
      failed: ({ movie }, why) => {
        counts.failed++
        if (failures.length < MAX_FAILURES) failures.push({ id: w.store.movies.head(movie).key, why })
      },
    })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new UserError(
      'cancelled-partly',
      `Stopped: ${counts.answered} of ${many(open.length, 'movie')} were answered. The answers are kept.`,
    )
  } finally {
    if (counts.answered > 0) c.emit('changed', { what: 'runs' })
  }
  return { ...counts, failures }
}
