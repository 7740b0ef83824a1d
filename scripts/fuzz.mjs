// `npm run fuzz -- --minutes 10`: feeds damaged files to every reader. A failure is a crash, more than a second for each megabyte (plus
// two seconds), or more than ten times the memory of the input (plus 256 MB). The file of a failure is kept.
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { at, recentNode, tooOld } from './lib/node.mjs'

const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exit(1)
}
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    only: { type: 'string', default: '' },
  },
})
const HANGS_AFTER_MS = 20_000
const until = Date.now() + Number(values.minutes) * 60_000
const folder = mkdtempSync(join(tmpdir(), 'reelabel-fuzz-'))
let [next, cases, failures] = [Number(values.seed), 0, 0]
console.log(`seed ${next}; files that fail stay in ${folder}`)
while (Date.now() < until) await round()
console.log(`${cases.toLocaleString('en')} files, ${failures} failures`)
process.exit(failures === 0 ? 0 : 1)

/** Runs one process until it dies, hangs or the time is over. @returns {Promise<void>} */
function round() {
  return new Promise((done) => {
    const child = spawn(/** @type {string} */ (node), [at('test/fuzz/worker.ts'), folder, String(next), String(until), values.only], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let current = ''
    let errors = ''
    let watchdog = setTimeout(() => undefined, 0)
    const watch = () => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS)
    }
    watch()
    let rest = ''
    child.stdout.on('data', (chunk) => {
      watch()
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [what, seed, ...more] = line.split(' ')
        if (what === 'case') {
          current = line
          next = Number(seed) + 1
          cases++
        } else if (what === 'fail') {
          failures++
          console.log(`FAIL ${seed} ${more.join(' ')}`)
        } else if (what === 'note') console.log(line)
      }
    })
    child.stderr.on('data', (chunk) => (errors = (errors + String(chunk)).slice(-2000)))
    child.on('close', (code, signal) => {
      clearTimeout(watchdog)
      if (code !== 0) {
        failures++
        console.log(`FAIL the process ended with ${signal ?? code} in ${current}\n${errors}`)
      }
      done()
    })
  })
}
