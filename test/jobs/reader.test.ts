import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SOURCE, type ImportSource } from '../../src/contract/importing.ts'
import { FORECAST_CHARACTERS } from '../../src/main/data/import/detect/forecast.ts'
import { Reader } from '../../src/main/jobs/reader.ts'
import { forkProcess, type SpawnProcess } from '../../src/main/processes/work-process.ts'
import { z } from 'zod'
import { csvOf, scratch } from '../support/project.ts'

const VOID: (code: number | null) => void = () => undefined
const sourceOf = (path: string): ImportSource => z.object(SOURCE).parse({ paths: [path] })
/** A reader whose processes are counted; `hold` ones never answer. */
function readerOf(folder: string, { limitMs, hold = 0 }: { readonly limitMs?: number; readonly hold?: number } = {}) {
  const started: { killed: boolean; exit: (code: number | null) => void }[] = []
  const spawn = ((kind: 'reader') => {
    const seen = { killed: false, exit: VOID }
    const still = {
      post: () => undefined,
      onMessage: () => undefined,
      kill: () => undefined,
      onExit: (l: typeof seen.exit) => (seen.exit = l),
    }
    const process = started.length < hold ? still : forkProcess(kind)
    started.push(seen)
    const kill = (): void => {
      seen.killed = true
      process.kill()
    }
    return { ...process, kill }
  }) as SpawnProcess
  const reader = new Reader(spawn, limitMs)
  onTestFinished(() => reader.close())
  const inspect = (path: string, caller: object = {}) =>
    reader.inspect(sourceOf(path), join(folder, 'memory.json'), FORECAST_CHARACTERS, caller)
  return { started, inspect, reader }
}
function csvIn(folder: string): string {
  const path = join(folder, 'movies.csv')
  writeFileSync(path, csvOf(['a: Drama', 'b: War']))
  return path
}

test('one process reads one file after another, and the errors of the readers arrive as they are', async () => {
  const folder = scratch()
  const { started, inspect } = readerOf(folder)
  expect((await inspect(csvIn(folder))).forecast.records).toBe(2)
  await expect(inspect(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'file-not-found' })
  mkdirSync(join(folder, 'sub'))
  await expect(inspect(join(folder, 'sub'))).rejects.toMatchObject({ code: 'is-a-folder' })
  expect(started.map(({ killed }) => killed)).toEqual([false])
})

test('a file that takes too long is refused with its name, and the next one is read', async () => {
  const folder = scratch()
  const { started, inspect } = readerOf(folder, { limitMs: 50, hold: 1 })
  await expect(inspect(csvIn(folder))).rejects.toMatchObject({
    code: 'reader-slow',
    message: expect.stringMatching(/^Reading movies\.csv took longer than \d+ seconds and was ended\. Nothing was changed\./) as string,
  })
  expect(started.map(({ killed }) => killed)).toEqual([true])
})

test('a window that asks again, or is closed, cancels what it asked before; another window does not', async () => {
  const folder = scratch()
  const path = csvIn(folder)
  const { started, inspect, reader } = readerOf(folder, { hold: 1 })
  const [one, other] = [{}, {}]
  const first = inspect(path, one)
  const waits = inspect(path, other)
  const refused = expect(first).rejects.toMatchObject({ code: 'superseded' })
  const again = inspect(path, one)
  await refused
  expect(started[0]!.killed).toBe(true)
  expect((await waits).forecast.records).toBe(2)
  reader.left(one)
  await expect(again).rejects.toMatchObject({ code: 'cancelled' })
})

test('a process that ends is reported with the name of the file, and the next file is read by another one', async () => {
  const folder = scratch()
  const { started, inspect, reader } = readerOf(folder, { hold: 2 })
  const first = inspect(csvIn(folder))
  started[0]!.exit(null)
  await expect(first).rejects.toMatchObject({
    code: 'reader-died',
    message: expect.stringContaining('ended while it read movies.csv: it needs more than 900 MB of memory') as string,
  })
  const model = reader.ask({ t: 'model-folder', path: '/models/tiny' }, ['/models/tiny'])
  started[1]!.exit(134)
  await expect(model).rejects.toThrow(/ended while it read tiny: .* Nothing was changed\. Choose another model\.$/)
  expect((await inspect(csvIn(folder))).forecast.records).toBe(2)
})
