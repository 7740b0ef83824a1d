import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FromEngine, ToEngine } from '../../../src/contract/bridge.ts'
import { scratch } from '../../support/project.ts'
import { channel } from '../../standin/port.ts'
import { utilityProcess } from '../../standin/utility-process.ts'

const ENTRY = join(import.meta.dirname, '../../../src/main/processes/engine.ts')
/** Under Electron an unhandled rejection ends the process before it sends its last message; here it sets its own exit code. */
const STRICT = `--import=data:text/javascript,${encodeURIComponent("process.on('unhandledRejection', () => process.exit(99))")}`
interface Child {
  postMessage(m: ToEngine, ports?: unknown[]): void
  on(event: 'message' | 'exit', listener: (value: never) => void): void
}

test('an engine that cannot start reports why, even if a window is already waiting', async () => {
  const dataDir = join(scratch(), 'data')
  writeFileSync(dataDir, 'no folder')
  const child = utilityProcess.fork(ENTRY, [dataDir], {
    serviceName: 'engine under test',
    env: { ...process.env, NODE_OPTIONS: STRICT },
  }) as Child
  const told: FromEngine[] = []
  child.on('message', (m: FromEngine) => told.push(m))
  const ended = new Promise<number>((resolve) => child.on('exit', resolve))
  child.postMessage({ t: 'window' }, [channel().port1])
  child.postMessage({ t: 'open', path: 'x.reel' })
  expect(await ended).toBe(1)
  expect(told).toEqual([{ t: 'failed', message: expect.stringContaining(dataDir) as string }])
})
