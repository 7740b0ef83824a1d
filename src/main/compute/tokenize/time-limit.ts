/** A limit on the time of synchronous work, such as a regular expression of a file that backtracks for ever. */
import vm from 'node:vm'

const context = vm.createContext({ work: null })
const script = new vm.Script('work()')

/**
 * Does synchronous work, which V8 interrupts after `limitMs` milliseconds, also inside a regular expression. A call costs a tenth of a
 * millisecond.
 * @throws what `timeoutError` returns if the limit is reached
 */
export function withinTime<T>(limitMs: number, work: () => T, timeoutError: () => Error): T {
  context['work'] = work
  try {
    return script.runInContext(context, { timeout: limitMs }) as T
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? timeoutError() : error
  }
}
