/** Longest time that stepwise work keeps the engine from other calls, in milliseconds. */
const SLICE = 30

/** Takes steps to their end and answers what they return; other calls get their turn every {@link SLICE}. */
export async function inSlices<T>(steps: Iterator<unknown, T>, clock = (): number => performance.now()): Promise<T> {
  for (;;) {
    const end = clock() + SLICE
    do {
      const step = steps.next()
      if (step.done) return step.value
    } while (clock() < end)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
