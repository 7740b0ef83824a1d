/** Takes steps to their end at once and answers what they return. */
export function toTheEnd<T>(steps: Iterator<unknown, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
