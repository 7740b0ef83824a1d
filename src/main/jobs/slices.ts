/** Longest time that work in steps blocks other calls of the engine, in milliseconds. */
const SLICE = 30

/** Runs all steps and returns their result; other calls get a turn every {@link SLICE}. */
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
