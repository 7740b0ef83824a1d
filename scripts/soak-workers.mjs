// `npm run soak:workers -- --runs 30`: trains on three workers, killing them and the connections of Redis at random moments, and compares
// each result with that of a training on this machine, byte by byte.
//   --seed N   of the moments   --family linear or transformer
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LINEAR, soakWorkers, TRANSFORMER } from '../test/soak/workers.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    family: { type: 'string', default: 'linear' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'reelabel-soak-'))
const config = values.family === 'transformer' ? TRANSFORMER : LINEAR
const { runs, failed, killed, cut } = await soakWorkers({ runs: Number(values.runs), seed: Number(values.seed), folder, config, tell: console.log }) // prettier-ignore
rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
console.log(`${runs} runs, ${failed} failed; ${killed} workers killed while they computed, all connections cut ${cut} times`)
process.exit(failed === 0 ? 0 : 1)
