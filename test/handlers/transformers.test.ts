import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TransformerConfig } from '../../src/contract/models.ts'
import { Store } from '../../src/main/store/store.ts'
import { unpack } from '../../src/main/jobs/model-artifacts.ts'
import { writeModel } from '../hub/tiny-model.ts'
import { goldenModels } from '../support/paths.ts'
import { Bench, codeOf, scratch, tunes, tunesHalfway } from '../support/project.ts'

const LINES = Array.from({ length: 30 }, (_, i) => {
  const genres = [['Drama'], ['Comedy'], ['War', 'Drama']][i % 3]!
  return `m${i}: ${genres.join(', ')} | ${i < 20 ? 'train' : i < 24 ? 'valid' : 'test'}`
})
const config = { family: 'transformer', folds: 2 } as const
const SMALL = { config }
const runsOf = async (b: Bench) => (await b.call('runs.list', {})).map((r) => [r.id, r.status, r.resumable])
/** Names of the files in the folder of checkpoints. */
const checkpoints = (b: Bench): string[] => {
  const dir = join(b.folder, 'runs')
  return existsSync(dir) ? readdirSync(dir, { recursive: true }).map(String).filter((name) => name.endsWith('checkpoint')) : [] // prettier-ignore
}

test('a transformer becomes the current run, with its recipe, log, model and predictions; its checkpoints are deleted', async () => {
  const b = await Bench.open(LINES)
  const epochs: number[] = []
  b.engine.on('epoch', ({ run, figures }) => epochs.push(10 * run + figures.epoch))
  expect(await b.train(SMALL)).toMatchObject({ state: 'done', kind: 'train', run: 1 })
  const [run] = await b.call('runs.list', {})
  expect(run).toMatchObject({ name: 'Small transformer', current: true, features: 1234, error: null, resumable: false })
  expect(run!.config).toEqual({ ...(await b.call('train.defaults', { family: 'transformer' })), folds: 2 })
  expect(epochs).toEqual([11, 12, 13])
  const log = await b.call('runs.log', { run: 1 })
  expect([log.epochs.map((e) => e.epoch), log.device, log.notes.length]).toEqual([[1, 2, 3], 'CPU, 2 threads', 1])
  expect(b.compute.tuned[0]).toMatchObject({ genreNames: ['Comedy', 'Drama', 'War'], modelFolder: null })
  expect(checkpoints(b)).toEqual([])
  const store = new Store(b.path, 'read')
  const folder = join(scratch(), 'model')
  await unpack(store.runs.model(1)!.bytes!, folder)
  store.close()
  expect(readFileSync(join(folder, 'trained.safetensors'), 'utf8')).toBe('weights of Comedy, Drama, War')
})

test('a retrain takes the recipe of the current run; settings of another family start from its defaults', async () => {
  const b = await Bench.open(LINES)
  await b.train({ config: { ...config, epochs: 7, lora: { rank: 2 } } })
  expect(await b.train({ retrain: true, config: {} })).toMatchObject({ state: 'done', kind: 'retrain' })
  await b.train({ retrain: true, config: { family: 'transformer', seed: 5 } })
  await b.train({ retrain: true, config: { family: 'linear', folds: 2 } })
  const runs = await b.call('runs.list', {})
  const [first, second, third, fourth] = runs.map((r) => r.config as TransformerConfig)
  expect([first!.epochs, first!.lora.rank, first!.lora.alpha]).toEqual([7, 2, 16])
  expect(second).toEqual(first)
  expect(third).toEqual({ ...first, seed: 5 })
  expect(fourth!.family).toBe('linear')
  expect(runs[1]).toMatchObject({ name: 'Retraining of run 1', parent: 1 })
  // figures of two families are compared in the same way
  expect(await b.call('runs.compare', { a: 3, b: 4, resamples: 100 })).toMatchObject({ a: 3, b: 4, part: 'test' })
})

test('a retrain in another mode has the learning rate of that mode, and the same model', async () => {
  const b = await Bench.open(LINES)
  const golden = (name: string): Buffer => readFileSync(join(goldenModels, 'distilbert-tiny', name))
  const vocabulary = Buffer.from('[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n')
  const names = ['config.json', 'model.safetensors']
  const files = { ...Object.fromEntries(names.map((name) => [name, golden(name)])), 'vocab.txt': vocabulary }
  const path = writeModel(join(b.folder, 'tiny'), files)
  const { id } = await b.call('models.add', { path })
  await b.train({ config: { ...config, model: { source: 'library', id }, mode: 'lora' } })
  expect(await b.train({ retrain: true, config: { family: 'transformer', mode: 'full' } })).toMatchObject({ state: 'done' })
  const [lora, full] = (await b.call('runs.list', {})).map((r) => r.config as TransformerConfig)
  expect(full!.model).toEqual(lora!.model)
  expect([lora!.learningRate, full!.learningRate]).toEqual([5e-4, 3e-5])
})

test('invalid settings are refused by name', async () => {
  const b = await Bench.open(LINES)
  const said = (settings: object): Promise<unknown> =>
    b.call('train.start', { config: { ...config, ...settings } }).then(
      () => null,
      (e: unknown) => (e as Error).message,
    )
  expect(await said({ epochs: 0 })).toContain('config.epochs')
  const model = { source: 'scratch', layers: 2, dim: 100, heads: 3, hidden: 64, vocabulary: 500, warmUpEpochs: 0 }
  expect(await said({ model })).toContain('config.model.heads')
  expect(await said({ mode: 'lora' })).toContain('config.mode')
  expect(await said({ model: { source: 'library', id: 'nobody/nothing' } })).toContain('nobody/nothing')
  expect(await said({ folds: 11 })).toContain('there are 20')
  await b.train(SMALL)
  expect(await codeOf(() => b.call('train.start', { retrain: true, config: { c: 2 } }))).toBe('bad-arguments')
  expect(await runsOf(b)).toEqual([[1, 'done', false]])
})

test('a training that the end of the program interrupted resumes with its original labels', async () => {
  const b = await Bench.open(LINES)
  b.compute.tuneScript = tunesHalfway
  const told = new Promise<void>((resolve) => b.engine.on('epoch', () => resolve()))
  const { run } = await b.call('train.start', SMALL)
  await told
  await b.restart()
  expect(await runsOf(b)).toEqual([[run, 'interrupted', true]])
  expect(checkpoints(b)).toHaveLength(1)
  expect((await b.call('runs.log', { run })).epochs).toHaveLength(1)
  await b.decide('m0', '+War')
  b.compute.tuneScript = tunes
  const before = b.compute.tuned[0]!
  expect(await b.job(() => b.call('train.resume', { run }))).toMatchObject({ state: 'done', kind: 'train', run })
  const { labels, runFolder, config: recipe } = b.compute.tuned[1]!
  expect([labels, runFolder, recipe]).toEqual([before.labels, before.runFolder, before.config])
  expect(await runsOf(b)).toEqual([[run, 'done', false]])
  expect((await b.call('runs.list', {}))[0]).toMatchObject({ corrections: 0, error: null })
  const log = await b.call('runs.log', { run })
  expect(log.epochs.map((e) => e.epoch)).toEqual([1, 2, 3])
  expect(log.notes[0]).toMatch(/^Resumed at .* after an interruption\.$/)
  expect(checkpoints(b)).toEqual([])
})

test('the start after a killed program reports that the run can be resumed', async () => {
  const b = await Bench.open(LINES)
  b.compute.tuneScript = (job, say, die) => {
    tunesHalfway(job, say, die)
    die(null)
  }
  const end = await b.train(SMALL)
  expect(end).toMatchObject({ state: 'failed', code: 'compute-died' })
  expect(end.message).toContain('--resume 1')
  expect(await runsOf(b)).toEqual([[1, 'interrupted', true]])
  await b.engine.close()
  // the state that kill -9 of the whole program leaves
  const store = new Store(b.path, 'open')
  store.runs.reopen(1)
  store.close()
  await b.restart()
  expect((await b.call('project.info', {})).notices.join()).toContain('can be resumed from its last checkpoint')
  expect(await runsOf(b)).toEqual([[1, 'interrupted', true]])
})

test.each(['disk-full', 'project-busy'])('what passes (%s) costs no checkpoint', async (code) => {
  const b = await Bench.open(LINES)
  b.compute.tuneScript = (job, say, die) => {
    tunesHalfway(job, say, die)
    say({ t: 'error', error: { code, message: 'for now' } })
  }
  expect(await b.train(SMALL)).toMatchObject({ state: 'failed', code })
  expect(await runsOf(b)).toEqual([[1, 'interrupted', true]])
  expect(checkpoints(b)).toHaveLength(1)
})

test('a training that cannot start is not left as running', async () => {
  const b = await Bench.open(LINES)
  writeFileSync(join(b.folder, 'runs'), 'in the way of the folder of checkpoints')
  expect(await codeOf(() => b.call('train.start', SMALL))).not.toBeNull()
  expect(await runsOf(b)).toEqual([[1, 'failed', false]])
  rmSync(join(b.folder, 'runs'))
  expect(await b.train(SMALL)).toMatchObject({ state: 'done', run: 2 })
})

test('an interrupted run can be deleted with its checkpoints, and a run that cannot be resumed is refused', async () => {
  const b = await Bench.open(LINES)
  b.compute.tuneScript = (job, say, die) => {
    tunesHalfway(job, say, die)
    die(1)
  }
  await b.train(SMALL)
  expect(await b.call('runs.delete', { run: 1 })).toEqual({ folder: null })
  expect([await runsOf(b), checkpoints(b)]).toEqual([[], []])
  await b.train(SMALL)
  rmSync(join(b.folder, 'runs'), { recursive: true })
  expect(await codeOf(() => b.call('train.resume', { run: 2 }))).toBe('no-checkpoint')
  await b.train(SMALL)
  await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': false } }))
  expect(await codeOf(() => b.call('train.resume', { run: 3 }))).toBe('other-catalogue')
  b.compute.tuneScript = tunes
  await b.train(SMALL)
  expect(await codeOf(() => b.call('train.resume', { run: 4 }))).toBe('no-run')
  expect(await codeOf(() => b.call('runs.delete', { run: 9 }))).toBe('no-run')
})

test('the next start removes what a kill at the very end of a training leaves', async () => {
  const b = await Bench.open(LINES)
  b.compute.tuneScript = tunesHalfway
  const told = new Promise<void>((resolve) => b.engine.on('epoch', () => resolve()))
  await b.call('train.start', SMALL)
  await told
  await b.engine.close()
  const store = new Store(b.path, 'open')
  store.runs.finish(1, {
    elapsedMs: 1,
    thresholds: [0.5, 0.5, 0.5],
    scales: [],
    summary: { part: 'test', microF1: 1, macroF1: 1, jaccard: 1 },
  })
  store.close()
  expect(checkpoints(b)).toHaveLength(1)
  await b.restart()
  expect(checkpoints(b)).toEqual([])
})

test('a cancelled training leaves nothing; while it runs, its model cannot be removed', async () => {
  const b = await Bench.open(LINES)
  b.compute.tuneScript = tunesHalfway
  const told = new Promise<void>((resolve) => b.engine.on('epoch', () => resolve()))
  const { job } = await b.call('train.start', SMALL)
  await told
  expect(await codeOf(() => b.call('models.remove', { id: 'ann/tiny' }))).toBe('busy')
  expect(await b.call('jobs.cancel', { job })).toMatchObject({ state: 'cancelled' })
  expect(await runsOf(b)).toEqual([[1, 'cancelled', false]])
  expect(checkpoints(b)).toEqual([])
})

test('what a training costs is estimated, and one that would not fit is refused with numbers', async () => {
  const b = await Bench.open(LINES)
  const small = await b.call('models.estimate', { config })
  const large = { ...config, model: { source: 'scratch', layers: 12, dim: 1024, heads: 16, hidden: 4096, vocabulary: 50_000, warmUpEpochs: 0 }, microTokens: 1_000_000, batch: 1024, maxTokens: 8192 } as const // prettier-ignore
  const estimate = await b.call('models.estimate', { config: large })
  expect(small.fits && small.peakMb > 200 && small.seconds > 0).toBe(true)
  expect([estimate.fits, estimate.peakMb > 100 * small.peakMb]).toEqual([false, true])
  expect(await codeOf(() => b.call('train.start', { config: large }))).toBe('too-little-memory')
  expect(await runsOf(b)).toEqual([])
  expect((await b.call('models.estimate', { config: {} })).peakMb).toBeGreaterThan(0)
})

test('an estimate follows from the trainings of the same kind on this machine, in every project', async () => {
  const b = await Bench.open(LINES)
  const of = (changes: object) => b.call('models.estimate', { config: { ...config, ...changes } })
  const [before, longBefore] = [await of({}), await of({ epochs: 50 })]
  expect(before.runs).toBe(0)
  await b.train(SMALL)
  const [after, longAfter] = [await of({}), await of({ epochs: 50 })]
  const { elapsedMs } = (await b.call('runs.list', {}))[0]!
  expect(after).toMatchObject({ runs: 1, peakMb: 300 })
  // the search for suspects at the end of a training, which takes a second for so few movies, has a pace of its own
  const search = after.seconds - elapsedMs! / 1000
  expect(search).toBeGreaterThan(1)
  expect(search).toBeLessThan(1.1)
  expect((longAfter.seconds - search) / (longBefore.seconds - search)).toBeCloseTo((after.seconds - search) / (before.seconds - search), 6)
  // another kind has its own measurements
  expect(await b.call('models.estimate', { config: { family: 'linear' } })).toMatchObject({ runs: 0 })
  expect(await of({ device: 'webgpu' })).toMatchObject({ runs: 0, seconds: before.seconds })
})

test('the library lists the model without files first', async () => {
  const b = await Bench.open(LINES)
  const [first, ...others] = await b.call('models.list', {})
  expect(first).toMatchObject({ id: 'scratch', source: 'scratch', path: null, problem: null })
  expect(others).toEqual([])
  expect(first!.bytes).toBe(4 * first!.parameters)
  expect(await codeOf(() => b.call('models.add', { path: b.folder }))).toBe('no-model-folder')
  expect(await codeOf(() => b.call('models.search', { query: 'bert' }))).toBe('consent')
  expect(await codeOf(() => b.call('models.download', { id: 'a/b' }))).toBe('consent')
  expect((await b.call('models.settings', { offline: true })).offline).toBe(true)
  expect(await codeOf(() => b.call('models.search', { query: 'bert', consent: true }))).toBe('offline')
})
