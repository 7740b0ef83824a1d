/**
 * Integrated gradients (Sundararajan, Taly and Yan, arXiv:1703.01365) of one logit at the word embeddings: the mean gradient on the
 * straight way from a baseline of padding to the text, times that way. The sum over all tokens is the difference of the logits at
 * its ends ("completeness"), up to the error of the sum in place of the integral.
 */
import type { Program } from '../runtime/program.ts'
import { float32, int64 } from '../runtime/tensors.ts'

/** Points of the midpoint rule, doubled while the error is above {@link MOST_ERROR}. */
const FIRST_POINTS = 32
const MOST_POINTS = 256
/** Share of the difference that may be missing. */
export const MOST_ERROR = 0.05
/** Tokens of one run of the graph. */
const RUN_TOKENS = 2048

export interface Question {
  readonly ids: Int32Array
  /** Id whose embedding stands at every place of the baseline. */
  readonly padId: number
  readonly label: number
  readonly labels: number
}
export interface Attribution {
  /** (tokens) contribution of each to the logit */
  readonly scores: Float64Array
  /** Of the text, and of the baseline. */
  readonly logit: number
  readonly base: number
  /** |sum of scores - (logit - base)| / |logit - base|; 0 where nothing differs. */
  readonly error: number
  readonly points: number
}

/** Where on the way each row stands, and what comes of it. */
interface Rows {
  /** (rows, tokens) */
  readonly scores: Float32Array
  /** (rows) the logit that is asked for */
  readonly logits: Float64Array
}

async function runRows(program: Program, { ids, padId, label, labels }: Question, shares: readonly number[]): Promise<Rows> {
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
    ['scores', 'logits'],
  )
  const data = (name: string): Float32Array => (out[name] as { readonly data: Float32Array }).data
  return { scores: data('scores'), logits: Float64Array.from(shares, (_, row) => data('logits')[row * labels + label]!) }
}

/** @param points of the midpoint rule. Its error may be above what is shown: see {@link integratedGradients} */
export async function integrate(program: Program, question: Question, points: number): Promise<Attribution> {
  const tokens = question.ids.length
  const scores = new Float64Array(tokens)
  const most = Math.max(1, Math.floor(RUN_TOKENS / tokens))
  for (let first = 0; first < points; first += most) {
    const count = Math.min(most, points - first)
    const shares = Array.from({ length: count }, (_, i) => (first + i + 0.5) / points)
    const rows = await runRows(program, question, shares)
    for (let i = 0; i < rows.scores.length; i++) scores[i % tokens]! += rows.scores[i]! / points
  }
  const { logits } = await runRows(program, question, [0, 1])
  const [base, logit] = [logits[0]!, logits[1]!]
  const sum = scores.reduce((total, score) => total + score, 0)
  const error = logit === base ? 0 : Math.abs(sum - (logit - base)) / Math.abs(logit - base)
  return { scores, logit, base, error, points }
}

/** With as many points as it takes for {@link MOST_ERROR}, or the most; the caller looks at the error. */
export async function integratedGradients(program: Program, question: Question): Promise<Attribution> {
  for (let points = FIRST_POINTS; ; points *= 2) {
    const found = await integrate(program, question, points)
    if (found.error <= MOST_ERROR || points >= MOST_POINTS) return found
  }
}
