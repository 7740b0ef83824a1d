/**
 * Long computations as generators that yield regularly, so that the engine can handle other calls in between; at most about ten
 * milliseconds of work lie between two yields.
 */
export type Steps<T> = Generator<undefined, T>

/** Cells, or values, processed between two yields. */
export const BLOCK_CELLS = 1 << 18

/** Runs all steps without a pause and returns the result. */
export function runToEnd<T>(steps: Iterator<unknown, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** Ranges [first, end) that split `n` rows of `k` cells into blocks of about {@link BLOCK_CELLS} cells. */
export function* rowBlocks(n: number, k: number): Generator<readonly [first: number, end: number]> {
  const rows = Math.max(1, Math.floor(BLOCK_CELLS / Math.max(1, k)))
  for (let first = 0; first < n; first += rows) yield [first, Math.min(n, first + rows)]
}
