/** Predictions of many movies, here and on workers, in real processes. */
import { parse } from 'csv-parse/sync'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { resultOf } from '../../src/contract/events.ts'
import type { PredictedMovies } from '../../src/contract/training.ts'
import type { QueueAccess } from '../../src/contract/workers.ts'
import { Engine } from '../../src/main/engine.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { connect } from '../../src/main/workers/connection.ts'
import { LINEAR, smallProject, trained, TRANSFORMER, WorkerProcess } from '../soak/workers.ts'
import { needs } from '../support/needs.ts'
import { finished, scratch } from '../support/project.ts'
import { haveRedis, NO_REDIS, startRedis, type TestRedis } from '../support/redis.ts'

const POSIX = process.platform !== 'win32'
const folder = mkdtempSync(join(tmpdir(), 'reelabel-predictions-'))
const movies = join(folder, 'movies.csv')
let project: string
beforeAll(async () => {
  project = await smallProject(folder)
  await trained(project, join(folder, 'data'), LINEAR)
  await trained(project, join(folder, 'data'), TRANSFORMER)
  const plots = ['A rider, a horse and a sheriff.', 'A "family" and its secret.', 'A robot on a ship.', '']
  const lines = Array.from({ length: 9000 }, (_, i) => `n${i},"Title ${i}","Number ${i % 97}: ${plots[i % 4]!.replaceAll('"', '""')}"`)
  writeFileSync(movies, `id,title,plot\n${lines.join('\n')}\n`)
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Wanted {
  readonly of?: string
  readonly out: string
  readonly run?: number
  readonly queue?: QueueAccess
  /** Cancels when this holds. */
  readonly cancelAt?: (phase: string) => boolean
}
async function predicted({ of = movies, out, run = 1, queue, cancelAt = () => false }: Wanted): Promise<PredictedMovies> {
  const engine = await Engine.start({ dataDir: scratch(), spawn: forkProcess, open: project, queue })
  try {
    engine.on('job', ({ job, phase, state }) => {
      if (state === 'running' && cancelAt(phase)) void engine.call('jobs.cancel', { job })
    })
    const end = await finished(engine, () =>
      engine.call('predict.movies', { path: of, predictions: out, run, workers: queue !== undefined }),
    )
    if (end.state !== 'done') throw new Error(`${end.state}: ${end.message}`)
    return resultOf('predict', end)
  } finally {
    await engine.close()
  }
}
const rowsOf = (file: string): Readonly<Record<string, string>>[] => parse(readFileSync(file), { columns: true })

test('every movie of a file, or of a project, has the predictions that its text alone has', { timeout: 120_000 }, async () => {
  const [out, again] = [join(scratch(), 'out.csv'), join(scratch(), 'again.csv')]
  expect(await predicted({ out })).toMatchObject({ movies: 9000, shards: 3, resumed: 0 })
  expect(readdirSync(join(out, '..'))).toEqual(['out.csv'])
  const rows = rowsOf(out)
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 9000 }, (_, i) => `n${i}`))
  const engine = await Engine.start({ dataDir: scratch(), spawn: forkProcess, open: project })
  for (const i of [0, 4095, 4096, 8999]) {
    const plot =
      `Number ${i % 97}: ${['A rider, a horse and a sheriff.', 'A "family" and its secret.', 'A robot on a ship.', ''][i % 4]!}`.trim()
    const [alone] = await engine.call('predict.text', { title: `Title ${i}`, plot, runs: [1] })
    for (const { name, probability } of alone!.genres) expect(Number(rows[i]![name])).toBeCloseTo(probability, 6)
    expect(rows[i]!['predicted']).toBe(alone!.genres.filter((genre) => genre.predicted).map(({ name }) => name).join('|')) // prettier-ignore
  }
  await engine.close()
  expect(await predicted({ of: project, out: again })).toMatchObject({ movies: 120, shards: 1 })
  expect(rowsOf(again).map(({ id }) => id)).toEqual(Array.from({ length: 120 }, (_, i) => `m${i}`))
  await expect(predicted({ of: join(folder, 'none.csv'), out })).rejects.toThrow('none.csv')
  // titles alone are not predicted as if they were plots
  const [titles, header] = [join(scratch(), 'titles.csv'), join(scratch(), 'header.csv')]
  writeFileSync(titles, 'id,title\n1,Alien\n2,Heat\n')
  writeFileSync(header, 'id,title,plot\n')
  await expect(predicted({ of: titles, out })).rejects.toThrow(/^No column is known to hold the plots: .*: reelabel predict .* --map plot=COLUMN$/) // prettier-ignore
  await expect(predicted({ of: header, out })).rejects.toThrow(/no records: choose another file\.$/)
  const part = `${out}.part`
  mkdirSync(part)
  writeFileSync(join(part, 'thesis.txt'), 'mine')
  await expect(predicted({ out })).rejects.toThrow('is not the unfinished part of a prediction')
  expect(readdirSync(part)).toEqual(['thesis.txt'])
  // neither a project nor the file itself is overwritten
  const before = [project, movies].map((path) => readFileSync(path))
  await expect(predicted({ out: project })).rejects.toThrow('is a project')
  await expect(predicted({ out: movies })).rejects.toThrow('is the file whose movies are predicted')
  expect([project, movies].map((path) => readFileSync(path))).toEqual(before)
})

test('a prediction that was cancelled goes on where it was; another one begins again', { timeout: 120_000 }, async () => {
  const [whole, out] = [join(scratch(), 'whole.csv'), join(scratch(), 'out.csv')]
  await predicted({ out: whole })
  await expect(predicted({ out, cancelAt: (phase) => phase.includes('4,096 of') })).rejects.toThrow('cancelled')
  expect([existsSync(out), existsSync(join(`${out}.part`, 'scores-0')), existsSync(join(`${out}.part`, 'scores-2'))]).toEqual([false, true, false]) // prettier-ignore
  expect((await predicted({ out })).resumed).toBeGreaterThan(0)
  expect(readFileSync(out).equals(readFileSync(whole))).toBe(true)
  // what is left of another file is not taken for this one's
  mkdirSync(`${out}.part`)
  writeFileSync(join(`${out}.part`, 'state.json'), JSON.stringify({ of: 'other', shards: [{ first: 0, end: 9000 }] }))
  expect(await predicted({ out })).toMatchObject({ movies: 9000, resumed: 0 })
})

describe('on workers', { ...needs(haveRedis && POSIX, haveRedis ? 'Windows has no signals' : NO_REDIS), timeout: 240_000 }, () => {
  let redis: TestRedis
  const workers: WorkerProcess[] = []
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    for (const worker of workers.splice(0)) {
      worker.kill('SIGKILL')
      await worker.ended()
    }
  })
  afterAll(() => redis.stop())
  const start = async (): Promise<WorkerProcess> => {
    const worker = new WorkerProcess(redis.access, scratch())
    workers.push(worker)
    await worker.said('Waiting for work')
    return worker
  }

  test.each([
    ['linear', 1],
    ['transformer', 2],
  ])('a %s model predicts the same byte by byte, also if a worker is killed, and leaves no work behind', async (_, run) => {
    const of = run === 1 ? movies : project
    const [local, remote] = [join(scratch(), 'local.csv'), join(scratch(), 'remote.csv')]
    await predicted({ of, out: local, run })
    const first = await start()
    const replaced = first.said('computing shard').then(() => (first.kill('SIGKILL'), start()))
    const done = await predicted({ of, out: remote, run, queue: redis.access })
    await replaced
    expect(done.movies).toBe(run === 1 ? 9000 : 120)
    expect(readFileSync(remote).equals(readFileSync(local))).toBe(true)
    const connection = await connect(redis.access)
    expect(await connection.keys('reelabel:run:*')).toEqual([])
    expect(await connection.keys('reelabel:parts:*-shard-*')).toEqual([])
    connection.disconnect()
  })

  test('without a worker, what was read is kept for the next attempt', async () => {
    const out = join(scratch(), 'out.csv')
    await expect(predicted({ out, queue: redis.access })).rejects.toThrow('No worker is connected')
    expect([existsSync(out), existsSync(join(`${out}.part`, 'state.json'))]).toEqual([false, true])
  })
})
