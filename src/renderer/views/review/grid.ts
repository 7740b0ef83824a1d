/** Widths of a row of the list: the movie, then a column for each value of an original column. */
export const gridOf = (values: readonly string[]): string => `minmax(140px, 1fr) repeat(${values.length}, minmax(36px, 80px))`
