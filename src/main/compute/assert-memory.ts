import { UserError } from '../../contract/errors.ts'

/** A training and the memory that it needs. */
interface Need {
  /** Names the training at the beginning of a sentence. */
  readonly what: string
  readonly needed: number
  readonly spare: number
  /** Smaller recipes and the bytes that they need, the one that loses least first. */
  readonly smaller: readonly { readonly name: string; readonly bytes: number }[]
  /** Advice if none of them fits. */
  readonly otherwise: string
}

/** Checks that a training fits into memory. @throws UserError `too-little-memory` with the numbers and a recipe that would fit */
export function assertMemoryFor({ what, needed, spare, smaller, otherwise }: Need): void {
  if (needed <= spare) return
  const fits = smaller.find(({ bytes }) => bytes <= spare && bytes < needed)
  const advice = fits ? `choose ${fits.name} (${gigabytes(fits.bytes)})` : otherwise
  throw new UserError(
    'too-little-memory',
    `${what} needs about ${gigabytes(needed)} of memory, and ${gigabytes(spare)} are free: close other programs, or ${advice}.`,
  )
}
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
