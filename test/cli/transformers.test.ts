/** Transformers on the command line: a small model on the sample. The tests depend on their order. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ModelEntry, TransformerConfig } from '../../src/contract/models.ts'
import type { RunInfo, TextPrediction } from '../../src/contract/records.ts'
import { CommandLine } from '../support/command-line.ts'
import { goldenModels, root } from '../support/paths.ts'

const cli = new CommandLine()
const { folder } = cli
const P = join(folder, 'Mine.reel')
const TINY = ['--model-layers', '1', '--model-dim', '32', '--model-heads', '2', '--model-hidden', '64', '--model-vocabulary', '600']
const QUICK = ['--folds', '2', '--epochs', '1', '--max-tokens', '48']

describe('a small transformer', () => {
  test('is trained epoch by epoch with the requested recipe', async () => {
    await cli.text('import', P, join(root, 'resources/sample/movies.csv'), '--seed', '1')
    const { code, out, err } = await cli.run(['train', P, '--model', 'small', ...TINY, '--model-warm-up-epochs', '1', ...QUICK, '--clip', 'none', '--decay-all', 'yes']) // prettier-ignore
    expect(code).toBe(0)
    expect(out).toMatch(/^Small transformer \(run 1, small transformer, full\): .* trained parameters, 19 genres, 2 folds/)
    expect(err).toMatch(/^reading without labels, epoch 1 of 1: loss \d/m)
    expect(err).toMatch(/\nfold 2, epoch 1 of 1: .*\nfinal model, epoch 1 of 1: /)
    const [run] = await cli.json<RunInfo[]>('runs', P)
    expect(run).toMatchObject({ id: 1, status: 'done', resumable: false })
    expect(run!.config).toMatchObject({ family: 'transformer', clip: null, decayAll: true, maxTokens: 48, model: { dim: 32, layers: 1 } })
    expect(await cli.text('runs', P)).toContain('small transformer, full')
  })

  test('and the linear family predict a plot', async () => {
    await cli.text('train', P, '--folds', '2', '--word-ngrams', '1', '--char-ngrams', 'none')
    const said = await cli.json<TextPrediction[]>('predict', P, '--text', 'A detective hunts a killer in the rain.')
    expect(said.map((s) => [s.run, s.family, s.problem])).toEqual([
      [2, 'linear', null],
      [1, 'transformer', null],
    ])
    for (const { genres } of said) expect(genres.length === 19 && genres.every((g) => g.probability > 0 && g.probability < 1)).toBe(true)
    expect(await cli.text('predict', P, '--text', 'A detective.', '--run', '1')).toMatch(/^Small transformer \(run 1, transformer\)\n/)
  })

  test('is exported as a folder and as a graph; it has no adapter', async () => {
    const merged = join(folder, 'merged')
    await cli.text('models', 'export', P, '--run', '1', '--out', merged)
    expect(readdirSync(merged).sort()).toEqual(['config.json', 'model.safetensors', 'vocab.txt'])
    expect(JSON.parse(readFileSync(join(merged, 'config.json'), 'utf8'))).toMatchObject({ model_type: 'bert', num_labels: 19 })
    await cli.text('models', 'export', P, '--run', '1', '--what', 'onnx', '--out', join(folder, 'graph'))
    expect(existsSync(join(folder, 'graph/onnx/model.onnx'))).toBe(true)
    expect((await cli.run(['models', 'export', P, '--run', '1', '--what', 'adapter', '--out', join(folder, 'no')])).err).toMatch(
      /^reelabel: This run trained no adapter/,
    )
    expect((await cli.run(['models', 'export', P, '--run', '2', '--out', join(folder, 'no')])).err).toContain('is a linear model')
    expect(existsSync(join(folder, 'no'))).toBe(false)
  })
})

test.each([
  [['--model', 'small', '--runs', '1,2'], 2, 'some of these options are of ensembles, and --model is small: leave out --model'],
  [['--epochs', '3'], 2, 'some of these options are of transformers, and --model is linear'],
  [['--model', 'small', '--c', '2'], 2, 'of the linear family'],
  [['--model', 'small', '--lora-rank', '900'], 2, '--lora-rank'],
  [['--model', 'small', '--model-dim', '33'], 2, '--model-heads'],
  [['--model', 'small', '--decay-all', 'maybe'], 2, 'yes or no'],
  [['--model', 'nobody'], 3, 'There is no model "nobody"'],
  [['--resume', '1'], 3, 'Run 1 was not interrupted (done)'],
])('train %j is refused', async (args, code, says) => {
  const ended = await cli.run(['train', P, ...args])
  expect([ended.code, ended.err.includes(says), ended.err]).toEqual([code, true, ended.err])
})

test('the Hub is asked only with consent, and never offline', async () => {
  expect((await cli.run(['models', 'search', 'bert'])).err).toMatch(/^reelabel: Nothing was sent\. .* Add --yes to agree\.\n$/)
  expect(await cli.text('models', 'settings', '--offline', 'on')).toContain('The Hub is not asked')
  expect((await cli.run(['models', 'download', 'some/model', '--yes'])).code).toBe(3)
  expect((await cli.run(['models'])).err).toContain('models needs one of its verbs: list, add')
})

/** A tiny reference model with a vocabulary, as a user's folder has it. */
function library(name: string): string {
  const target = join(folder, name)
  mkdirSync(target, { recursive: true })
  for (const file of ['config.json', 'model.safetensors']) cpSync(join(goldenModels, name, file), join(target, file))
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789.,!?;:"()-'.split('').flatMap((c) => [c, `##${c}`])
  const entries = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...letters, 'the', 'and', 'of', 'to', 'a'].slice(0, 120)
  writeFileSync(join(target, 'vocab.txt'), [...new Set(entries)].join('\n'))
  return target
}

describe('a model of a folder', () => {
  test.each(['lora', 'top'] as const)(
    'is trained in mode %s, predicts, and explains',
    async (mode) => {
      const path = library('distilbert-tiny')
      const run = await cli.json<RunInfo>('train', P, '--model', `distilbert:${path}`, '--mode', mode, '--top-layers', '1', ...QUICK)
      const { config } = run as { config: TransformerConfig }
      expect(config).toMatchObject({ mode, model: { source: 'library' } })
      expect((config.model as { digest: string }).digest).toMatch(/^[0-9a-f]{64}$/)
      const [said] = await cli.json<TextPrediction[]>('predict', P, '--text', 'a ship and a storm', '--run', String(run.id))
      expect([said!.problem, said!.genres.length]).toEqual([null, 19])
      expect(await cli.text('show', P, 'm001', '--genre', 'Drama')).toMatch(
        /^Drama \(the model that made the prediction, which did not learn from the movie\): \w/m,
      )
    },
    60_000,
  )

  test('is in the library; its adapter is exported in the layout of PEFT', async () => {
    const entries = await cli.json<ModelEntry[]>('models', 'list')
    expect(entries.map((m) => [m.source, m.architecture, m.problem])).toEqual([
      ['scratch', 'bert', null],
      ['folder', 'distilbert', null],
    ])
    const runs = await cli.json<RunInfo[]>('runs', P)
    const { id } = runs.find((r) => r.config.family === 'transformer' && r.config.mode === 'lora')!
    await cli.text('models', 'export', P, '--run', String(id), '--what', 'adapter', '--out', join(folder, 'adapter'))
    expect(readdirSync(join(folder, 'adapter'))).toEqual(expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']))
  })

  test('of another family than named is refused, and not added', async () => {
    const path = library('bert-tiny')
    expect((await cli.run(['train', P, '--model', `llama:${path}`])).err).toContain(`write bert:${path}`)
    expect(await cli.json<ModelEntry[]>('models', 'list')).toHaveLength(2)
  })
})
