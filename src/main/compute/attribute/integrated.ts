/**
 * Integrated gradients (Sundararajan, Taly and Yan, arXiv:1703.01365) of one logit at the word embeddings: the mean gradient along the
 * straight path from a baseline of padding to the text, times the difference between text and baseline. The sum over all tokens equals
 * the difference of the logits at both ends ("completeness"), except for the error of approximating the integral by a sum.
 */
import type { Program } from '../runtime/program.ts'
import { float32, int64 } from '../runtime/tensors.ts'

/** Points of the midpoint rule, doubled while the error is above {@link MAX_ERROR}. */
const FIRST_POINTS = 32
const MAX_POINTS = 256
/** Tolerated error, as a share of the difference of the logits. */
export const MAX_ERROR = 0.05
/** Most tokens per run of the graph. More of them need memory that the caches of a processor do not hold: 2,048 take 10 % longer. */
const RUN_TOKENS = 1024

export interface Question {
  readonly ids: Int32Array
  /** Id whose embedding stands at every position of the baseline. */
  readonly padId: number
  readonly label: number
  readonly labels: number
}
export interface Attribution {
  /** (tokens) contribution of each to the logit */
  readonly scores: Float64Array
  /** Logits of the text and of the baseline. */
  readonly logit: number
  readonly base: number
  /** |sum of scores - (logit - base)| / |logit - base|; 0 if both logits are equal. */
  readonly error: number
  readonly points: number
}

/** Position of each row on the path, and the results there. */
interface Rows {
  /** (rows, tokens) */
  readonly scores: Float32Array
  /** (rows) the requested logit */
  readonly logits: Float64Array
}

/** @param product true: scores are products with the text itself, not with its difference from the baseline */
async function runRows(
  program: Program,
  { ids, padId, label, labels }: Question,
  shares: readonly number[],
  product = false,
): Promise<Rows> {
  const scores = product ? 'product' : 'scores'
  const [rows, tokens] = [shares.length, ids.length]
  const repeated = BigInt64Array.from({ length: rows * tokens }, (_, i) => BigInt(ids[i % tokens]!))
  const upstream = new Float32Array(rows * labels)
  for (let row = 0; row < rows; row++) upstream[row * labels + label] = 1
  const out = await program.run(
    {
      ids: int64([rows, tokens], repeated),
      baseline: int64([rows, tokens], new BigInt64Array(rows * tokens).fill(BigInt(padId))),
      mask: int64([rows, tokens], new BigInt64Array(rows * tokens).fill(1n)),
      share: float32([rows, 1, 1], shares),
      upstream: float32([rows, labels], upstream),
    },
    [scores, 'logits'],
  )
  const data = (name: string): Float32Array => (out[name] as { readonly data: Float32Array }).data
  return { scores: data(scores), logits: Float64Array.from(shares, (_, row) => data('logits')[row * labels + label]!) }
}

/** @param points of the midpoint rule. The error may exceed the tolerated one, see {@link integratedGradients} */
export async function integrate(program: Program, question: Question, points: number): Promise<Attribution> {
  const tokens = question.ids.length
  const scores = new Float64Array(tokens)
  // the ends, whose logits are compared with the sum, lie beside the points: a run for two rows alone would be slower
  const shares = [0, ...Array.from({ length: points }, (_, i) => (i + 0.5) / points), 1]
  const runs = Math.ceil(shares.length / Math.max(1, Math.floor(RUN_TOKENS / tokens)))
  const logits: number[] = []
  for (let run = 0; run < runs; run++) {
    const [first, end] = [run, run + 1].map((i) => Math.floor((i * shares.length) / runs)) as [number, number]
    const rows = await runRows(program, question, shares.slice(first, end))
    logits.push(...rows.logits)
    rows.scores.forEach((score, i) => {
      const share = first + Math.floor(i / tokens)
      if (share > 0 && share <= points) scores[i % tokens]! += score / points
    })
  }
  const [base, logit] = [logits.at(0)!, logits.at(-1)!]
  const sum = scores.reduce((total, score) => total + score, 0)
  const error = logit === base ? 0 : Math.abs(sum - (logit - base)) / Math.abs(logit - base)
  return { scores, logit, base, error, points }
}

/** Doubles the points until the error is at most {@link MAX_ERROR} or their maximum is reached; the caller checks the error. */
export async function integratedGradients(program: Program, question: Question): Promise<Attribution> {
  for (let points = FIRST_POINTS; ; points *= 2) {
    const found = await integrate(program, question, points)
    if (found.error <= MAX_ERROR || points >= MAX_POINTS) return found
  }
}

/** Gradient x input: the gradient at the text, times its word embeddings. */
export async function gradientTimesInput(program: Program, question: Question): Promise<Pick<Attribution, 'scores' | 'logit'>> {
  const { scores, logits } = await runRows(program, question, [1], true)
  return { scores: Float64Array.from(scores), logit: logits[0]! }
}
