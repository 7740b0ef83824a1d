/**
 * Genre cells that list names between separators: `Drama, War`. A name that contains the separator is kept whole if it is quoted
 * (`"Arts, Crafts", War`), escaped (`Arts\, Crafts`) or protected, that is, known to be one name.
 */
import { UserError } from '../../../../contract/errors.ts'
import { withoutHtml } from '../../clean/characters.ts'
import { foldText } from '../../clean/hashing.ts'
import { required } from '../../../../contract/required.ts'

/** The style of a file's lists, for what a single cell does not show. */
export interface ListStyle {
  /** Names that contain the separator and are not split. */
  readonly protectedNames?: readonly string[]
  /** The text between two names in most of the file's cells, such as `,` or `, `; by default the separator and the usual space after it. */
  readonly between?: string | undefined
}

/** How cells of one syntax are read and written. */
export interface Syntax {
  readonly parse: (cell: string, protectedNames: readonly string[]) => string[]
  readonly format: (cell: string, genres: readonly string[], known: ReadonlyMap<string, string>, style: ListStyle) => string
  /** Adds to `known` the names for which the cell has a spelling of its own. */
  readonly learn?: (cell: string, known: Map<string, string>) => void
  /** The text between the first two names of the cell; undefined for a cell of one name. */
  readonly betweenOf?: (cell: string, protectedNames: readonly string[]) => string | undefined
}

/** A genre, and its text at [start, end) of the cell. */
export interface GenreToken {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** Protected names by the folded text of their first part, longest first. */
type Protected = ReadonlyMap<string, readonly (readonly string[])[]>

const MAX_ENTITY_CHARACTERS = 33
/** Names of the file that are examined to learn how it quotes. */
const EXAMPLES = 50
/** Compiled protected names, one entry per list and separator. */
const compiled = new WeakMap<readonly string[], Map<string, Protected>>()

/** The names of a cell as written, trimmed, without empty ones. */
export function splitNames(cell: string, char: string, protectedNames: readonly string[]): string[] {
  if (!cell.includes(char) && !/^\s*["']/.test(cell)) return cell.trim() === '' ? [] : [plainName(cell)]
  return tokensOf(cell, char, protectedNames).map(({ name }) => name)
}

/** A genre's name without HTML entities and tags: `Action &amp; Adventure` is Action & Adventure. */
export function plainName(text: string): string {
  return (withoutHtml(text) ?? text).trim()
}

/** The names of a cell with their places. */
export function tokensOf(cell: string, char: string, protectedNames: readonly string[]): GenreToken[] {
  const parts = partsOf(cell, char)
  return protectedNames.length === 0 ? parts : joinProtected(cell, parts, compile(protectedNames, char))
}

/**
 * The cell with other names, in its own style, or the file's where it has none: its separator, its spelling of the names that stay.
 * `known`: how other cells write a name that needs quotes or escapes. Throws a UserError if the result would not read back as `genres`.
 */
export function joinNames(
  cell: string,
  genres: readonly string[],
  { char, separator, protectedNames }: { readonly char: string; readonly separator: string; readonly protectedNames: readonly string[] },
  known: ReadonlyMap<string, string>,
): string {
  const tokens = tokensOf(cell, char, protectedNames)
  const here = new Map(tokens.map(({ name, start, end }) => [name, cell.slice(start, end)]))
  const [first] = tokens
  // a cell without quotes gets no quotes for a name that needs none, however other cells write that name
  const plain = tokens.length > 0 && [...here].every(([name, text]) => name === text)
  const texts = genres.map((name) => {
    const own = here.get(name)
    if (own !== undefined && isSafe(own, name, char)) return own
    return newName(name, char, { protectedNames, known, plain }) ?? own ?? refuse(name, char)
  })
  // `#drama #war` begins with a separator
  const lead = first && genres.length > 0 ? cell.slice(0, first.start).trim() : ''
  // two adjacent names may look like one protected name: reordering them avoids that
  for (const order of [texts, texts.toReversed(), texts.toSorted()]) {
    const text = surround(cell, lead + order.join(betweenOf(cell, tokens, char) ?? separator))
    if (sameNames(splitNames(text, char, protectedNames), genres)) return text
  }
  throw new UserError(
    'genre-contains-separator',
    `The genres ${genres.join(' and ')} cannot be told apart when "${char}" stands between them. Rename one of them before exporting.`,
    { genres },
  )
}

/** The text between the first two names of a cell: the separator with the white space around it. */
export function betweenOf(cell: string, [first, second]: readonly GenreToken[], char: string): string | undefined {
  return first && second ? new RegExp(`(?<![ \\t])[ \\t]*\\${char}[ \\t]*`).exec(cell.slice(first.end, second.start))?.[0] : undefined
}

/** `text` with the white space that surrounded the cell's text. */
export function surround(cell: string, text: string): string {
  const inner = cell.trim()
  if (inner === '') return text
  const start = cell.indexOf(inner)
  return cell.slice(0, start) + text + cell.slice(start + inner.length)
}

/** The parts between the separators, without quotes and escapes. */
function partsOf(cell: string, char: string): GenreToken[] {
  const parts: GenreToken[] = []
  for (let from = 0; from <= cell.length;) {
    const part = (mayBeQuoted(cell, char, from) ? quotedPart(cell, char, from) : null) ?? plainPart(cell, char, from)
    if (part.name !== '') parts.push(part)
    from = part.next
  }
  return parts
}

interface Part extends GenreToken {
  /** Offset at which the next part begins. */
  readonly next: number
}

/** True if a part begins with a quote. It looks no further than the part, so that a run of white space is not read again for each part. */
function mayBeQuoted(cell: string, char: string, from: number): boolean {
  const end = cell.indexOf(char, from)
  const begin = cell.slice(from, end < 0 ? undefined : end).trimStart()
  return begin.startsWith('"') || begin.startsWith("'")
}

const QUOTED = /\s*(?:"([^"]*(?:""[^"]*)*)"|'([^']*(?:''[^']*)*)')\s*/y

/** The text of a part that is quoted as a whole; null for any other part. */
function quotedPart(cell: string, char: string, from: number): Part | null {
  QUOTED.lastIndex = from
  const match = QUOTED.exec(cell)
  if (!match) return null
  const next = QUOTED.lastIndex
  if (next < cell.length && !cell.startsWith(char, next)) return null
  const name = match[1]?.replaceAll('""', '"') ?? required(match[2], 'an entry of match').replaceAll("''", "'")
  const text = match[0].trim()
  const start = from + match[0].indexOf(text)
  return { name: plainName(name), start, end: start + text.length, next: next + char.length }
}

function plainPart(cell: string, char: string, from: number): Part {
  let at = cell.indexOf(char, from)
  let escaped = false
  while (at >= from && (inEntity(cell, at) || (at > from && cell[at - 1] === '\\'))) {
    escaped ||= cell[at - 1] === '\\'
    at = cell.indexOf(char, at + 1)
  }
  const stop = at < 0 ? cell.length : at
  const whole = cell.slice(from, stop)
  const text = whole.trim()
  const start = from + (whole.length - whole.trimStart().length)
  const name = plainName(escaped ? text.replaceAll('\\' + char, char) : text)
  return { name, start, end: start + text.length, next: stop + char.length }
}

/** True if the sign at `at` belongs to an HTML entity, as the semicolon of `&amp;` does. */
function inEntity(cell: string, at: number): boolean {
  const from = Math.max(0, at - MAX_ENTITY_CHARACTERS)
  const text = cell.slice(from, at + MAX_ENTITY_CHARACTERS)
  const start = text.lastIndexOf('&', at - from)
  const [entity] = start < 0 ? [] : (/^&#?\w+;/.exec(text.slice(start)) ?? [])
  return entity !== undefined && from + start + entity.length > at && plainName(entity) !== entity
}

function joinProtected(cell: string, parts: readonly GenreToken[], names: Protected): GenreToken[] {
  const tokens: GenreToken[] = []
  for (let i = 0; i < parts.length;) {
    const part = required(parts[i], 'an entry of parts')
    const length = names
      .get(foldText(part.name))
      ?.find((name) => name.every((text, j) => foldText(parts[i + j]?.name ?? '') === text))?.length
    if (length === undefined) tokens.push(part)
    else {
      const end = required(parts[i + length - 1], 'an entry of parts').end
      tokens.push({ name: plainName(cell.slice(part.start, end)), start: part.start, end })
    }
    i += length ?? 1
  }
  return tokens
}

function compile(names: readonly string[], char: string): Protected {
  const bySeparator = compiled.get(names) ?? new Map<string, Protected>()
  compiled.set(names, bySeparator)
  const found = bySeparator.get(char)
  if (found) return found
  const parts = names.map((name) =>
    name
      .split(char)
      .map(foldText)
      .filter((part) => part !== ''),
  )
  const several = parts.filter(({ length }) => length > 1).sort((a, b) => b.length - a.length)
  const made = Map.groupBy(several, ([first]) => required(first, 'first'))
  bySeparator.set(char, made)
  return made
}

interface WritingStyle {
  readonly protectedNames: readonly string[]
  readonly known: ReadonlyMap<string, string>
  /** True if the cell writes its own names without quotes and escapes. */
  readonly plain: boolean
}
/**
 * How to write a name that the cell does not contain yet: as the cell writes names, as elsewhere in the file, plain, or with quotes or
 * escapes if the file has such names.
 */
function newName(name: string, char: string, { protectedNames, known, plain }: WritingStyle): string | undefined {
  const elsewhere = known.get(name) ?? name
  const candidates = [
    ...(plain ? [name, elsewhere] : [elsewhere, name]),
    ...[...known.values()].slice(0, EXAMPLES).map((like) => asWritten(name, char, like)),
  ]
  return candidates.find(
    (text) => sameNames(splitNames(text, char, protectedNames), [name]) && (isSafe(text, name, char) || text.includes(char)),
  )
}

/** True if the text still reads as the name when other names follow: a backslash at its end would escape the separator. */
function isSafe(text: string, name: string, char: string): boolean {
  return sameNames(splitNames(`${text}${char}x`, char, []), [name, 'x'])
}

function refuse(name: string, char: string): never {
  throw new UserError(
    'genre-contains-separator',
    `The genre "${name}" contains "${char}", which separates genres in this file. Rename the genre before exporting.`,
    { genre: name },
  )
}

/** The name with the quotes or the escapes of another one's text. */
function asWritten(name: string, char: string, like: string): string {
  const quote = like[0] === '"' || like[0] === "'" ? like[0] : null
  if (quote !== null) return quote + name.replaceAll(quote, quote + quote) + quote
  return like.includes('\\' + char) ? name.replaceAll(char, '\\' + char) : name
}

function sameNames(read: readonly string[], wanted: readonly string[]): boolean {
  return read.length === wanted.length && wanted.every((name) => read.includes(name)) && read.every((name) => wanted.includes(name))
}

/** True if the cell contains the name, whatever separates it. */
export function isOneName(cell: string, char: string, name: string): boolean {
  const tokens = tokensOf(cell, char, [name])
  return tokens.some((token) => foldText(token.name) === foldText(name))
}
