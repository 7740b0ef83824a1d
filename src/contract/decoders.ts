/** Decoders that are asked about movies. */

/** `yes-no`: one question for each genre; `name`: the genres' names compete to continue the text. */
export const ASKED_HOW = ['yes-no', 'name'] as const
export type AskedHow = (typeof ASKED_HOW)[number]
