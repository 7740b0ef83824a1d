/** The special tokens that tokenizer_config.json and special_tokens_map.json name. */
import type { AddedToken } from './added.ts'
import { isObject } from './files.ts'

const NAMES = ['pad_token', 'unk_token', 'cls_token', 'sep_token', 'mask_token', 'bos_token', 'eos_token'] as const
type Name = (typeof NAMES)[number]
export type SpecialTokens = Readonly<Partial<Record<Name, string>>>
type Json = Readonly<Record<string, unknown>> | null

/** A token, or the object that describes it. */
const contentOf = (value: unknown): string | undefined => {
  const content = isObject(value) ? value['content'] : value
  return typeof content === 'string' && content !== '' ? content : undefined
}

/** The first of `files` that names a token is used. */
export function specialTokens(files: readonly Json[]): SpecialTokens {
  const found: Partial<Record<Name, string>> = {}
  for (const name of NAMES)
    for (const file of files) {
      const content = contentOf(file?.[name])
      if (content !== undefined) found[name] ??= content
    }
  return found
}

export interface SpecialIds {
  readonly padId: number
  readonly maskId: number | null
  readonly specials: ReadonlySet<number>
}

/** BERT's names are used for tokens that the files do not name. */
export function specialIds(ids: ReadonlyMap<string, number>, added: readonly AddedToken[], named: SpecialTokens): SpecialIds {
  const idOf = (...tokens: (string | undefined)[]): number | undefined => {
    const token = tokens.find((t) => t !== undefined && ids.has(t))
    return token === undefined ? undefined : ids.get(token)
  }
  const padId = idOf(named.pad_token, '[PAD]', '<pad>', named.eos_token, named.unk_token) ?? 0
  const specials = new Set(added.filter((token) => token.special).map(({ id }) => id))
  for (const name of NAMES) {
    const id = idOf(named[name])
    if (id !== undefined) specials.add(id)
  }
  return { padId, maskId: idOf(named.mask_token, '[MASK]', '<mask>') ?? null, specials }
}
