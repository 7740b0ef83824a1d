/** Answers of services and of decoders on this machine about movies: suggestions, kept beside the catalogue with their source. */
import { z } from 'zod'

export const TASKS = ['condense', 'zero-shot', 'second-opinion', 'translate', 'plot'] as const
export type TaskName = (typeof TASKS)[number]

/** How a movie was found in a database of movies. */
export const FOUND_BY = ['imdb-id', 'tmdb-id', 'title'] as const

/** The entry of a movie in a database of movies. */
const FOUND_PLOT = z.strictObject({
  plot: z.string(),
  /** Id, title and year of the movie in that database. */
  id: z.string(),
  title: z.string(),
  year: z.int().nullable(),
  by: z.enum(FOUND_BY),
})
export type FoundPlot = z.output<typeof FOUND_PLOT>

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
  /** Language -> the plot after a translation into it and back. */
  z.strictObject({ task: z.literal('translate'), texts: z.record(z.string(), z.string()) }),
  /** `found`: null if there is no plot. `doubt`: why there is none, or why it may be that of another movie; null: neither. */
  z.strictObject({ task: z.literal('plot'), found: FOUND_PLOT.nullable(), doubt: z.string().nullable() }),
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
  /** True for a plot that was accepted: it stands in the place of the missing one. */
  readonly accepted: boolean
  readonly answer: Answer
}
