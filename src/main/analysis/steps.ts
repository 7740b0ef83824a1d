/**
 * Long computations as generators that stop every so often, so that the engine can answer other calls in between; between two
 * stops lie some ten milliseconds of work at most.
 */
export type Steps<T> = Generator<undefined, T>

/** Cells, or values, that are worked on between two stops. */
export const STRETCH = 1 << 18

/** Takes steps to their end at once. */
export function toTheEnd<T>(steps: Iterator<unknown, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** [first, end) stretches of `n` rows of `k` cells. */
export function* stretches(n: number, k: number): Generator<readonly [first: number, end: number]> {
  const rows = Math.max(1, Math.floor(STRETCH / Math.max(1, k)))
  for (let first = 0; first < n; first += rows) yield [first, Math.min(n, first + rows)]
}
