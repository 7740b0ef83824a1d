import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NOT_TRAINING } from '../../../src/contract/jobs.ts'
import type { Architecture, TrainMode, TransformerConfig } from '../../../src/contract/models.ts'
import { libraryDefaults } from '../../../src/main/compute/train/defaults.ts'
import { foldsOfMovies, writeFoldOfMovies } from '../../../src/main/compute/model-artifact.ts'
import { loadTransformer } from '../../../src/main/compute/inference/transformer.ts'
import { goldenModels } from '../../support/paths.ts'
import { labels, plots, ROWS, tinyInput, tinyRecipe, tinyTraining, type Reports } from './tiny-training.ts'

let folder: string
let reports: Reports
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'finetune-'))
  reports = { epochs: [], notes: [], fractions: [] }
})
afterEach(() => rmSync(folder, { recursive: true }))

const right = (probabilities: Float32Array): number =>
  probabilities.reduce((n, p, i) => n + (p >= 0.5 === (labels[i] === 1) ? 1 : 0), 0) / labels.length

describe('a small transformer, from the plots alone', () => {
  test('learns the genres of the plots, also out of fold, and stores a complete model', async () => {
    const result = await tinyTraining(folder, { reports, recipe: { epochs: 8 } })
    expect(right(result.probabilities)).toBeGreaterThan(0.8)
    expect(readdirSync(result.folder).toSorted()).toEqual([
      'config.json',
      'fold-0.safetensors',
      'fold-1.safetensors',
      'model.safetensors',
      'vocab.txt',
    ])
    expect(reports.epochs.map(({ stage, fold }) => `${stage} ${fold}`).filter((each, i, all) => each !== all[i - 1])).toEqual(['warm-up null', 'fine-tuning 0', 'fine-tuning 1', 'fine-tuning null']) // prettier-ignore
    expect(reports.fractions).toEqual(reports.fractions.toSorted((a, b) => a - b))
    expect(reports.fractions.at(-1)).toBeCloseTo(1, 5)
  }, 60_000)

  test('a training that starts from it notes that it has seen the movies', async () => {
    const { folder: seen } = await tinyTraining(join(folder, 'a'), { reports, recipe: { epochs: 1 } })
    const recipe = { ...libraryDefaults({ source: 'library', id: 'a', digest: 'd' }, 'bert', 'head'), epochs: 1, folds: 2 }
    await tinyTraining(join(folder, 'b'), { reports, recipe, modelFolder: seen })
    await tinyTraining(join(folder, 'c'), { reports, recipe, modelFolder: seen, input: { genreNames: ['Other', 'Names'] } })
    expect(reports.notes).toEqual([expect.stringContaining('out-of-fold scores are too high')])
  }, 60_000)

  test('a label does not affect the predictions of a model that has not seen it', async () => {
    const base = await tinyTraining(join(folder, 'a'), { recipe: { epochs: 1 } })
    const changed = labels.slice()
    changed[0] = 1 - changed[0]!
    const other = await tinyTraining(join(folder, 'b'), { recipe: { epochs: 1 }, input: { labels: changed } })
    const held = Array.from(tinyInput.fold.keys()).filter((row) => tinyInput.fold[row] === tinyInput.fold[0])
    for (const row of held) expect(other.probabilities.subarray(2 * row, 2 * row + 2)).toEqual(base.probabilities.subarray(2 * row, 2 * row + 2)) // prettier-ignore
    expect(other.probabilities).not.toEqual(base.probabilities)
  }, 60_000)

  test('cells that are excluded from the loss, or have weight 0, have no influence', async () => {
    const recipe = { epochs: 1 }
    const flipped = Uint8Array.from(labels, (y, i) => (i === 6 ? 1 - y : y))
    const excluded = new Uint8Array(labels.length)
    excluded[6] = 1
    const masked = await tinyTraining(join(folder, 'a'), { recipe, input: { excluded } })
    const both = await tinyTraining(join(folder, 'b'), { recipe, input: { excluded, labels: flipped } })
    expect(both.probabilities).toEqual(masked.probabilities)
    const rowWeight = Float32Array.from({ length: ROWS }, (_, i) => (i === 3 ? 0 : 1))
    const light = await tinyTraining(join(folder, 'c'), { recipe, input: { rowWeight } })
    const lightFlipped = await tinyTraining(join(folder, 'd'), { recipe, input: { rowWeight, labels: flipped } })
    expect(lightFlipped.probabilities).toEqual(light.probabilities)
  }, 60_000)
})

test('a training without rows is refused', async () => {
  const input = { fold: new Uint8Array(ROWS).fill(NOT_TRAINING) }
  await expect(tinyTraining(folder, { input })).rejects.toMatchObject({ code: 'nothing-to-train' })
})

/** Adds a vocabulary to a tiny model, which has 120 words and no tokenizer: the words of the plots, digits and letters. */
function modelFolder(name: string): string {
  const to = join(folder, name)
  cpSync(join(goldenModels, name), to, { recursive: true })
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i))
  const words = [...new Set(plots.flatMap((plot) => plot.toLowerCase().match(/[a-z]+/g) ?? []))]
  const digits = Array.from({ length: 10 }, (_, i) => `${i}`)
  const all = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '.', ...words, ...digits, ...digits.map((d) => `##${d}`), ...letters]
  writeFileSync(join(to, 'vocab.txt'), `${Array.from({ length: 120 }, (_, i) => all[i] ?? `[unused${i}]`).join('\n')}\n`)
  return to
}

describe('the models of the folds', () => {
  const movies = Int32Array.from({ length: ROWS }, (_, row) => 1000 + row)
  test.each<[string, Architecture | null, TrainMode, TransformerConfig['outOfFold']]>([
    ['a small transformer', null, 'full', 'folds'],
    ['adapters', 'distilbert', 'lora', 'folds'],
    ['adapters, whose folds are heads on the published model', 'distilbert', 'lora', 'head'],
    ['adapters of a decoder', 'llama', 'lora', 'folds'],
    ['top layers', 'bert', 'top', 'folds'],
    ['a head', 'distilbert', 'head', 'folds'],
    ['all weights', 'distilbert', 'full', 'folds'],
  ])(
    '%s: give the out-of-fold probabilities again',
    async (_, architecture, mode, outOfFold) => {
      const from = architecture === null ? null : modelFolder(`${architecture}-tiny`)
      const library = architecture && libraryDefaults({ source: 'library', id: architecture, digest: 'd' }, architecture, mode)
      const config = { ...(library ?? tinyRecipe), epochs: 3, folds: 2, learningRate: 1e-2, maxTokens: 32, outOfFold }
      const { folder: made, probabilities, storesFolds } = await tinyTraining(folder, { recipe: config, modelFolder: from })
      expect(storesFolds).toBe(true)
      writeFoldOfMovies(made, movies, tinyInput.fold)
      const isWhole = architecture === null || mode === 'full'
      const source = { config, folder: made, modelFolder: isWhole ? null : from, adapterFolder: null, genreNames: tinyInput.genreNames }
      const final = loadTransformer(source)
      expect([1000, 1004, 1139, 1140, 7].map((movie) => final.foldOf!(movie))).toEqual([0, 1, 0, null, null])
      const texts = plots.slice(0, 8)
      const [first, second] = [loadTransformer(source, 0), loadTransformer(source, 1)]
      const found = [...(await first.predict(texts)).subarray(0, 8), ...(await second.predict(texts)).subarray(8)]
      found.forEach((p, cell) => expect(p).toBeCloseTo(probabilities[cell]!, 4))
      expect(await final.predict(texts)).not.toEqual(Float32Array.from(found))
      const explained = await second.explain(texts[4]!, 0, 1004, 'occlusion')
      expect(explained.of).toBe('fold')
      for (const model of [final, first, second]) await model.release()
    },
    60_000,
  )

  test('are not kept where only their heads are, and the body below them is not stored', async () => {
    const recipe = { epochs: 1, outOfFold: 'head' } as const
    const { folder: made, storesFolds } = await tinyTraining(folder, { recipe })
    expect([storesFolds, foldsOfMovies(made)(1)]).toEqual([false, null])
    expect(readdirSync(made).filter((name) => name.startsWith('fold'))).toEqual([])
  }, 60_000)
})

describe('models of a folder', () => {
  const train = (architecture: Architecture, mode: TrainMode, change: Partial<TransformerConfig> = {}) => {
    const library = libraryDefaults({ source: 'library', id: architecture, digest: 'd' }, architecture, mode)
    const recipe = { ...library, epochs: 6, folds: 2, learningRate: 1e-2, maxTokens: 32, ...change }
    return tinyTraining(folder, { reports, recipe, modelFolder: modelFolder(`${architecture}-tiny`) })
  }
  test.each([
    ['distilbert', 'lora', 'trained.safetensors'],
    ['bert', 'top', 'trained.safetensors'],
    ['llama', 'lora', 'trained.safetensors'],
    ['distilbert', 'full', 'model.safetensors'],
  ] as const)(
    '%s, %s: the loss falls, and %s is left',
    async (architecture, mode, file) => {
      const { folder: left } = await train(architecture, mode)
      const losses = reports.epochs.filter(({ fold }) => fold === null).map(({ trainLoss }) => trainLoss)
      expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!)
      expect(readdirSync(left)).toContain(file)
    },
    60_000,
  )

  test('top layers learn the same from cached activations as without a cache', async () => {
    // with dropout below the trained layers the two would differ
    const kept = await train('bert', 'top', { topLayers: 1, dropout: 0, outOfFold: 'folds' })
    expect(readdirSync(join(folder, 'cache'))).toHaveLength(2)
    rmSync(join(folder, 'run'), { recursive: true })
    const again = await train('bert', 'top', { topLayers: 1, dropout: 0, outOfFold: 'folds' })
    expect(again.probabilities).toEqual(kept.probabilities)
    rmSync(join(folder, 'run'), { recursive: true })
    const plain = await train('bert', 'top', { topLayers: 1, dropout: 0, outOfFold: 'folds', cacheMb: 0 })
    expect(reports.notes).toEqual([expect.stringContaining('every step computes them again')])
    plain.probabilities.forEach((p, i) => expect(kept.probabilities[i]).toBeCloseTo(p, 3))
  }, 60_000)

  test('a head is trained on cached activations, and gives the same results again', async () => {
    const first = await train('distilbert', 'head')
    const entries = readdirSync(join(folder, 'cache'))
    expect(entries).toHaveLength(1)
    rmSync(join(folder, 'run'), { recursive: true })
    const again = await train('distilbert', 'head')
    expect(again.probabilities).toEqual(first.probabilities)
    writeFileSync(join(folder, 'cache', entries[0]!), 'damaged')
    rmSync(join(folder, 'run'), { recursive: true })
    expect((await train('distilbert', 'head')).probabilities).toEqual(first.probabilities)
  }, 60_000)
})
