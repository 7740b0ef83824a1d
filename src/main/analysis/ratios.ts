/** Divides, and records the name of every ratio that had no denominator (its value is then 0, as in scikit-learn). */
export class Ratios {
  readonly undefined: string[] = []

  of(name: string, numerator: number, denominator: number): number {
    if (denominator > 0) return numerator / denominator
    this.undefined.push(name)
    return 0
  }
}

/** Mean of a list; 0 for an empty one. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}
