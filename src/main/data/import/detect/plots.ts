/** Finds the column of plots, and says why each other column does not hold them. */
import { columnsCalled, columnsLike, columnsMentioning, foldHeader } from './headers.ts'
import { averageLength, cellsOf, type Rows } from './rows.ts'

/** A shorter average is a title or a name, unless the header says that the column contains plots. */
const MIN_PLOT_CHARACTERS = 40
/** Factor on the length of texts in scripts without spaces, which need fewer characters. */
const DENSE = 2.5
/** Names that hold plots only where no column has a name of its own for them. */
const LESS_SPECIFIC: ReadonlySet<string> = new Set(['text', 'content', 'abstract', '内容'])

/** Why a column is not taken for the plots. */
export type NoPlot = 'empty' | 'other' | 'short' | 'no-sentences' | 'repeats' | 'one-of-several'
export interface PlotColumn {
  readonly column: string
  /** Mean length of its texts in characters, as Latin letters would need them; 0 for an empty column. */
  readonly length: number
  /** 3: the name says that it holds plots, 2: it suggests that, 1: the texts are all there is, 0.5: a name, but always the same text; 0: see `why`. */
  readonly rank: number
  /** Share of the records that fill it. */
  readonly filled: number
  /** Null for a column that may hold the plots. */
  readonly why: NoPlot | null
}

/** Ranks every column as the column of plots, the best one first. */
export function rankPlots(columns: readonly string[], rows: Rows): readonly PlotColumn[] {
  const called = new Set(columnsCalled('plot', columns))
  const mentioning = new Set(columnsMentioning('plot', columns))
  const other = new Set(columnsLike('other', columns))
  const judged = columns.map((column, i): PlotColumn => {
    const cells = cellsOf(rows, i).map(withoutTags)
    const prose = cells.filter(isProse)
    const length = averageLength(prose) * (isDense(prose[0] ?? '') ? DENSE : 1)
    const named = called.has(column)
      ? LESS_SPECIFIC.has(foldHeader(column))
        ? 2
        : 3
      : mentioning.has(column) && !other.has(column)
        ? 2
        : 0
    const why = named === 0 && cells.length > 0 && other.has(column) ? 'other' : whyNone(cells, prose, length, named > 0)
    const rank = named > 0 && prose.length > 4 && new Set(prose).size === 1 ? 0.5 : named || 1
    return {
      column,
      length: prose.length > 0 ? length : averageLength(cells),
      rank: why === null ? rank : 0,
      filled: prose.length / Math.max(1, rows.length),
      why,
    }
  })
  const best = judged.toSorted(
    (a, b) => Number(isFilled(b)) - Number(isFilled(a)) || b.rank - a.rank || b.filled ** 2 * b.length - a.filled ** 2 * a.length,
  )
  const [first, second] = best
  // two columns of texts, and no name tells which of them holds the plots
  if (first?.rank === 1 && second?.rank === 1 && isFilled(second) && second.length * 2 > first.length)
    return best.map((column) => (column.rank === 1 ? { ...column, rank: 0, why: 'one-of-several' } : column))
  return best
}

/** The column of plots; null if no column is like one. */
export function guessPlot(columns: readonly string[], rows: Rows): string | null {
  const [best] = rankPlots(columns, rows)
  return best && best.rank > 0 ? best.column : null
}

/** True for a column that most records fill: the movies of the others would have no plot. */
function isFilled({ rank, filled }: PlotColumn): boolean {
  return rank > 0 && filled >= 0.5
}

function whyNone(cells: readonly string[], prose: readonly string[], length: number, isNamed: boolean): NoPlot | null {
  if (cells.length === 0) return 'empty'
  if (prose.length === 0) return 'no-sentences'
  if (isNamed) return null
  if (length < MIN_PLOT_CHARACTERS) return 'short'
  if (prose.length > 4 && new Set(prose).size * 10 < prose.length) return 'repeats'
  return prose.filter(isSentence).length * 2 > cells.length ? null : 'no-sentences'
}

function withoutTags(cell: string): string {
  return cell.replace(/<[^<>]{0,500}>/g, ' ').trim()
}
function isProse(text: string): boolean {
  return !/^(?:\[|\{|https?:)/.test(text) && (/\s/.test(text) || isDense(text))
}
/** A list of names has no full stop, or hardly a word in lower case; without spaces, its names are short. */
function isSentence(text: string): boolean {
  if (isDense(text)) return /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]{8}/u.test(text)
  const words = text.split(/\s+/)
  const capitals = words.filter((word) => /^\P{L}*\p{Lu}/u.test(word)).length
  return /[.!?…。！？।۔؟]/.test(text) && capitals * 2 <= words.length
}
function isDense(text: string): boolean {
  return /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]{4}/u.test(text)
}
