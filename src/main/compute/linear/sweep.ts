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
  for (;;) {
    while (lanes.length < operator.lanes) {
      const task = next()
      if (task === null) break
      start(task, lanes)
    }
    if (lanes.length === 0) return
    operator.multiply(lanes.map((lane) => lane.wanted))
    const running = lanes.splice(0)
    running.forEach((lane) => {
      const state = lane.solver.next()
      if (state.done === true) lane.task.solved(state.value)
      else lanes.push({ ...lane, wanted: state.value })
    })
  }
}

function start(task: Task, lanes: Lane[]): void {
  const solver = solve(task.problem)
  const first = solver.next()
  if (first.done === true) task.solved(first.value)
  else lanes.push({ task, solver, wanted: first.value })
}
