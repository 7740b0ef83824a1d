import { required } from '../../../../contract/required.ts'
/** One-hot tables: a column for each genre, marked where the movie carries it (1 and 0, true and false, x and nothing, …). */

/** How flags are written, yes before no, lower case; most usual first. */
const PAIRS: readonly (readonly [yes: string, no: string])[] = [
  ['1', '0'],
  ['true', 'false'],
  ['yes', 'no'],
  ['x', ''],
  ['1.0', '0.0'],
  ['y', 'n'],
  ['t', 'f'],
  ['✓', ''],
  ['✔', ''],
  ['wahr', 'falsch'],
  ['vrai', 'faux'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['sí', 'no'],
  ['si', 'no'],
]
const YES: ReadonlySet<string> = new Set(PAIRS.map(([yes]) => yes))
/** Other ways to write "no". */
const NO: ReadonlySet<string> = new Set([...PAIRS.map(([, no]) => no), '-', 'nan', 'null', 'none', 'n/a'])
/** Prefixes that tools put before a genre to name its column: `genre_Drama`, `is_drama`, `genres.Drama`. */
const PREFIX = /^(?:(?:is|has)?[_.:\s-]*genres?|is|category|label|tag)\s*[_.:\s-]\s*(?=\S)/i

/** The texts that a file writes for yes and no. */
export interface FlagStyle {
  readonly yes: string
  readonly no: string
}

/** True if a cell of the column marks its genre; `column` itself is a mark as well. */
export function isMarked(cell: string, column: string): boolean {
  if (cell === '0' || cell === '') return false
  if (cell === '1') return true
  const folded = cell.trim().toLowerCase()
  return YES.has(folded) || (folded !== '' && (folded === column.trim().toLowerCase() || folded === genreOfColumn(column).toLowerCase()))
}

/** True if a cell can be read as a flag of this column at all. */
export function isFlag(cell: string, column: string): boolean {
  return isMarked(cell, column) || NO.has(cell.trim().toLowerCase())
}

/** True if the name of a column has a prefix that marks a genre. */
export function hasGenrePrefix(column: string): boolean {
  return /^(?:is|has)?[_.:\s-]*genres?\s*[_.:\s-]\s*\S/i.test(column.trim())
}

/** The genre of each column, without the prefix that all share. Columns that would get the same name keep their own. */
export function genresOfColumns(columns: readonly string[]): string[] {
  const names = columns.map(genreOfColumn)
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return names.map((name, i) => (counts.get(name) === 1 ? name : (columns[i] ?? name)))
}

function genreOfColumn(column: string): string {
  const name = column.trim().replace(PREFIX, '')
  return name.includes(' ') ? name : name.replaceAll('_', ' ').trim()
}

/** Counts how a file writes its flags, for {@link flagStyle}. */
export class FlagTexts {
  readonly #counts = new Map<string, number>()
  readonly #marked = new Map<string, boolean>()
  add(cell: string, column: string): void {
    const text = cell.trim()
    const count = this.#counts.get(text)
    if (count === undefined) this.#marked.set(text, isMarked(text, column))
    this.#counts.set(text, (count ?? 0) + 1)
  }
  /** The most frequent text for yes and for no; if the file never writes one of them, the counterpart of the other. */
  style(): FlagStyle {
    const most = (marked: boolean): string | undefined =>
      [...this.#counts].filter(([text]) => this.#marked.get(text) === marked).sort((a, b) => b[1] - a[1])[0]?.[0]
    const [yes, no] = [most(true), most(false)]
    const pair =
      PAIRS.find(([y, n]) => (yes === undefined ? n === no?.toLowerCase() : y === yes.toLowerCase())) ??
      required(PAIRS[0], 'the first of PAIRS')
    return { yes: yes ?? likeCase(pair[0], no ?? ''), no: no ?? likeCase(pair[1], yes ?? '') }
  }
}

/** The word in the case of another: `False` beside `True`. */
function likeCase(word: string, other: string): string {
  if (other.length > 1 && other === other.toUpperCase()) return word.toUpperCase()
  return /^\p{Lu}/u.test(other) ? word.slice(0, 1).toUpperCase() + word.slice(1) : word
}
