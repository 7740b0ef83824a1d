import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { SourceRecord } from '../../../src/main/data/import/records/read.ts'
import { inspect } from '../../../src/main/data/import/detect/inspect.ts'
import {
  BatchPacker,
  BatchUnpacker,
  recordBatches,
  recordBatchesOfThread,
  type RecordBatch,
} from '../../../src/main/jobs/work/record-batches.ts'
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

test('records are unpacked from batches as they were packed, and a list of genres is sent once', () => {
  const entry = { file: 'a.csv', line: 3, lines: 1, what: 'rejected' as const, why: 'torn', before: 'x', after: '' }
  const packer = new BatchPacker()
  const batches = [
    packer.pack([record(1), record(2, { key: null, rejected: 'torn', genres: [], log: [entry], file: 1 })], 77),
    packer.pack([record(3, { split: 'test' })], 99),
  ]
  const unpacker = new BatchUnpacker()
  const records = batches.flatMap((batch) => [...unpacker.records(structuredClone(batch))])
  expect(records).toEqual([
    { file: 0, number: 1, line: 2, raw: 'raw 1\n', key: 'k1', title: 'Title 1', plot: 'é plot', genres: ['Drama', 'War'], split: '', rejected: null },
    { file: 1, number: 2, line: 3, raw: 'raw 2\n', key: '', title: 'Title 2', plot: 'é plot', genres: [], split: '', rejected: 'torn' },
    { file: 0, number: 3, line: 4, raw: 'raw 3\n', key: 'k3', title: 'Title 3', plot: 'é plot', genres: ['Drama', 'War'], split: 'test', rejected: null },
  ]) // prettier-ignore
  expect(batches.map((b) => [b.bytes, b.newLists, b.log])).toEqual([
    [77, [['Drama', 'War'], []], [{ file: 1, entry }]],
    [99, [], []],
  ])
})

async function plan(lines: readonly string[]) {
  const path = join(scratch(), 'a.csv')
  writeFileSync(path, csvOf(lines))
  return inspect([path], { format: 'table', mapping: { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }, genreSyntax: 'comma' })
}
async function keysOf(batches: AsyncIterable<RecordBatch>): Promise<string[]> {
  const unpacker = new BatchUnpacker()
  const keys: string[] = []
  for await (const batch of batches) {
    for (const r of unpacker.records(batch)) keys.push(r.key)
    await turn()
  }
  return keys
}
const READERS = [
  ['in the same thread', recordBatches],
  ['in a thread', recordBatchesOfThread],
] as const

test.each(READERS)('%s: all records arrive in their order, however slowly they are taken', async (_how, read) => {
  const lines = Array.from({ length: 6000 }, (_, i) => `m${i}: Drama`)
  expect(await keysOf(read(await plan(lines)))).toEqual(lines.map((_, i) => `m${i}`))
})
test.each(READERS)('%s: a missing file is reported', async (_how, read) => {
  const gone = await plan(['a: Drama'])
  rmSync(gone.files[0]!.path)
  expect(await codeOf(() => keysOf(read(gone)))).toMatch(/file-not-found|no such file/)
})
test.each(READERS)('%s: reading can be ended early', async (_how, read) => {
  for await (const batch of read(await plan(Array.from({ length: 12_000 }, (_, i) => `m${i}: Drama`)))) {
    expect(batch.texts.length).toBeGreaterThan(0)
    break
  }
})
