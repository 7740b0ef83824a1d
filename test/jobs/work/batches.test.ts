import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SourceRecord } from '../../../src/main/data/import/read.ts'
import { inspect } from '../../../src/main/data/import/inspect.ts'
import { packBatch, unpackBatch } from '../../../src/main/jobs/work/batches.ts'
import { readHere, readInThread, type Reading } from '../../../src/main/jobs/work/reading.ts'
import { codeOf, csvOf, scratch } from '../../support/project.ts'

const record = (n: number, part: Partial<SourceRecord> = {}): SourceRecord => ({
  file: 0,
  record: n,
  line: n + 1,
  raw: `raw ${n}\n`,
  key: `k${n}`,
  title: `Title ${n}`,
  plot: 'é plot',
  genres: ['Drama', 'War'],
  split: null,
  rejected: null,
  log: [],
  ...part,
})

test('records come out of a batch as they went in', () => {
  const entry = { file: 'a.csv', line: 3, lines: 1, what: 'rejected' as const, why: 'torn', before: 'x', after: '' }
  const batch = packBatch(
    [record(1), record(2, { key: null, rejected: 'torn', genres: [], log: [entry], file: 1 }), record(3, { split: 'test' })],
    77,
  )
  expect([...unpackBatch(structuredClone(batch))]).toEqual([
    { file: 0, number: 1, line: 2, raw: 'raw 1\n', key: 'k1', title: 'Title 1', plot: 'é plot', genres: '["Drama","War"]', split: '', rejected: null },
    { file: 1, number: 2, line: 3, raw: 'raw 2\n', key: '', title: 'Title 2', plot: 'é plot', genres: '[]', split: '', rejected: 'torn' },
    { file: 0, number: 3, line: 4, raw: 'raw 3\n', key: 'k3', title: 'Title 3', plot: 'é plot', genres: '["Drama","War"]', split: 'test', rejected: null },
  ]) // prettier-ignore
  expect([batch.bytes, batch.log]).toEqual([77, [{ file: 1, entry }]])
})

async function plan(lines: readonly string[]) {
  const path = join(scratch(), 'a.csv')
  writeFileSync(path, csvOf(lines))
  return inspect([path], { format: 'table', mapping: { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }, genreSyntax: 'comma' })
}
async function keysOf(reading: Reading): Promise<string[]> {
  const keys: string[] = []
  try {
    while (!reading.ended) {
      const batch = reading.take()
      if (batch) for (const r of unpackBatch(batch)) keys.push(r.key)
      else await reading.arrival()
    }
    return keys
  } finally {
    await reading.close()
  }
}
const READERS = [
  ['in turns', readHere],
  ['in a thread', readInThread],
] as const

test.each(READERS)('%s: all records arrive in their order, however slowly they are taken', async (_how, start) => {
  const lines = Array.from({ length: 6000 }, (_, i) => `m${i}: Drama`)
  const keys = await keysOf(start(await plan(lines)))
  expect(keys).toEqual(lines.map((_, i) => `m${i}`))
})
test.each(READERS)('%s: a file that is gone is said', async (_how, start) => {
  const gone = await plan(['a: Drama'])
  rmSync(gone.files[0]!.path)
  expect(await codeOf(() => keysOf(start(gone)))).toMatch(/file-not-found|no such file/)
})
test.each(READERS)('%s: closing ends it before its end', async (_how, start) => {
  const reading = start(await plan(Array.from({ length: 30_000 }, (_, i) => `m${i}: Drama`)))
  await reading.arrival()
  expect(reading.take()).not.toBeNull()
  await reading.close()
})
