import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BENCHMARKS, between, table } from '../../scripts/lib/bench-table.mjs'
import { root } from '../support/paths.ts'

const material = { csv: 'c', project: 'p', real: 'r', quick: false }

test('every benchmark has its own script and name', () => {
  for (const b of BENCHMARKS) expect(existsSync(`${root}/${b.command(material)[0]!}`), b.name).toBe(true)
  expect(new Set(BENCHMARKS.map((b) => b.name)).size).toBe(BENCHMARKS.length)
})

test('a missing peer has no ratio', () => {
  const linear = BENCHMARKS.find((b) => b.name === 'linear')!
  const lines = linear.lines({ seconds: 5, peerSettingsSeconds: 2, peerSeconds: null, ratio: null, explainMs: 14 })
  expect(lines.map((l) => [l.result, l.peer, l.ratio])).toEqual([
    ['5.00 s', 'scikit-learn: not installed', null],
    ['2.00 s', 'scikit-learn: not installed', null],
    ['14 ms', '', null],
  ])
  expect(linear.lines({ seconds: 5, peerSettingsSeconds: 2, peerSeconds: 10, explainMs: 14 }).map((l) => l.ratio)).toEqual([0.5, 0.2, null])
})

test('a training step has its share of the roofline', () => {
  const pair = { seconds: 2, peakMB: 1000, peerSeconds: 4, times: 2, share: 0.814 }
  const { lines } = BENCHMARKS.find((b) => b.name === 'transformer')!
  const none = { ...pair, share: null }
  const all = lines({ infer: none, inferJs: none, lora: pair, full: none, plots: none, plotsLongest: none, epoch: none, tokenising: null, card: null, torchVersion: null }) // prettier-ignore
  const result = (measure: string) => all.find((l) => l.measure.startsWith(measure))!.result
  expect(result('LoRA step (')).toBe('2.00 s, 81% of the roofline')
  expect(result('full')).toBe('2.00 s')
})

test('the table is Markdown and replaces the old one in the page', () => {
  const text = table([{ name: 'a', measure: 'long words', result: '1 ms', peer: '', ratio: 0.5 }])
  expect(text).toBe(
    [
      '| Benchmark | What       | Result | Peer | Ratio |',
      '| --------- | ---------- | ------ | ---- | ----- |',
      '| a         | long words | 1 ms   |      | 0.50  |',
    ].join('\n'),
  )
  expect(between('# Page\n\n<!-- bench -->\nold\n<!-- /bench -->\n\nEnd\n', 'new')).toBe(
    '# Page\n\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\n\nEnd\n',
  )
  expect(() => between('# Page', 'new')).toThrow('lacks its markers')
})
