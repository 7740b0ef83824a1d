/**
 * The value itself. For values that can only be missing through a bug.
 * @param what names the value in the error
 * @throws Error if it is null or undefined
 */
export function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`${what} is missing`)
  return value
}
