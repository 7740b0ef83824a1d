/** What services and decoders of this machine answer about movies. Answers are suggestions, kept beside the catalogue with their source. */
import { z } from 'zod'

export const TASKS = ['condense', 'zero-shot', 'second-opinion'] as const
export type TaskName = (typeof TASKS)[number]

const PROBABILITY = z.number().min(0).max(1)
/** The answer to each task, as it is stored. Genres are named as they were when the service was asked. */
export const ANSWER = z.discriminatedUnion('task', [
  z.strictObject({ task: z.literal('condense'), text: z.string() }),
  /** `probabilities`: of each genre that was asked for; null: the endpoint gives none. */
  z.strictObject({
    task: z.literal('zero-shot'),
    genres: z.array(z.string()),
    probabilities: z.record(z.string(), PROBABILITY).nullable(),
  }),
  z.strictObject({ task: z.literal('second-opinion'), fits: z.record(z.string(), z.enum(['yes', 'no', 'unsure'])) }),
])
export type Answer = z.output<typeof ANSWER>

/** An answer about a movie, with its source. */
export interface MovieAnswer {
  readonly service: string
  readonly model: string
  readonly at: string
  /** True if the text of the movie has changed since. */
  readonly outdated: boolean
  readonly answer: Answer
}
