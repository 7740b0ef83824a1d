/** A tokenizer.json, validated before any token of it is used. */
import { z } from 'zod'
import { schemaProblems } from '../../../contract/errors.ts'
import type { AddedToken } from './added.ts'
import { isObject, unusable } from './files.ts'

/** More entries than any published vocabulary has. */
const MAX_ENTRIES = 2_000_000
const MAX_TOKEN_CHARACTERS = 4096
const MAX_PATTERN_CHARACTERS = 10_000
/** Code units of all added tokens together, which become one pattern. */
const MAX_ADDED = 1_000_000

const part = z.looseObject({ type: z.string() }).nullish()
const TOKENIZER_JSON = z.looseObject({
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.unknown().optional(),
    merges: z.unknown().optional(),
    unk_token: z.string().nullish(),
    unk_id: z.int().nonnegative().nullish(),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
    max_input_chars_per_word: z.int().min(1).max(100_000).nullish(),
  }),
  added_tokens: z
    .array(
      z.looseObject({
        id: z.int().nonnegative(),
        content: z.string().min(1).max(MAX_TOKEN_CHARACTERS),
        special: z.boolean().default(false),
        normalized: z.boolean().optional(),
        lstrip: z.boolean().default(false),
        rstrip: z.boolean().default(false),
      }),
    )
    .max(100_000)
    .nullish(),
  normalizer: part,
  pre_tokenizer: part,
  post_processor: part,
})

type Part = Readonly<Record<string, unknown>> & { readonly type: string }
export const MODELS = ['WordPiece', 'BPE', 'Unigram'] as const
export interface Definition {
  /** The form that the library reads. */
  readonly json: Readonly<Record<string, unknown>>
  readonly model: {
    readonly type: (typeof MODELS)[number]
    readonly unknownToken: string | null
    readonly prefix: string
    readonly suffix: string
    readonly longestWord: number
  }
  /** Ids of the model's tokens and of the added ones. */
  readonly ids: ReadonlyMap<string, number>
  readonly added: readonly AddedToken[]
  readonly normaliser: Part | null
  readonly preTokeniser: Part | null
  readonly postProcessor: Part | null
}

/**
 * @param json contents of the file at `path`
 * @throws UserError `bad-tokenizer` that says what is wrong
 */
export function parseDefinition(json: Readonly<Record<string, unknown>>, path: string): Definition {
  const refuse = (why: string): never => {
    throw unusable(path, why)
  }
  const parsed = TOKENIZER_JSON.safeParse(json)
  if (!parsed.success) {
    return refuse(describe(parsed.error))
  }
  const { model, added_tokens: tokens, normalizer, pre_tokenizer: preTokeniser, post_processor: postProcessor } = parsed.data
  const type = modelType(model) ?? refuse(`its model is of kind ${model.type ?? 'unknown'}; known are ${MODELS.join(', ')}`)
  // the vocabulary comes from the file itself, because a schema's copy would lose a token such as "__proto__"
  const raw = (json['model'] as Record<string, unknown>)['vocab']
  const added = (tokens ?? []).map((t) => ({ ...t, normalized: t.normalized ?? !t.special }))
  const addedLength = added.reduce((sum, { content }) => sum + content.length, 0)
  if (addedLength > MAX_ADDED) refuse(`its added tokens have ${addedLength} characters together, and ${MAX_ADDED} is the most`)
  const ids = idsOf(raw, added, refuse)
  if (type === 'BPE' && !areMerges(model.merges)) refuse('its model.merges is not a list of pairs of tokens')
  if (type === 'WordPiece' && !ids.has(model.unk_token ?? '')) refuse(`its vocabulary lacks the unknown token ${model.unk_token ?? ''}`)
  if (longestPattern([normalizer, preTokeniser]) > MAX_PATTERN_CHARACTERS)
    refuse(`one of its patterns is longer than ${MAX_PATTERN_CHARACTERS} characters`)
  return {
    json: { normalizer: null, pre_tokenizer: null, ...json, model: { ...(json['model'] as Record<string, unknown>), type } },
    model: {
      type,
      unknownToken: model.unk_token ?? null,
      prefix: model.continuing_subword_prefix ?? (type === 'WordPiece' ? '##' : ''),
      suffix: model.end_of_word_suffix ?? '',
      longestWord: model.max_input_chars_per_word ?? 100,
    },
    ids,
    added,
    normaliser: normalizer ?? null,
    preTokeniser: preTokeniser ?? null,
    postProcessor: postProcessor ?? null,
  }
}

/** The first error of a schema, as text. */
export const describe = (error: z.ZodError): string => `a value is wrong (${schemaProblems(error, 'all of it')})`

/** Files from before 2020 do not name the kind of their model. */
function modelType(model: z.output<typeof TOKENIZER_JSON>['model']): (typeof MODELS)[number] | null {
  if (model.type !== undefined) return MODELS.find((m) => m === model.type) ?? null
  if (Array.isArray(model.vocab)) return 'Unigram'
  return model.merges === undefined ? 'WordPiece' : 'BPE'
}

type Refuse = (why: string) => never

function idsOf(vocabulary: unknown, added: readonly AddedToken[], refuse: Refuse): ReadonlyMap<string, number> {
  const entries = entriesOf(vocabulary, refuse)
  const most = entries.length + added.length
  if (entries.length === 0) refuse('its vocabulary is empty')
  if (most > MAX_ENTRIES) refuse(`its vocabulary has ${most} entries, and ${MAX_ENTRIES} is the most`)
  const ids = new Map<string, number>()
  const tokens = new Map<number, string>()
  const add = (token: string, id: unknown): void => {
    const name = JSON.stringify(token.slice(0, 60))
    // a few gaps are common; an id far above all others would require an embedding table of that size
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= 2 * most + 1024)
      refuse(`the id of the token ${name} is ${JSON.stringify(id)}, which is out of range for ${most} tokens`)
    const other = tokens.get(id as number)
    if (other !== undefined && other !== token)
      refuse(`the tokens ${JSON.stringify(other.slice(0, 60))} and ${name} share the id ${id as number}`)
    if (token.length > MAX_TOKEN_CHARACTERS) refuse(`the token ${name}… is longer than ${MAX_TOKEN_CHARACTERS} characters`)
    ids.set(token, id as number)
    tokens.set(id as number, token)
  }
  for (const [token, id] of entries) add(token, id)
  for (const { content, id } of added) add(content, id)
  return ids
}

/** Entries of a map of ids, or of Unigram's list of tokens and scores. */
function entriesOf(vocabulary: unknown, refuse: Refuse): readonly (readonly [string, unknown])[] {
  if (isObject(vocabulary)) return Object.entries(vocabulary)
  if (!Array.isArray(vocabulary)) return refuse('its model has no vocabulary')
  return vocabulary.map((entry: unknown, id): [string, number] => {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string' || typeof entry[1] !== 'number' || !Number.isFinite(entry[1]))
      return refuse(`entry ${id} of its vocabulary is not a token with a score`)
    return [entry[0], id]
  })
}

const isPair = (merge: unknown): boolean =>
  typeof merge === 'string' ? merge.includes(' ') : Array.isArray(merge) && merge.length === 2 && merge.every((t) => typeof t === 'string')
const areMerges = (merges: unknown): boolean => Array.isArray(merges) && merges.length <= MAX_ENTRIES && merges.every(isPair)

/** Code units of the longest regular expression below a part of the file. */
function longestPattern(value: unknown): number {
  let longest = 0
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    for (const [key, inner] of Object.entries(next)) {
      if (key === 'Regex' && typeof inner === 'string') longest = Math.max(longest, inner.length)
      open.push(inner)
    }
  }
  return longest
}
