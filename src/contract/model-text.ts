/** The text that models read of a movie, in one place: training, prediction and explanation must agree. */
/** `title-plot`: the title before the plot, where there is a title. Published recipes read the plot alone. */
export const READS = ['title-plot', 'plot'] as const
export type Reads = (typeof READS)[number]

/** Between title and plot. Its full stop keeps n-grams of words from crossing. */
const BETWEEN = ' . '

export const modelText = (reads: Reads, { title, plot }: { readonly title: string; readonly plot: string }): string =>
  reads === 'plot' || title === '' ? plot : `${title}${BETWEEN}${plot}`

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
  const plotAt = reads === 'plot' || title === '' ? 0 : title.length + BETWEEN.length
  return {
    title: spans.filter(({ end }) => end <= Math.min(plotAt, title.length)),
    plot: spans.filter(({ start }) => start >= plotAt).map((span) => ({ ...span, start: span.start - plotAt, end: span.end - plotAt })),
  }
}
