/** The text that models read of a movie, in one place: training, prediction and explanation must agree. */

/** `title-plot`: the title before the plot, where there is a title. Published recipes read the plot alone. */
export const READS = ['title-plot', 'plot'] as const
export type Reads = (typeof READS)[number]

/** The parts of a movie that a recipe reads. Recipes of earlier versions lack the newer choices. */
export interface TextRecipe {
  readonly reads: Reads
  /** Names of original columns that are read after the plot, such as a tagline. */
  readonly columns?: readonly string[] | undefined
  /** Words that are left out, in any case of letters, wherever no letter or digit adjoins them. */
  readonly dropWords?: readonly string[] | undefined
}
/** Texts of a movie; `cells`: its original columns. */
export interface MovieTexts {
  readonly title: string
  readonly plot: string
  readonly cells?: readonly { readonly name: string; readonly value: string }[]
}
interface Part {
  readonly of: 'title' | 'plot' | 'column'
  /** Name of the column. */
  readonly column: string
  readonly text: string
}

/** Separator of two parts. Its full stop keeps word n-grams from spanning both. */
const BETWEEN = ' . '

/** The parts in the order in which they are read: those that are not empty, and the plot. */
function partsOf({ reads, columns = [] }: TextRecipe, { title, plot, cells = [] }: MovieTexts): readonly Part[] {
  const parts: readonly Part[] = [
    { of: 'title', column: '', text: reads === 'title-plot' ? title : '' },
    { of: 'plot', column: '', text: plot },
    ...columns.map((column) => ({ of: 'column' as const, column, text: cells.find(({ name }) => name === column)?.value ?? '' })),
  ]
  return parts.filter(({ of, text }) => of === 'plot' || text !== '')
}

export function modelText(recipe: TextRecipe, texts: MovieTexts): string {
  const text = partsOf(recipe, texts)
    .map((part) => part.text)
    .join(BETWEEN)
  return withoutDropped(text, recipe.dropWords ?? [])
}

/** Spaces take the place of the words, so that spans of the result are spans of the text. */
function withoutDropped(text: string, words: readonly string[]): string {
  if (words.length === 0) return text
  // the longest first: `space-ship` before `space`
  const any = [...words].sort((a, b) => b.length - a.length).map((word) => word.replaceAll(/[$()*+./?[\\\]^{|}]/gu, String.raw`\$&`))
  const whole = new RegExp(`(?<![\\p{L}\\p{N}\\p{M}])(?:${any.join('|')})(?![\\p{L}\\p{N}\\p{M}])`, 'giu')
  return text.replace(whole, (word) => ' '.repeat(word.length))
}

interface Range {
  readonly start: number
  readonly end: number
}
/** Spans of {@link modelText} as spans of each part. A span that crosses parts belongs to none. */
export function spansByPart<T extends Range>(recipe: TextRecipe, texts: MovieTexts, spans: readonly T[]): (Part & { spans: T[] })[] {
  let at = 0
  return partsOf(recipe, texts).map((part) => {
    const [from, to] = [at, at + part.text.length]
    at = to + BETWEEN.length
    const own = spans.filter(({ start, end }) => start >= from && end <= to)
    return { ...part, spans: own.map((span) => ({ ...span, start: span.start - from, end: span.end - from })) }
  })
}
