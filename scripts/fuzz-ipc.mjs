// `npm run fuzz:ipc -- --messages 1000000`: sends wrong messages to an engine, over a port and over the browser host.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fuzz } from '../test/soak/fuzz.ts'

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '1000000' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
})
const folder = mkdtempSync(join(tmpdir(), 'reelabel-fuzz-'))
const started = performance.now()
try {
  const { port, socket } = await fuzz(folder, Number(values.messages), Number(values.seed), console.log)
  console.log(
    `seed ${values.seed}: ${port.messages} messages over a port (${port.refused} calls refused, ${port.ignored} no calls), ` +
      `${socket.messages} over the browser host (${socket.refused} refused, ${socket.closed} connections closed, ${socket.upgradesRefused} strangers refused); ` +
      `the engine is alive and nothing has changed. ${((performance.now() - started) / 1000).toFixed(0)} s, ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
