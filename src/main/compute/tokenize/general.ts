/** Any tokenizer that the library supports: its parts produce the tokens; their positions are found afterwards, and only on request. */
import { type AddedToken, splitter } from './added.ts'
import { alignNormaliser } from './align-normaliser.ts'
import { alignTokens, type Spelling, surfaceOf } from './align-tokens.ts'
import { type Aligned, AlignedWriter, asItStands } from './aligned.ts'
import type { PieceMaker } from './bert.ts'
import type { Definition } from './definition.ts'
import { isObject } from './files.ts'
import type { LibraryParts } from './library.ts'
import { wordIds } from './word-cache.ts'

/** Converts text to ids with the parts of any tokenizer.json, with offsets into the original text. */
export function generalPieces(definition: Definition, library: LibraryParts): PieceMaker {
  const normalise = (text: string): string => library.normaliser?.apply(text) ?? text
  const late = (token: AddedToken): boolean => token.normalized && library.normaliser !== null
  const splitText = splitter(definition.added.filter((token) => !late(token)))
  const splitNormal = splitter(definition.added.filter(late), (token) => normalise(token.content))
  const spelling = spellingOf(definition)
  const idsOf = wordIds(definition, library)
  return {
    ids(text, room) {
      const ids: number[] = []
      for (const [place, { added, start, end }] of splitText(text).entries()) {
        if (ids.length >= room) break
        if (added) {
          ids.push(added.id)
          continue
        }
        const normal = normalise(text.slice(start, end))
        for (const part of splitNormal(normal))
          if (part.added) ids.push(part.added.id)
          else for (const id of idsOf(library.preTokenise(normal.slice(part.start, part.end), place))) ids.push(id)
      }
      if (ids.length > room) ids.length = room
      return ids
    },
    locate(text, room) {
      const ids: number[] = []
      const spans: number[] = []
      for (const [place, { added, start, end }] of splitText(text).entries()) {
        if (ids.length >= room) break
        if (added) {
          ids.push(added.id)
          spans.push(start, end)
          continue
        }
        const normal = alignNormaliser(asItStands(text, start, end), library.normaliser)
        for (const part of splitNormal(normal.text)) {
          if (part.added) {
            ids.push(part.added.id)
            spans.push(normal.starts[part.start]!, normal.ends[part.end - 1]!)
          } else {
            const { tokens, surfaces } = surfacesOf(library, spelling, library.preTokenise(normal.text.slice(part.start, part.end), place))
            ids.push(...tokens)
            spans.push(...alignTokens(slice(normal, part.start, part.end), surfaces, spelling.space))
          }
        }
      }
      return { ids, spans }
    },
  }
}

function slice(source: Aligned, from: number, to: number): Aligned {
  const writer = new AlignedWriter()
  writer.copy(source, from, to)
  return writer.done()
}

/** Ids of words and the bytes that each represents; null where only the neighbours determine them. */
function surfacesOf(
  library: LibraryParts,
  spelling: Spelling,
  words: string[],
): { readonly tokens: readonly number[]; readonly surfaces: readonly (Uint8Array | null)[] } {
  const whole = library.tokenise(words)
  const byWord = words.map((word) => ({ word, tokens: library.tokenise([word]) }))
  const surface = (token: string): Uint8Array | null => (token === library.unknownToken ? null : surfaceOf(token, spelling, false))
  const separate = byWord.reduce((n, { tokens }) => n + tokens.length, 0) === whole.length
  const all = separate
    ? byWord.flatMap(({ word, tokens }) => tokens.map((token) => (tokens.length === 1 ? surfaceOf(word, spelling, true) : surface(token))))
    : whole.map(surface)
  const known = whole.map((token, i) => ({ id: library.idOf(token), surface: all[i]! })).filter(({ id }) => id !== undefined)
  return { tokens: known.map(({ id }) => id!), surfaces: known.map(({ surface: bytes }) => bytes) }
}

/** SentencePiece's character for a space. */
export const SPACE = '\u2581'

/** The vocabulary's spelling, derived from the kinds of its parts. */
export function spellingOf({ model, preTokeniser, normaliser }: Definition): Spelling {
  return {
    byteLevel: mentions(preTokeniser, 'ByteLevel') || mentions(normaliser, 'ByteLevel'),
    space: SPACE,
    prefix: model.prefix,
    suffix: model.suffix,
  }
}
function mentions(part: unknown, type: string): boolean {
  if (Array.isArray(part)) return part.some((p) => mentions(p, type))
  return isObject(part) && (part['type'] === type || mentions(part['pretokenizers'] ?? part['normalizers'], type))
}
