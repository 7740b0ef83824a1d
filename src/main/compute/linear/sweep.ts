/** Solves many problems together: one sweep over the matrix computes the products that all of their solvers wait for. */
import { solve, type Problem, type Solution, type Solver } from './logistic.ts'
import type { Operator, Request } from './products.ts'

export interface Task {
  readonly problem: Problem
  readonly solved: (solution: Solution) => void
}
interface Lane {
  readonly task: Task
  readonly solver: Solver
  /** The product that the solver waits for. */
  wanted: Request
}

/**
 * Runs the tasks that `next` returns (null: no more) on the operator's lanes; the lane of a solved problem is reused for the next one. A
 * lane's numbers do not depend on its neighbours, so neither order nor neighbours change a solution.
 */
export function sweep(operator: Operator, next: () => Task | null): void {
  const lanes: Lane[] = []
  while (lanes.length < operator.lanes) {
    const lane = start(next)
    if (lane === null) break
    lanes.push(lane)
  }
  while (lanes.length > 0) {
    operator.multiply(lanes.map((lane) => lane.wanted))
    // from the last to the first: the last one takes the place of a solved one that has no successor, so that few lanes change their place
    for (let i = lanes.length - 1; i >= 0; i--) {
      const lane = lanes[i]!
      const state = lane.solver.next()
      if (state.done !== true) {
        lane.wanted = state.value
        continue
      }
      lane.task.solved(state.value)
      const successor = start(next)
      if (successor !== null) lanes[i] = successor
      else if (i === lanes.length - 1) lanes.pop()
      else lanes[i] = lanes.pop()!
    }
  }
}

/** The next problem that wants a product; problems that are solved without one are finished. Null: no more problems. */
function start(next: () => Task | null): Lane | null {
  for (;;) {
    const task = next()
    if (task === null) return null
    const solver = solve(task.problem)
    const first = solver.next()
    if (first.done !== true) return { task, solver, wanted: first.value }
    task.solved(first.value)
  }
}
