/** Decoders of the library that are asked about movies on this machine. Answers are suggestions, stored like those of services. */
import { z } from 'zod'
import { projectMethod, seed, type, type JobStarted } from './method.ts'
import { modelId } from './training.ts'
import { FILTER } from './review.ts'

/** Stands for the name of a service in answers of this machine's decoders. */
export const THIS_MACHINE = 'this-machine'

/** `yes-no`: one question for each genre; `name`: the genres' names compete to continue the text. */
export const ASKED_HOW = ['yes-no', 'name'] as const
export type AskedHow = (typeof ASKED_HOW)[number]

const WRITING = {
  /** Length that a condensed plot should have at most, in words; shorter plots are left out. */
  words: z.int().min(5).max(500).default(60),
  /** 0: the most probable text; else words are drawn, with the seed. */
  temperature: z.number().min(0).max(2).default(0),
  /** Only the most probable words that together have this probability are drawn from. */
  topP: z.number().min(0.01).max(1).default(0.95),
  seed: seed.default(42),
}
export const DECODER_TASK = z.discriminatedUnion('task', [
  z.strictObject({ task: z.literal('zero-shot'), how: z.enum(ASKED_HOW).default('yes-no') }),
  z.strictObject({ task: z.literal('condense'), ...WRITING }),
])
export type DecoderTask = z.output<typeof DECODER_TASK>

export const DECODER_METHODS = {
  /** A job. @throws UserError `no-language-model`, `too-little-memory`, errors of the filter */
  'decoders.ask': projectMethod(
    {
      model: modelId,
      asked: DECODER_TASK,
      where: FILTER.shape.where,
      /** The first movies, in the order of the file. */
      top: z.int().min(1).max(1_000_000).nullable().default(null),
      /** Longest part of title and plot that is read, in tokens. */
      maxTokens: z.int().min(16).max(8192).default(512),
    },
    type<JobStarted>(),
  ),
}
