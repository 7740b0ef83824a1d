/** Choice of the next token. */

export interface Sampling {
  /** 0: always the most probable token. */
  readonly temperature: number
  /** Only the fewest most probable tokens whose probabilities sum to this (Holtzman et al., arXiv:1904.09751). 1: all. */
  readonly topP: number
}

/** @param logits of the next token @param draw from [0, 1); not called if the temperature is 0 */
export function nextToken(logits: Float32Array, { temperature, topP }: Sampling, draw: () => number): number {
  if (temperature === 0) return argMax(logits)
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - most) / temperature))
  const total = weights.reduce((a, b) => a + b, 0)
  const order = topP < 1 ? [...weights.keys()].sort((a, b) => weights[b]! - weights[a]! || a - b) : [...weights.keys()]
  const kept: number[] = []
  let mass = 0
  for (const token of order) {
    if (topP < 1 && kept.length > 0 && mass >= topP * total) break
    kept.push(token)
    mass += weights[token]!
  }
  let left = draw() * mass
  return kept.find((token) => (left -= weights[token]!) < 0) ?? kept.at(-1)!
}

function argMax(numbers: Float32Array): number {
  let best = 0
  for (let i = 1; i < numbers.length; i++) if (numbers[i]! > numbers[best]!) best = i
  return best
}
