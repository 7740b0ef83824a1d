// `npm run cases -- FOLDER`: runs the cases of a folder (default: ../shared) and prints how many are right. A case is right if all of its
// tests in test/real/cases.test.ts pass; the tests begin with its number.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { at, recentNode, tooOld } from './lib/node.mjs'

const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exit(1)
}
const shared = resolve(process.argv[2] ?? at('../shared'))
const folder = mkdtempSync(join(tmpdir(), 'reelabel-cases-'))
const report = join(folder, 'report.json')
const vitest = [
  at('node_modules/vitest/vitest.mjs'),
  'run',
  '--project',
  'real',
  'test/real/cases.test.ts',
  '--reporter',
  'json',
  '--outputFile',
  report,
]
spawnSync(node, vitest, { cwd: at('.'), env: { ...process.env, REELABEL_SHARED: shared }, stdio: ['ignore', 'ignore', 'inherit'] })
/** @type {{ testResults: { assertionResults: { title: string, status: string, failureMessages: string[] }[] }[] }} */
const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
rmSync(folder, { recursive: true })
const tests = testResults.flatMap((file) => file.assertionResults)
const ids = [...new Set(readdirSync(join(shared, 'cases')).flatMap((name) => /^\d\d(?=-)/.exec(name) ?? []))].sort()
const wrong = ids.flatMap((id) => {
  const own = tests.filter(({ title }) => title.startsWith(`${id}:`))
  if (own.length === 0) return [`${id}: no test`]
  return own.filter(({ status }) => status !== 'passed').map(({ title, failureMessages }) => `${title}\n  ${failureMessages[0] ?? ''}`)
})
for (const text of wrong) console.log(text)
const bad = new Set(wrong.map((text) => text.slice(0, 2)))
console.log(`${ids.length - bad.size} of ${ids.length} cases are right`)
process.exit(bad.size === 0 ? 0 : 1)
