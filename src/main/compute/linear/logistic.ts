/**
 * L2 logistic regression of one genre, in the form that scikit-learn's lbfgs solves:
 *
 * f(w, b) = sum_i c_i log(1 + exp(-y_i (x_i . w + b))) + |w|^2 / 2        (the intercept b is not penalised)
 *
 * by a truncated Newton method: conjugate gradients on the Hessian system with the stopping rule of Nash and Sofer (1990) and a
 * backtracking line search, after C.-J. Hsia, Y. Zhu, C.-J. Lin (2017) and L. Galli, C.-J. Lin, "A study on truncated Newton methods for
 * linear classification" (2021).
 *
 * The features may be scaled: x stands for a row of X times the root of S = diag(scale). Every vector here is in the space of rows. From
 * w = 0 on, gradients, directions and the solution are combinations of rows, w = X' a, so the only operation on the matrix is K v = X S X' v, one product for each step of the conjugate gradients. Margins follow by recurrence,
 * a line search needs no product, and all genres and folds can share one sweep over the matrix: the solver is a generator that yields v
 * and is resumed when K v is available (see products.ts).
 */

import { sigmoid } from '../../analysis/matrix.ts'
import type { Request } from './products.ts'

export interface Problem {
  /** (rows) 1 or 0 */
  readonly labels: Uint8Array
  /** (rows) C times the row's weight times its class's weight; 0 excludes the row from the fit */
  readonly cost: Float64Array
  /** Stop when the gradient's norm has fallen to this share of its norm at the start. */
  readonly tolerance: number
  /** (columns) squared scales of the features; null: all 1 */
  readonly scale: Float32Array | null
}
export interface Solution {
  /** (rows) weights = S transpose(X) . dual, with S = diag(scale) */
  readonly dual: Float64Array
  readonly intercept: number
  /** (rows) x_i . w + b for every row of the matrix, including rows excluded from the fit */
  readonly margins: Float64Array
}
/** Yields v (rows) and a buffer for K v (rows), which is filled when the generator is resumed. */
export type Solver = Generator<Request, Solution, undefined>

const MAX_NEWTON_STEPS = 100
const MAX_INNER_STEPS = 250
/** Nash and Sofer: stop if one more step promises less than this share of the average progress so far. */
const INNER_TOLERANCE = 0.5
const SUFFICIENT_DECREASE = 0.01
const MAX_HALVINGS = 30

/** log(1 + exp(-m)) without overflow. */
const logLoss = (m: number): number => (m > 0 ? Math.log1p(Math.exp(-m)) : -m + Math.log1p(Math.exp(m)))

/** A vector (w, b) in row space: w = X' dual. */
interface Vector {
  /** (rows) */
  readonly dual: Float64Array
  /** (rows) K dual = X w */
  readonly scores: Float64Array
  intercept: number
}

const zeros = (rows: number): Vector => ({ dual: new Float64Array(rows), scores: new Float64Array(rows), intercept: 0 })
/** Inner product of (w, b) and (w', b'); K is symmetric, so only one side's scores are needed. */
function inner(a: Pick<Vector, 'dual' | 'intercept'>, scored: Vector): number {
  let sum = a.intercept * scored.intercept
  for (let i = 0; i < a.dual.length; i++) sum += a.dual[i]! * scored.scores[i]!
  return sum
}

/** y += factor * x, all three parts. */
function add(y: Vector, factor: number, x: Vector): void {
  for (let i = 0; i < y.dual.length; i++) {
    y.dual[i]! += factor * x.dual[i]!
    y.scores[i]! += factor * x.scores[i]!
  }
  y.intercept += factor * x.intercept
}

/** f at (w, b) + step * move; |w|^2 = dual . (K dual). */
export function objective({ labels, cost }: Problem, at: Vector, step: number, move: Vector): number {
  let [loss, squares] = [0, 0]
  const intercept = at.intercept + step * move.intercept
  for (let i = 0; i < cost.length; i++) {
    if (cost[i] === 0) continue // its dual stays 0
    const score = at.scores[i]! + step * move.scores[i]!
    squares += (at.dual[i]! + step * move.dual[i]!) * score
    loss += cost[i]! * logLoss(labels[i] === 1 ? score + intercept : -score - intercept)
  }
  return loss + squares / 2
}

/**
 * Minus the gradient at `at`: -(w + X' c (p - y)) = X' (c (y - p) - dual). Writes `into.dual` and `into.intercept`; the caller computes
 * its scores. Fills `curvature` (rows) with c p (1 - p), the second derivative of the loss by the margin.
 */
export function descent({ labels, cost }: Problem, at: Vector, into: Vector, curvature: Float64Array): void {
  into.intercept = 0
  for (let i = 0; i < cost.length; i++) {
    if (cost[i] === 0) continue
    const p = sigmoid(at.scores[i]! + at.intercept)
    const pull = cost[i]! * (labels[i]! - p)
    curvature[i] = cost[i]! * p * (1 - p)
    into.dual[i] = pull - at.dual[i]!
    into.intercept += pull
  }
}

/** Log-odds of the weighted positives: the minimum over b at w = 0. */
function startIntercept({ labels, cost }: Problem): number {
  let [positive, negative] = [0, 0]
  for (let i = 0; i < cost.length; i++) {
    if (labels[i] === 1) positive += cost[i]!
    else negative += cost[i]!
  }
  return Math.log(positive / negative)
}

/** Solves one problem that has at least one positive and one negative row with a cost. */
export function* solve(problem: Problem): Solver {
  const rows = problem.cost.length
  const at: Vector = { ...zeros(rows), intercept: startIntercept(problem) }
  const residual = zeros(rows)
  const buffers: StepBuffers = { move: zeros(rows), direction: zeros(rows), steepest: { dual: new Float64Array(rows), intercept: 0 } }
  const curvature = new Float64Array(rows)
  let value = objective(problem, at, 0, at)
  let target = 0
  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    descent(problem, at, residual, curvature)
    yield asked(residual, problem.scale)
    const square = inner(residual, residual)
    if (step === 0) target = square * problem.tolerance ** 2
    if (square <= target) break
    yield* newtonStep(residual, curvature, square, buffers, problem.scale)
    const { move, steepest } = buffers
    const found = lineSearch(problem, at, value, move, -inner(steepest, move))
    if (found === null) break
    add(at, found.step, move)
    value = found.value
  }
  return { dual: at.dual, intercept: at.intercept, margins: shifted(at.scores, at.intercept) }
}

const asked = ({ dual, scores }: Vector, scale: Float32Array | null): Request => ({ vector: dual, product: scores, scale })

/** In place. */
function shifted(scores: Float64Array, by: number): Float64Array {
  for (let i = 0; i < scores.length; i++) scores[i]! += by
  return scores
}

/** Buffers of a Newton step, reused by all steps to save memory. */
interface StepBuffers {
  /** The resulting step. */
  readonly move: Vector
  readonly direction: Vector
  /** The residual at the start of the step. */
  readonly steepest: { readonly dual: Float64Array; intercept: number }
}

function copy(from: Vector, to: Vector): void {
  to.dual.set(from.dual)
  to.scores.set(from.scores)
  to.intercept = from.intercept
}

/**
 * Conjugate gradients on (I + X' D X) s = residual with D = diag(curvature), from s = 0; overwrites `residual` and leaves s in
 * `buffers.move`. In row space the Hessian maps (d, d_b) to (d + D m, sum of D m) with the margins m = K d + d_b. `square`: residual .
 * residual.
 */
function* newtonStep(
  residual: Vector,
  curvature: Float64Array,
  square: number,
  buffers: StepBuffers,
  scale: Float32Array | null,
): Generator<Request, void, undefined> {
  const { move, direction, steepest } = buffers
  move.dual.fill(0)
  move.scores.fill(0)
  move.intercept = 0
  copy(residual, direction)
  steepest.dual.set(residual.dual)
  steepest.intercept = residual.intercept
  let quadratic = 0 // the second-order model of f at `move`
  for (let step = 1; step <= MAX_INNER_STEPS; step++) {
    const length = square / curvatureAlong(direction, curvature)
    add(move, length, direction)
    subtractImage(residual, length, direction, curvature)
    const before = quadratic
    quadratic = -(inner(steepest, move) + inner(residual, move)) / 2
    if (step * (quadratic - before) >= INNER_TOLERANCE * quadratic) break
    yield asked(residual, scale)
    const next = inner(residual, residual)
    const keep = next / square
    for (let i = 0; i < curvature.length; i++) {
      direction.dual[i] = residual.dual[i]! + keep * direction.dual[i]!
      direction.scores[i] = residual.scores[i]! + keep * direction.scores[i]!
    }
    direction.intercept = residual.intercept + keep * direction.intercept
    square = next
  }
}

/** d' H d */
function curvatureAlong(d: Vector, curvature: Float64Array): number {
  let sum = 0
  for (let i = 0; i < curvature.length; i++) {
    const margin = d.scores[i]! + d.intercept
    sum += d.dual[i]! * d.scores[i]! + curvature[i]! * margin * margin
  }
  return sum
}

/** residual -= length * H d; the next product computes the residual's scores. */
function subtractImage(residual: Vector, length: number, d: Vector, curvature: Float64Array): void {
  let intercept = 0
  for (let i = 0; i < curvature.length; i++) {
    const image = curvature[i]! * (d.scores[i]! + d.intercept)
    residual.dual[i]! -= length * (d.dual[i]! + image)
    intercept += image
  }
  residual.intercept -= length * intercept
}

/** The first of 1, 1/2, 1/4, … at which f falls enough (Armijo); null if none does, because f has reached its precision. */
function lineSearch(problem: Problem, at: Vector, value: number, move: Vector, slope: number): { step: number; value: number } | null {
  for (let halving = 0, step = 1; halving < MAX_HALVINGS; halving++, step /= 2) {
    const next = objective(problem, at, step, move)
    if (next - value <= SUFFICIENT_DECREASE * step * slope) return { step, value: next }
  }
  return null
}
