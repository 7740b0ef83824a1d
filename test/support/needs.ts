import type { TestContext } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test is skipped. */
    reason?: string
  }
}

/** Options of a test or a block that runs only if `met`. `npm test` prints the reason of every skip in its closing lines. */
export const needs = (met: boolean, reason: string) => (met ? {} : { skip: true, meta: { reason } })

/** Skips the running test. */
export function skipNow({ task, skip }: Pick<TestContext, 'task' | 'skip'>, reason: string): void {
  task.meta.reason = reason
  skip(reason)
}
