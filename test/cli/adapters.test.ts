/** Exports the adapter of one run and trains another run from it: a tiny model on a part of the sample. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ModelEntry, TransformerConfig } from '../../src/contract/models.ts'
import type { RunInfo, TextPrediction } from '../../src/contract/records.ts'
import { CommandLine } from '../support/command-line.ts'
import { goldenModels, root } from '../support/paths.ts'

const cli = new CommandLine()
const { folder } = cli
const P = join(folder, 'Mine.reel')
const QUICK = ['--mode', 'lora', '--folds', '2', '--epochs', '1', '--max-tokens', '48', '--device', 'cpu']
const MOVIES = 60
/** So small that the weights do not change. */
const STILL = ['--learning-rate', '1e-12']

async function said(run: number): Promise<number[]> {
  const [answer] = await cli.json<TextPrediction[]>('predict', P, '--text', 'a ship and a storm', '--run', String(run))
  return answer!.genres.toSorted((a, b) => a.name.localeCompare(b.name)).map((g) => g.probability)
}

test('a run from an exported adapter has the probabilities of the run that exported it', async () => {
  const base = join(folder, 'base')
  mkdirSync(base)
  for (const name of ['config.json', 'model.safetensors']) cpSync(join(goldenModels, 'distilbert-tiny', name), join(base, name))
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz').flatMap((c) => [c, `##${c}`])
  writeFileSync(join(base, 'vocab.txt'), ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...letters].join('\n'))
  const sample = readFileSync(join(root, 'resources/sample/movies.csv'), 'utf8').split('\n')
  const few = join(folder, 'few.csv')
  writeFileSync(few, [...sample.slice(0, 1 + MOVIES), ''].join('\n'))
  await cli.text('import', P, few, '--seed', '1')
  const first = await cli.json<RunInfo>('train', P, '--model', `distilbert:${base}`, ...QUICK, '--lora-rank', '3', '--learning-rate', '0.01') // prettier-ignore
  const out = join(folder, 'mine')
  await cli.text('models', 'export', P, '--run', String(first.id), '--what', 'adapter', '--out', out)
  expect(await cli.text('models', 'add', out)).toBe('mine, an adapter of base, is in the library as mine.\n')
  expect(await cli.text('models', 'list')).toMatch(/^mine +distilbert +adapter of base /m)
  const second = await cli.json<RunInfo>('train', P, '--model', 'mine', ...QUICK, ...STILL)
  expect((second.config as TransformerConfig).lora).toMatchObject({ rank: 3, targets: ['q_lin', 'v_lin'] })
  const [before, after] = [await said(first.id), await said(second.id)]
  after.forEach((p, i) => expect(p).toBeCloseTo(before[i]!, 5))
  // an adapter with other weights is another model
  const weights = join(out, 'adapter_model.safetensors')
  const bytes = readFileSync(weights)
  bytes[bytes.length - 2]! ^= 1
  writeFileSync(weights, bytes)
  const [answer] = await cli.json<TextPrediction[]>('predict', P, '--text', 'a ship', '--run', String(second.id))
  expect(answer!.problem).toContain('was trained from other weights than those mine has now')
  expect((await cli.run(['models', 'add', out, '--base', 'nobody/nothing'])).err).toContain('reelabel models download nobody/nothing')
  const again = await cli.json<ModelEntry>('models', 'add', out, '--base', base)
  expect(again).toMatchObject({ id: 'mine', base: 'base', problem: null })
}, 90_000)
