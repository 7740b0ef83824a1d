// `npm test`: runs every check, then the tests. The closing lines name every skipped test with its reason and every failed one with its
// message; the last line counts the tests. A step of its own tests the published catalogues beside the repository; no other step sees them.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from './lib/chromium.mjs'
import { ensureRedis } from './lib/redis.mjs'
import { at, recentNode, run, tooOld } from './lib/node.mjs'
import { closingLine, failures, skips, sum } from './lib/totals.mjs'

const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exit(1)
}
const reports = at('node_modules/.cache/reports')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

/** Folder of the published catalogues, which most checkouts do not have. */
const catalogues = process.env.REELABEL_SHARED ?? at('../shared')
const haveCatalogues = existsSync(catalogues)

const env = {
  ...process.env,
  REELABEL_SHARED: '',
  // programs that a step starts by name must find the same Node
  PATH: `${at('node_modules/.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`,
  HOME: process.env.HOME || mkdtempSync(join(tmpdir(), 'reelabel-home-')),
}
const bin = (/** @type {string} */ path, /** @type {string[]} */ ...args) => ({ args: [at(`node_modules/${path}`), ...args] })
const vitest = (/** @type {string[]} */ ...projects) => ({
  ...bin(
    'vitest/vitest.mjs',
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(reports, `${projects[0]}.json`)}`,
  ),
  report: join(reports, `${projects[0]}.json`),
})

/** @typedef {{ name: string, args: string[], report?: string, env?: NodeJS.ProcessEnv }} Step */
/** Each uses one core, so two of them run at a time, the longest first. @type {Step[]} */
const CHECKS = [
  { name: 'lint and types', ...bin('oxlint/bin/oxlint', '--type-aware', '--type-check') },
  {
    name: 'lint, components',
    ...bin('eslint/bin/eslint.js', 'src/renderer/**/*.svelte', 'src/renderer/**/*.svelte.ts', '--max-warnings', '0'),
  },
  {
    name: 'types, window',
    ...bin('svelte-check/bin/svelte-check', '--tsconfig', './tsconfig.web.json', '--fail-on-warnings', '--output', 'human'),
  },
  { name: 'format', ...bin('prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn') },
  { name: 'build', ...bin('electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn') },
]
/** @type {[Step, ...Step[]]} */
const TESTS = [
  { name: 'unit tests', ...vitest('unit', 'unit-mocking') },
  { name: 'end-to-end tests', ...vitest('e2e') },
  ...(haveCatalogues ? [{ name: 'tests of published catalogues', ...vitest('real'), env: { REELABEL_SHARED: catalogues } }] : []),
]

const chromium = ensureChromium()
if (chromium === null) {
  console.error('The end-to-end tests need Chromium: install it, or set CHROMIUM to the path of a Chrome, Chromium or Edge.')
  process.exit(1)
}
env.CHROMIUM = chromium
// tests that need it are skipped where it cannot be installed
ensureRedis()

process.chdir(at('.'))
/** The name of each failed step; a check is followed by what it printed last, which is far above the closing lines. @type {string[]} */
const failed = []
const lastLines = (/** @type {string} */ text) => text.trimEnd().split('\n').slice(-30).join('\n')
/** @type {import('./lib/totals.mjs').Report[]} */
const results = []
/** @param {Step} step @param {boolean} beside true if another step runs beside it: its output is printed when it ends */
async function runStep({ name, args, report, env: own }, beside) {
  /** @type {Buffer[]} */
  const output = []
  const started = performance.now()
  if (!beside) console.log(`\n== ${name}`)
  const end = await run(node, args, { ...env, ...own }, beside ? (bytes) => output.push(bytes) : undefined)
  if (typeof end === 'string') process.exit(1)
  if (beside) console.log(`\n== ${name}\n${Buffer.concat(output)}`)
  if (end !== 0) failed.push(report ? name : `${name}\n${lastLines(Buffer.concat(output).toString())}`)
  console.log(`== ${name}: ${end === 0 ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  if (!report) return
  try {
    results.push(JSON.parse(readFileSync(report, 'utf8')))
  } catch {
    console.log(`== ${name}: no report was written, so its tests are not counted`)
    if (end === 0) failed.push(name)
  }
}
const checks = CHECKS.values()
const runChecks = async () => {
  for (const check of checks) await runStep(check, true)
}
await Promise.all([runChecks(), runChecks()])
const [unit, ...others] = TESTS
await runStep(unit, false)
// they wait for pages most of the time
await Promise.all(others.map((step) => runStep(step, others.length > 1)))

const totals = sum(results)
console.log()
for (const line of [...skips(results), ...failures(results)]) console.log(line)
if (!haveCatalogues) console.log('Not run: test/real, which needs published catalogues in ../shared')
for (const step of failed) console.log(`Failed step: ${step}`)
console.log(`\n${closingLine(totals)}`)
process.exitCode = failed.length > 0 || totals.failed > 0 ? 1 : 0
