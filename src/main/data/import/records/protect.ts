/**
 * Finds genre names that contain the separator of their cells, such as "Arts, Entertainment, and Culture" in a list with commas. The
 * evidence is co-occurrence: the parts of one name are adjacent in every cell, in the same order; separate genres are not.
 */
import type { GenreSyntax, ProtectedName } from '../../../../contract/importing.ts'
import { foldText } from '../../clean/hashing.ts'
import { required } from '../../../../contract/required.ts'
import { isUsualGenre } from './genre-names.ts'
import { separatorOf } from './genres.ts'
import { tokensOf } from './separated.ts'

/** `and Culture`, `& Culture`, `oder Krimi`: a part that continues the one before it. */
const CONTINUES = /^(?:(?:and|And|or|und|oder|et|ou|y|e|o|og|och|en|и)\s+|[&+]\s*)(?=\S)/
/** Separators that also occur inside names; a vertical bar or a semicolon inside a name is quoted. */
const IN_NAMES = ',/-+ '
/** Parts that occur together this often and are not common genres are one name even without other evidence. */
const MIN_COUNT = 6
/** Parts written without the white space that stands around other separators, or in lower case where others are not. */
const MIN_STYLED_COUNT = 2
const MAX_NAME_PARTS = 6
/** Longer cells are not lists of genres. */
const MAX_CELL_CHARACTERS = 2000

interface Part {
  count: number
  /** How often it directly precedes each other part. */
  readonly before: Map<string, { count: number; tight: number }>
}
interface Evidence {
  readonly parts: ReadonlyMap<string, Part>
  readonly char: string
  /** Most separators have white space beside them. */
  readonly spaced: boolean
  /** Most parts begin with a capital. */
  readonly capitals: boolean
}

/** The names in `cells` (those that are not empty) that the syntax would split; none for a syntax without a separator. */
export function findProtected(cells: readonly string[], syntax: GenreSyntax): readonly ProtectedName[] {
  const char = separatorOf(syntax)
  if (char === undefined) return []
  const lists = cells.filter(({ length }) => length <= MAX_CELL_CHARACTERS).map((cell) => ({ cell, tokens: tokensOf(cell, char, []) }))
  const evidence = weigh(lists, char)
  const found = new Map<string, { name: string; count: number; why: string }>()
  for (const { cell, tokens } of lists) {
    const names = tokens.map(({ name }) => name)
    for (let i = 0; i + 1 < tokens.length; i++) {
      const run = runFrom(names, i, evidence)
      if (run === null) continue
      const name = cell.slice(
        required(tokens[i], 'an entry of tokens').start,
        required(tokens[i + run.length - 1], 'an entry of tokens').end,
      )
      const key = foldText(name)
      const known = found.get(key)
      if (known) known.count++
      else found.set(key, { name, count: 1, why: run.why })
      i += run.length - 1
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}

/** The name that begins at part `i` of a cell: how many parts it has, and the evidence; null if the part is a genre of its own. */
function runFrom(names: readonly string[], i: number, evidence: Evidence): { length: number; why: string } | null {
  let length = 1
  while (
    length < MAX_NAME_PARTS &&
    i + length < names.length &&
    inseparable(required(names[i + length - 1], 'an entry of names'), required(names[i + length], 'an entry of names'), evidence)
  )
    length++
  // the longest run of parts that ends with evidence for one name
  for (; length > 1; length--) {
    const why = reasonFor(names.slice(i, i + length), evidence)
    if (why !== null) return { length, why }
  }
  return null
}

/** True if neither part ever occurs without the other beside it. */
function inseparable(first: string, second: string, { parts }: Evidence): boolean {
  const [a, b] = [required(parts.get(first), 'an entry of parts'), required(parts.get(second), 'an entry of parts')]
  return a.count === b.count && a.before.get(second)?.count === a.count && !(isUsualGenre(first) && isUsualGenre(second))
}

function reasonFor(names: readonly string[], { parts, char, spaced, capitals }: Evidence): string | null {
  const last = required(names.at(-1), 'the last of names')
  const { count } = required(parts.get(last), 'an entry of parts')
  const times = count === 1 ? 'once' : `${count} times`
  const stem = last.replace(CONTINUES, '')
  if (stem !== last && !parts.has(stem)) {
    // common genres that precede at least two different parts are genres of their own
    const begins = names.findLastIndex((name) => isUsualGenre(name)) + 1
    const own = begins > 0 && (count < MIN_STYLED_COUNT || names.length - begins > 1)
    const listed = count < MIN_STYLED_COUNT && isUsualGenre(stem)
    return own || listed ? null : `"${last}" goes on where "${required(names.at(-2), 'the first of names')}" ends (${times})`
  }
  if (names.some(isUsualGenre) || parts.size === names.length) return null
  const pairs = names
    .slice(1)
    .map((name, i) =>
      required(required(parts.get(required(names[i], 'an entry of names')), 'an entry of parts').before.get(name), 'a pair of neighbours'),
    )
  if (count >= MIN_STYLED_COUNT && spaced && pairs.every(({ count, tight }) => count === tight))
    return `its parts have no space beside the "${char}", as genres have elsewhere (${times})`
  if (count >= MIN_STYLED_COUNT && capitals && names.slice(1).every((name) => /^\p{Ll}/u.test(name)))
    return `its parts go on in lower case, always together (${times})`
  return count >= MIN_COUNT && IN_NAMES.includes(char) ? `its parts stand together, in this order, each time they occur (${times})` : null
}

function weigh(lists: readonly { readonly cell: string; readonly tokens: ReturnType<typeof tokensOf> }[], char: string): Evidence {
  const parts = new Map<string, Part>()
  let [separators, spaced, capitals, all] = [0, 0, 0, 0]
  for (const { cell, tokens } of lists) {
    for (const [i, { name, end }] of tokens.entries()) {
      const part = parts.get(name) ?? { count: 0, before: new Map<string, { count: number; tight: number }>() }
      parts.set(name, part)
      part.count++
      all++
      if (/^\P{Ll}/u.test(name)) capitals++
      const next = tokens[i + 1]
      if (!next) continue
      const pair = part.before.get(next.name) ?? { count: 0, tight: 0 }
      part.before.set(next.name, pair)
      pair.count++
      separators++
      if (/\s/.test(cell.slice(end, next.start))) spaced++
      else pair.tight++
    }
  }
  return { parts, char, spaced: spaced * 2 > separators, capitals: capitals * 10 > all * 9 }
}
