/** Conditions on the cells of an original column. */

export const CONDITIONS = ['between', 'equals', 'one of', 'contains', 'not empty'] as const
export type Condition = (typeof CONDITIONS)[number]

/** True if a cell meets the condition; null if the cell is empty or cannot be compared. */
export type Matcher = (cell: string) => boolean | null

/** `values`: two of `between`, of which an empty one means no limit, one of `equals` and `contains`, any number of `one of`. */
export function matcher(condition: Condition, values: readonly string[]): Matcher {
  const folded = values.map(fold)
  const texts: Readonly<Record<Exclude<Condition, 'between' | 'not empty'>, (cell: string) => boolean>> = {
    equals: (cell) => cell === folded[0],
    'one of': (cell) => folded.includes(cell),
    contains: (cell) => cell.includes(folded[0] ?? ''),
  }
  if (condition === 'not empty') return (cell) => cell.trim() !== ''
  if (condition === 'between') return between(folded[0] ?? '', folded[1] ?? '')
  return (cell) => (cell.trim() === '' ? null : texts[condition](fold(cell)))
}

function between(from: string, to: string): Matcher {
  const [low, high] = [limit(from, -Infinity), limit(to, Infinity)]
  // `between 1990 and 1999` on dates means their years
  const years = [from, to].every((text) => text === '' || /^\d{4}$/.test(text))
  return (cell) => {
    const value = (years ? yearOf(cell) : null) ?? numberOf(cell)
    return value === null ? null : value >= low && value <= high
  }
}
const limit = (text: string, open: number): number => (text === '' ? open : (numberOf(text) ?? Number.NaN))

const fold = (text: string): string => text.trim().toLowerCase()

/** A number with an optional sign and fraction; commas may separate thousands. */
export function numberOf(text: string): number | null {
  const plain = text.trim().replace(/(?<=\d),(?=\d{3}(?:\D|$))/g, '')
  return /^[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?$/i.test(plain) ? Number(plain) : null
}

/**
 * The year of a date, or of a text with one year in it; null for anything else. Two digits belong to this century if that is not in the
 * future.
 */
export function yearOf(text: string): number | null {
  const short = /^\s*\d{1,2}[./-]\d{1,2}[./-](?<year>\d{2})\s*$/.exec(text)?.groups?.['year']
  if (short !== undefined) return Number(short) + (Number(short) > new Date().getFullYear() % 100 ? 1900 : 2000)
  const years = text.match(/(?<!\d)(?:1[89]|20|21)\d{2}(?!\d)/g) ?? []
  return years.length === 1 || (years.length > 1 && /^\s*\d{4}/.test(text)) ? Number(years[0]) : null
}
