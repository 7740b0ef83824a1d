// The closing line of a test run, from the runner's own reports.

/**
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: unknown[] }[] }} Report what is used of vitest's JSON report
 * @typedef {{ passed: number, failed: number, skipped: number }} Totals
 */

/** A file that could not be loaded holds no test to count: it counts as one failure. @param {readonly Report[]} reports @returns {Totals} */
export function sum(reports) {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  for (const r of reports) {
    totals.passed += r.numPassedTests
    totals.failed += r.numFailedTests + r.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length
    totals.skipped += r.numPendingTests + r.numTodoTests
  }
  return totals
}
/** @param {Totals} t */
export const closingLine = (t) => `${t.passed} passed, ${t.failed} failed, ${t.skipped} skipped`
