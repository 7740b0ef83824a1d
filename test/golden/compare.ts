/** Differences between results and their reference values. */
import type { Device } from '../../src/main/compute/runtime/session.ts'
import type { Reference } from './tensors.ts'

/** Largest allowed difference, relative to the largest reference value. */
export const TOLERANCES: Readonly<Record<Device, number>> = { cpu: 1e-4, webgpu: 1e-3, cuda: 1e-3 }

/** The comparison of one quantity of one model: one line of the output. */
export interface Verdict {
  readonly quantity: string
  /** Largest absolute difference. */
  readonly difference: number
  /** `difference` over the largest absolute value of the references. */
  readonly relative: number
  /** The tensor with the largest difference, if several were compared. */
  readonly at?: string
  /** Number of compared values. */
  readonly numbers: number
  readonly note?: string
}

export interface Pair {
  readonly name: string
  readonly got: ArrayLike<number>
  readonly want: ArrayLike<number>
}

/** One verdict on several tensors: differences are relative to the largest value of all of them, or to `scale` if that is larger. */
export function compare(quantity: string, pairs: readonly Pair[], note?: string, scale = 0): Verdict {
  let [difference, largest, numbers] = [0, scale, 0]
  let at = ''
  for (const { name, got, want } of pairs) {
    if (got.length !== want.length) throw new Error(`${quantity}: "${name}" has ${got.length} numbers, its reference ${want.length}`)
    numbers += want.length
    for (let i = 0; i < want.length; i++) {
      largest = Math.max(largest, Math.abs(want[i]!))
      const d = Math.abs(got[i]! - want[i]!)
      // NaN is infinitely far away
      if (!(d <= difference)) [difference, at] = [Number.isNaN(d) ? Infinity : d, name]
    }
  }
  if (numbers === 0) throw new Error(`${quantity}: nothing to compare`)
  const relative = difference === 0 ? 0 : difference / largest
  return {
    quantity,
    difference,
    relative,
    numbers,
    ...(pairs.length > 1 && at !== '' ? { at } : {}),
    ...(note === undefined ? {} : { note }),
  }
}
export const compareOne = (quantity: string, got: ArrayLike<number>, want: Reference, note?: string, scale?: number): Verdict =>
  compare(quantity, [{ name: quantity, got, want: want.data }], note, scale)

export const largestOf = (numbers: Float32Array): number => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
