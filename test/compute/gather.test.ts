import { expect, test } from 'vitest'
import { gather, textsIn } from '../../src/main/compute/gather.ts'
import { scratch } from '../support/project.ts'

test('texts come back from their files, whichever rows are asked for', async () => {
  const texts = Array.from({ length: 9000 }, (_, row) => (row === 17 ? 'é\n"'.repeat(900_000) : `text ${row}`))
  const done: number[] = []
  const files = await gather(texts, scratch(), (row) => void done.push(row))
  expect(files.map(({ first, end }) => [first, end])).toEqual([[0, 4096], [4096, 8192], [8192, 9000]]) // prettier-ignore
  expect(done).toEqual([4096, 8192, 9000])
  const rows = Int32Array.of(8999, 17, 4096, 4095, 0)
  expect([...textsIn(files, rows)]).toEqual(Array.from(rows, (row) => texts[row]))
  expect([...textsIn(files, Int32Array.from(texts.keys()))]).toEqual(texts)
})

test('long texts make more files, and no text makes none', async () => {
  const files = await gather(Array.from({ length: 5 }, () => 'x'.repeat(2_500_000)), scratch(), () => undefined) // prettier-ignore
  expect(files.map(({ first, end }) => [first, end])).toEqual([[0, 2], [2, 4], [4, 5]]) // prettier-ignore
  expect(await gather([], scratch(), () => undefined)).toEqual([])
  expect(() => [...textsIn(files, Int32Array.of(5))]).toThrow('no file has the text of row 5')
})
