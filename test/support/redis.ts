/** Redis on a free loopback port with a password, which ends with the test file. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { findRedis } from '../../scripts/lib/redis.mjs'
import type { QueueAccess } from '../../src/contract/workers.ts'
import { connect } from '../../src/main/workers/connection.ts'

export const haveRedis = findRedis() !== null
export const NO_REDIS = 'no redis-server or valkey-server on the PATH'

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

export interface TestRedis {
  readonly access: QueueAccess
  stop(): void
}
/** @param options of redis-server, such as `--maxmemory 3mb` */
export async function startRedis(...options: readonly string[]): Promise<TestRedis> {
  const [port, password] = [await freePort(), randomBytes(12).toString('hex')]
  const access = { address: `redis://:${password}@127.0.0.1:${port}`, secret: randomBytes(12).toString('hex') }
  const child: ChildProcess = spawn(findRedis() ?? '', ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', password, '--save', '', ...options], { stdio: 'ignore' }) // prettier-ignore
  for (let tries = 0; ; tries++) {
    try {
      const redis = await connect(access)
      redis.disconnect()
      return { access, stop: () => void child.kill('SIGKILL') }
    } catch (error) {
      if (tries === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
