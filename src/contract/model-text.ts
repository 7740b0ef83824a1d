/** The text that models read of a movie, in one place: training, prediction and explanation must agree. */

/** `title-plot`: the title before the plot, where there is a title. Published recipes read the plot alone. */
export const READS = ['title-plot', 'plot'] as const
export type Reads = (typeof READS)[number]

/** Between title and plot. Its full stop keeps n-grams of words from crossing. */
const BETWEEN = ' . '

/** True if the text has a title. Recipes from before this choice say nothing. */
const hasTitle = (reads: Reads | undefined, title: string): boolean => reads === 'title-plot' && title !== ''

export const modelText = (reads: Reads, { title, plot }: { readonly title: string; readonly plot: string }): string =>
  hasTitle(reads, title) ? `${title}${BETWEEN}${plot}` : plot

interface Range {
  readonly start: number
  readonly end: number
}
/** Spans of {@link modelText} as spans of the title and of the plot. */
export function spansByPart<T extends Range>(
  reads: Reads,
  title: string,
  spans: readonly T[],
): { readonly title: readonly T[]; readonly plot: readonly T[] } {
  const plotAt = hasTitle(reads, title) ? title.length + BETWEEN.length : 0
  return {
    title: spans.filter(({ end }) => end <= Math.min(plotAt, title.length)),
    plot: spans.filter(({ start }) => start >= plotAt).map((span) => ({ ...span, start: span.start - plotAt, end: span.end - plotAt })),
  }
}
