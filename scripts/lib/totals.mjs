// The closing lines of a test run, from vitest's own reports.

/**
 * @typedef {{ fullName: string, status: string, failureMessages?: string[], meta?: { reason?: string } }} Assertion
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, name?: string, message?: string, assertionResults: Assertion[] }[] }} Report the part of vitest's JSON report that is used here
 * @typedef {{ passed: number, failed: number, skipped: number }} Totals
 */

/** Counts the tests of all reports. A file that failed to load counts as one failure. @param {readonly Report[]} reports @returns {Totals} */
export function sum(reports) {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  for (const r of reports) {
    totals.passed += r.numPassedTests
    totals.failed += r.numFailedTests + r.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length
    totals.skipped += r.numPendingTests + r.numTodoTests
  }
  return totals
}

/** Returns a line for every skipped test: its name and the reason. @param {readonly Report[]} reports */
export function skips(reports) {
  const files = reports.flatMap((r) => r.testResults)
  const skipped = files.flatMap((f) => f.assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed'))
  return skipped.map(({ fullName, meta }) => `Skipped: ${fullName} (${meta?.reason ?? 'no reason given'})`)
}

/** Returns a line for every failed test, and for every file that failed to load: its name and the first line of the message. @param {readonly Report[]} reports */
export function failures(reports) {
  const failed = reports
    .flatMap((r) => r.testResults)
    .flatMap(({ status, name, message, assertionResults }) =>
      status === 'failed' && assertionResults.length === 0
        ? [[name, message]]
        : assertionResults.filter((a) => a.status === 'failed').map(({ fullName, failureMessages }) => [fullName, failureMessages?.[0]]),
    )
  return failed.map(([name, message]) => `Failed: ${name ?? 'a file'} (${message?.split('\n')[0] ?? 'no message'})`)
}

/** The last line of the output. @param {Totals} t */
export const closingLine = (t) => `${t.passed} passed, ${t.failed} failed, ${t.skipped} skipped`
