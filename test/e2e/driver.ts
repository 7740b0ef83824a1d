import type { Page } from 'playwright-core'

/** What the scenario needs from either host. */
export interface Driver {
  readonly page: Page
  /** Runs an action that makes the window write a file, and returns the file's text. */
  saved(act: () => Promise<void>): Promise<string>
  /** Kills the compute process, as a crash of its native code would. */
  killCompute(): Promise<void>
}

/** Collects errors of the page and its console, which must stay empty. */
export function watch(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', (e) => errors.push(e.message))
  page.on('console', (m) => {
    // the scenario itself tries an inline script
    if (m.type() === 'error' && !m.text().includes('__inline') && !/inline script/.test(m.text())) errors.push(m.text())
  })
  return errors
}
