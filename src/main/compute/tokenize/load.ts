/** Loads tokenizers from a folder in Hugging Face's layout, or from a BERT vocabulary. */
import { join } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import { count, many, quoted } from '../../../contract/words.ts'
import type { AddedToken } from './added.ts'
import { bertPieces, type PieceMaker } from './bert.ts'
import { type BertTextOptions, UNCASED } from './bert-text.ts'
import { type Definition, parseDefinition } from './definition.ts'
import { readObject, readText, unusable } from './files.ts'
import { frameOf } from './frame.ts'
import { type Spelling, surfaceOf } from './align-tokens.ts'
import { generalPieces, SPACE, spellingOf } from './general.ts'
import { libraryParts } from './library.ts'
import { specialIds, type SpecialIds, type SpecialTokens, specialTokens } from './specials.ts'
import { withinTime } from './time-limit.ts'
import type { EncodeOptions, Encoding, Frame, Tokenizer } from './types.ts'
import { wordPieceVocabulary } from './wordpiece.ts'

/** Time limit of the patterns of a file for a batch of texts. A text takes about a millisecond. */
const MAX_PATTERN_MS = 5_000
const TEXTS = 64

/**
 * The tokenizer of a model: `tokenizer.json` (with the additions of tokenizer_config.json and special_tokens_map.json), or else BERT's
 * from `vocab.txt`.
 * @param folder of the model
 * @param words rows of the model's word embeddings. Padding needs none of them: the mask hides it, whatever its id is.
 * @param limitMs longest time for the patterns of a tokenizer.json, for {@link TEXTS} texts at a time
 * @throws UserError `no-tokenizer` if the folder has neither, `bad-tokenizer` that names the file and what is wrong with it
 */
export function loadTokenizer(folder: string, words = Infinity, limitMs = MAX_PATTERN_MS): Tokenizer {
  const tokenizer = tokenizerIn(folder, limitMs)
  const { padId, vocabularySize } = tokenizer
  const beyond = []
  for (let id = words; id < vocabularySize; id++) {
    const token = id === padId ? null : tokenizer.token(id)
    if (token !== null) beyond.push(token)
  }
  if (beyond.length > 0)
    throw unusable(
      folder,
      `it has ${many(beyond.length, 'entry', 'entries')} beyond the ${count(words)} words of the model, such as ${quoted(beyond[0] ?? '')}`,
    )
  return padId < words ? tokenizer : { ...tokenizer, padId: 0 }
}

function tokenizerIn(folder: string, limitMs: number): Tokenizer {
  const config = readObject(join(folder, 'tokenizer_config.json'))
  const special = specialTokens([config, readObject(join(folder, 'special_tokens_map.json'))])
  const path = join(folder, 'tokenizer.json')
  const json = readObject(path)
  if (json) return fromDefinition(json, { path, config: config ?? {}, special, limitMs })
  const list = join(folder, 'vocab.txt')
  const lines = readText(list)
  if (lines === null)
    throw new UserError(
      'no-tokenizer',
      `${folder} has neither tokenizer.json nor vocab.txt, so no text can be read for this model. Save its fast tokenizer into the ` +
        'folder with Transformers (tokenizer.save_pretrained), or download the model again.',
      { path: folder },
    )
  try {
    return fromVocabulary(lines.replace(/\r?\n$/, '').split(/\r?\n/), { ...textOptions(config ?? {}, UNCASED), special })
  } catch (error) {
    throw error instanceof UserError ? error : unusable(list, messageOf(error))
  }
}

export interface VocabularyOptions extends Partial<BertTextOptions> {
  /** Special tokens whose names differ from BERT's. */
  readonly special?: SpecialTokens
}
const BERT_SPECIALS = {
  pad_token: '[PAD]',
  unk_token: '[UNK]',
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  mask_token: '[MASK]',
} as const
const WORDPIECE = { prefix: '##', longestWord: 100 } as const

/**
 * BERT's tokenizer for a vocabulary: one token per line, whose id is the line number (of repeated tokens the last counts, as in
 * Transformers). Uncased by default.
 * @throws Error naming a missing special token
 */
export function fromVocabulary(lines: readonly string[], { special = {}, ...options }: VocabularyOptions = {}): Tokenizer {
  const named = { ...BERT_SPECIALS, ...special }
  const ids = new Map(lines.map((token, id) => [token, id]))
  const id = (token: string): number => {
    const known = ids.get(token)
    if (known === undefined) throw new Error(`its vocabulary lacks ${token}`)
    return known
  }
  const added = Object.keys(BERT_SPECIALS)
    .map((name) => named[name as keyof typeof BERT_SPECIALS])
    .filter((content) => ids.has(content))
    .map((content): AddedToken => ({ id: id(content), content, special: true, normalized: false, lstrip: false, rstrip: false }))
  const vocabulary = wordPieceVocabulary(ids, { ...WORDPIECE, unknown: id(named.unk_token) })
  const frame: Frame = { before: [id(named.cls_token)], after: [id(named.sep_token)] }
  return tokenizer({
    pieces: bertPieces({ vocabulary, text: { ...UNCASED, ...options }, added }),
    frame,
    ids,
    special: specialIds(ids, added, named),
    spelling: { byteLevel: false, space: SPACE, prefix: WORDPIECE.prefix, suffix: '' },
  })
}

interface Around {
  readonly path: string
  readonly config: Record<string, unknown>
  readonly special: SpecialTokens
  readonly limitMs: number
}
function fromDefinition(json: Record<string, unknown>, { path, config, special, limitMs }: Around): Tokenizer {
  const definition = parseDefinition(withOverrides(json, config), path)
  const { ids, added, postProcessor } = definition
  try {
    const frame = frameOf(postProcessor, ids)
    const slow = (): UserError =>
      unusable(path, `its patterns took longer than ${limitMs / 1000} seconds for ${TEXTS} texts or fewer, and may take for ever`)
    const limit: Limit = (work) => withinTime(limitMs, work, slow)
    const parts = { frame, ids, special: specialIds(ids, added, special), spelling: spellingOf(definition) }
    const known = readsAsBert(definition)
      ? tokenizer({ ...parts, pieces: bertOf(definition) })
      : tokenizer({ ...parts, pieces: limit(() => generalPieces(definition, libraryParts(definition))), limit })
    known.encode('A film. ').offsets.at(0)
    return known
  } catch (error) {
    throw error instanceof UserError ? error : unusable(path, messageOf(error))
  }
}
const messageOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, '').slice(0, 300) : String(error))

/** Explicit settings of tokenizer_config.json override BERT's normaliser, as in Transformers. */
function withOverrides(json: Record<string, unknown>, config: Record<string, unknown>): Record<string, unknown> {
  const normaliser = json['normalizer'] as Record<string, unknown> | null | undefined
  if (normaliser?.['type'] !== 'BertNormalizer') return json
  const { lowercase, stripAccents, chineseChars } = textOptions(config, bertOptions(normaliser))
  return { ...json, normalizer: { ...normaliser, lowercase, strip_accents: stripAccents, handle_chinese_chars: chineseChars } }
}
const flag = (value: unknown, otherwise: boolean): boolean => (typeof value === 'boolean' ? value : otherwise)

function bertOptions(normaliser: Readonly<Record<string, unknown>>): BertTextOptions {
  const accents = normaliser['strip_accents']
  return {
    lowercase: flag(normaliser['lowercase'], true),
    stripAccents: typeof accents === 'boolean' ? accents : null,
    chineseChars: flag(normaliser['handle_chinese_chars'], true),
    cleanText: flag(normaliser['clean_text'], true),
  }
}

function textOptions(config: Readonly<Record<string, unknown>>, otherwise: BertTextOptions): BertTextOptions {
  const accents = config['strip_accents']
  return {
    lowercase: flag(config['do_lower_case'], otherwise.lowercase),
    stripAccents: typeof accents === 'boolean' ? accents : otherwise.stripAccents,
    chineseChars: flag(config['tokenize_chinese_chars'], otherwise.chineseChars),
    cleanText: otherwise.cleanText,
  }
}

/** True if `bert.ts` supports everything that this tokenizer does. */
const readsAsBert = ({ model, normaliser, preTokeniser, added }: Definition): boolean =>
  model.type === 'WordPiece' &&
  model.prefix !== '' &&
  normaliser?.type === 'BertNormalizer' &&
  preTokeniser?.type === 'BertPreTokenizer' &&
  added.every((token) => !token.normalized && !token.lstrip && !token.rstrip)

function bertOf({ model, normaliser, ids, added }: Definition): PieceMaker {
  const { prefix, longestWord, unknownToken } = model
  const vocabulary = wordPieceVocabulary(ids, { unknown: ids.get(unknownToken!)!, prefix, longestWord })
  return bertPieces({ vocabulary, text: bertOptions(normaliser!), added })
}

type Limit = <T>(work: () => T) => T
const noLimit: Limit = (work) => work()

interface Parts {
  readonly pieces: PieceMaker
  readonly frame: Frame
  readonly ids: ReadonlyMap<string, number>
  readonly special: SpecialIds
  readonly spelling: Spelling
  readonly limit?: Limit
}
function tokenizer({ pieces, frame, ids, special, spelling, limit = noLimit }: Parts): Tokenizer {
  const tokens = new Map(Array.from(ids, ([token, id]) => [id, token]))
  let vocabularySize = 0
  for (const id of ids.values()) vocabularySize = Math.max(vocabularySize, id + 1)
  const encode = (text: string, options: EncodeOptions = {}): Encoding => {
    const around = { whole: frame, before: { before: frame.before, after: [] }, none: { before: [], after: [] } }[options.frame ?? 'whole']
    const room = roomFor(options, around)
    return framed(pieces.ids(text, room), around, () => limit(() => pieces.locate(text, room).spans))
  }
  return {
    ...special,
    vocabularySize,
    encode: (text, options) => limit(() => encode(text, options)),
    encodeMany: (texts, options) => {
      const all = [...texts]
      const starts = Array.from({ length: Math.ceil(all.length / TEXTS) }, (_, i) => i * TEXTS)
      return starts.flatMap((at) => limit(() => all.slice(at, at + TEXTS).map((text) => encode(text, options))))
    },
    text: (list) => {
      const surfaces = list.filter((id) => !special.specials.has(id)).map((id) => surfaceOf(tokens.get(id) ?? '', spelling, false))
      return new TextDecoder().decode(Buffer.concat(surfaces))
    },
    token: (id) => tokens.get(id) ?? null,
  }
}

/**
 * Number of tokens of the text itself that fit.
 * @throws RangeError if none fits
 */
function roomFor({ maxTokens = Infinity }: EncodeOptions, { before, after }: Frame): number {
  const room = maxTokens - before.length - after.length
  if (!(room >= 1)) throw new RangeError(`maxTokens is ${maxTokens}, too few for ${before.length + after.length} special tokens and a text`)
  return room
}

/**
 * Adds the special tokens.
 * @param ids tokens of the text, at most as many as fit
 * @param locate returns pairs of positions of at least those tokens; called once, when offsets are requested
 */
function framed(ids: readonly number[], { before, after }: Frame, locate: () => readonly number[]): Encoding {
  const length = before.length + ids.length + after.length
  const all = new Int32Array(length)
  all.set(before)
  all.set(ids, before.length)
  all.set(after, before.length + ids.length)
  let offsets: Int32Array | null = null
  return {
    ids: all,
    get offsets() {
      if (offsets) return offsets
      offsets = new Int32Array(2 * length)
      offsets.set(locate().slice(0, 2 * ids.length), 2 * before.length)
      return offsets
    },
  }
}
