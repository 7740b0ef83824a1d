/** Trainings on workers, in real processes, over a real queue. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { QueueAccess } from '../../src/contract/workers.ts'
import { Engine } from '../../src/main/engine.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { connect, on, QUEUE, Queue, Worker } from '../../src/main/workers/connection.ts'
import { startWorker } from '../../src/main/workers/worker.ts'
import { LINEAR, smallProject, soakWorkers, trained, TRANSFORMER } from '../soak/workers.ts'
import { needs } from '../support/needs.ts'
import { scratch } from '../support/project.ts'
import { haveRedis, NO_REDIS, startRedis, type TestRedis } from '../support/redis.ts'

const POSIX = process.platform !== 'win32'

describe(
  'a training on three workers',
  { ...needs(haveRedis && POSIX, haveRedis ? 'Windows has no signals' : NO_REDIS), timeout: 500_000 },
  () => {
    test('has the result of a local one, byte by byte, whichever workers are killed', async () => {
      const lines: string[] = []
      const { failed, killed } = await soakWorkers({
        runs: 5,
        seed: 3,
        folder: scratch(),
        config: LINEAR,
        tell: (line) => lines.push(line),
      })
      expect(failed, lines.join('\n')).toBe(0)
      expect(killed).toBeGreaterThan(2)
    })

    test('of a transformer too, with its pre-training as a part', async () => {
      const lines: string[] = []
      const { failed } = await soakWorkers({ runs: 1, seed: 4, folder: scratch(), config: TRANSFORMER, tell: (line) => lines.push(line) })
      expect(failed, lines.join('\n')).toBe(0)
    })
  },
)

describe('a queue', needs(haveRedis, NO_REDIS), () => {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-queue-'))
  let redis: TestRedis
  let original: string
  const stops: (() => Promise<void> | void)[] = []
  beforeAll(async () => {
    redis = await startRedis()
    original = await smallProject(folder)
  })
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })
  afterAll(() => {
    redis.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const project = (): string => {
    const path = join(scratch(), 'copy.reel')
    copyFileSync(original, path)
    return path
  }
  const worker = async (access: QueueAccess): Promise<string[]> => {
    const lines: string[] = []
    stops.push(await startWorker({ access, spawn: forkProcess, folder: scratch(), threads: 1, lockSeconds: 30, tell: (line) => lines.push(line) })) // prettier-ignore
    return lines
  }
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  test('without workers, or with workers of another version, takes no training', async () => {
    await expect(trained(project(), scratch(), LINEAR, redis.access)).rejects.toThrow(/failed: No worker is connected to the queue at 127/)
    const connection = await connect(redis.access)
    const old = new Worker(QUEUE, () => Promise.resolve(null), { ...on(connection), name: '0.0.1@attic' })
    stops.push(async () => {
      await old.close()
      connection.disconnect()
    })
    await old.waitUntilReady()
    await expect(trained(project(), scratch(), LINEAR, redis.access)).rejects.toThrow('attic has Reelabel 0.0.1), and this is')
  })

  test('keeps a part that a worker refuses, with its reason', async () => {
    await worker({ ...redis.access, secret: 'the secret of other people' })
    await expect(trained(project(), scratch(), LINEAR, redis.access)).rejects.toThrow(/The workers gave up the part "fold-\d" of the training \(A job on the queue is not signed/) // prettier-ignore
    const connection = await connect(redis.access)
    const queue = new Queue(QUEUE, on(connection))
    const [failed] = (await queue.getFailed()).filter(({ id }) => id?.includes('fold'))
    expect(failed).toMatchObject({
      attemptsMade: 1,
      failedReason: expect.stringContaining("is not signed with this queue's secret") as string,
    })
    await queue.obliterate({ force: true })
    await queue.close()
    connection.disconnect()
  })

  test('is cleared by a cancelled training, which ends what a worker computes', async () => {
    const lines = await worker(redis.access)
    const engine = await Engine.start({ dataDir: scratch(), spawn: forkProcess, open: project(), queue: redis.access })
    const connection = await connect(redis.access)
    const queue = new Queue(QUEUE, on(connection))
    stops.push(async () => {
      await engine.close()
      await queue.close()
      connection.disconnect()
    })
    expect(await engine.call('train.sends', {})).toMatchObject({ to: expect.stringContaining('127.0.0.1') as string, movies: 120 })
    const { job } = await engine.call('train.start', { config: LINEAR, workers: true })
    await until(() => lines.some((line) => line.includes('computing')))
    await engine.call('jobs.cancel', { job })
    await until(() => lines.some((line) => line.endsWith('nobody wants it any more')))
    await until(async () => (await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'waiting-children')) === 0)
    expect(lines.filter((line) => line.includes('computing'))).toHaveLength(1)
    expect((await connection.keys('reelabel:run:*')).length).toBe(0)
  })
})

test('without a queue, workers train nothing; an ensemble is not for them', async () => {
  const folder = scratch()
  const path = await smallProject(folder)
  const engine = await Engine.start({ dataDir: scratch(), spawn: forkProcess, open: path })
  try {
    await expect(engine.call('train.start', { config: LINEAR, workers: true })).rejects.toThrow('No queue is set')
    expect(await engine.call('train.sends', {})).toMatchObject({ to: null })
    expect(await engine.call('runs.list', {})).toEqual([])
  } finally {
    await engine.close()
  }
})
