/** The special tokens around a text, as defined by the post-processor of a tokenizer.json. */
import { z } from 'zod'
import { describe } from './definition.ts'
import type { Frame } from './types.ts'

const TEMPLATE = z.looseObject({
  single: z.array(
    z.union([
      z.looseObject({ SpecialToken: z.looseObject({ id: z.string() }) }),
      z.looseObject({ Sequence: z.looseObject({ id: z.string() }) }),
    ]),
  ),
  special_tokens: z.record(z.string(), z.looseObject({ ids: z.array(z.int().nonnegative()) })).default({}),
})
const pair = z.tuple([z.string(), z.int().nonnegative()])
const AROUND = z.looseObject({ cls: pair, sep: pair })
const PROCESSORS = z.looseObject({ processors: z.array(z.looseObject({ type: z.string() })).max(20) })

type Ids = ReadonlyMap<string, number>
type Part = Readonly<Record<string, unknown>> & { readonly type: string }

const NOTHING: Frame = { before: [], after: [] }
const around = (part: Part): Frame => {
  const { cls, sep } = AROUND.parse(part)
  return { before: [cls[1]], after: [sep[1]] }
}

/** One entry for each kind of post-processor. */
const FRAMES: Readonly<Record<string, (part: Part, ids: Ids, depth: number) => Frame>> = {
  ByteLevel: () => NOTHING,
  BertProcessing: around,
  RobertaProcessing: around,
  TemplateProcessing: template,
  Sequence: (part, ids, depth) =>
    PROCESSORS.parse(part).processors.reduce((frame, next) => {
      const { before, after } = frameOf(next, ids, depth + 1)
      return { before: [...before, ...frame.before], after: [...frame.after, ...after] }
    }, NOTHING),
}

function template(part: Part, ids: Ids): Frame {
  const { single, special_tokens: tokens } = TEMPLATE.parse(part)
  const before: number[] = []
  const after: number[] = []
  let side = before
  for (const item of single) {
    if (!('SpecialToken' in item)) side = after
    else {
      const name = (item as { SpecialToken: { id: string } }).SpecialToken.id
      side.push(...(tokens[name]?.ids ?? [idOf(name, ids)]))
    }
  }
  return { before, after }
}
function idOf(token: string, ids: Ids): number {
  const id = ids.get(token)
  if (id === undefined) throw new Error(`the special token ${JSON.stringify(token.slice(0, 60))} is not in the vocabulary`)
  return id
}

/** @throws Error that says what is wrong with the post-processor */
export function frameOf(part: Part | null, ids: Ids, depth = 0): Frame {
  if (part === null) return NOTHING
  const frame = Object.hasOwn(FRAMES, part.type) ? FRAMES[part.type] : undefined
  if (!frame || depth > 3) throw new Error(`post-processors of kind ${part.type} are not known`)
  try {
    return frame(part, ids, depth)
  } catch (error) {
    throw error instanceof z.ZodError ? new Error(`in its post_processor, ${describe(error)}`) : error
  }
}
