import type { Floats } from './floats.ts'
import { STRETCH, type Steps } from './steps.ts'

/** Sorts ascending, in place: stretches by the native sort, then merges of neighbours. For numbers without NaN. */
export function* sortSteps<T extends Floats>(values: T): Steps<T> {
  for (let first = 0; first < values.length; first += STRETCH) {
    values.subarray(first, first + STRETCH).sort()
    yield
  }
  const other = new (values.constructor as new (length: number) => T)(values.length <= STRETCH ? 0 : values.length)
  let [from, to] = [values, other]
  for (let width = STRETCH; width < values.length; width *= 2) {
    for (let first = 0; first < values.length; first += 2 * width) yield* mergeSteps(from, to, first, first + width, first + 2 * width)
    ;[from, to] = [to, from]
  }
  if (from !== values) values.set(from)
  return values
}

/** Merges the ascending [first, middle) and [middle, end) of `from` into the same places of `to`. */
function* mergeSteps(from: Floats, to: Floats, first: number, middle: number, end: number): Steps<void> {
  const stop = Math.min(middle, from.length)
  const last = Math.min(end, from.length)
  let [left, right] = [first, stop]
  for (let at = first; at < last; at++) {
    if (right >= last || (left < stop && from[left]! <= from[right]!)) to[at] = from[left++]!
    else to[at] = from[right++]!
    if (at % STRETCH === 0) yield
  }
}
