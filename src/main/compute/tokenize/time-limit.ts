/** A limit on the time of synchronous work, such as a regular expression of a file that backtracks for ever. */
import vm from 'node:vm'

const context = vm.createContext({ work: null })
const script = new vm.Script('work()')

/**
 * Does the work. V8 interrupts it, also inside a regular expression, if it takes longer. A call costs a tenth of a millisecond.
 * @throws what `late` returns in that case
 */
export function withinTime<T>(limitMs: number, work: () => T, late: () => Error): T {
  context['work'] = work
  try {
    return script.runInContext(context, { timeout: limitMs }) as T
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? late() : error
  }
}
