import Database from 'better-sqlite3'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Answer } from '../../src/contract/answers.ts'
import { resultOf } from '../../src/contract/events.ts'
import type { RECIPE_FILE, RecipeFile } from '../../src/contract/recipe-files.ts'
import type { z } from 'zod'
import { contentOf } from '../../src/main/store/answers.ts'
import { answers, Bench, codeOf, hangs } from '../support/project.ts'

type Written = z.input<typeof RECIPE_FILE>
/** 60 movies, 20 of them in the project's test part. */
const LINES = Array.from({ length: 60 }, (_, i) => {
  const genres = [['Drama'], ['Comedy', 'War'], ['War'], ['Drama', 'Comedy']][i % 4]!
  const plot = i === 59 ? 'The plot of m58 is told here at some length.' : `The plot of m${i} is told here at some length.`
  return `m${i}: ${genres.join(', ')} | ${i < 40 ? 'train' : 'test'} | ${plot}`
})
const recipe = (part: Partial<Written> = {}): Written => ({
  format: 'reelabel-recipe',
  version: 1,
  name: 'mine',
  title: 'Mine',
  source: 'a test',
  about: 'Everything.',
  rows: {},
  text: { reads: 'plot' },
  sample: { movies: 40, seed: 42 },
  split: { method: 'scikit-learn', valid: 0.25, test: 0.25, seed: 42 },
  training: { folds: 2, seed: 7 },
  models: [
    { kind: 'linear', name: 'plain', thresholds: [{ strategy: 'fixed', value: 0.5, published: { f1_micro: 0.5 } }, { strategy: 'annealed' }] },
    { kind: 'never', name: 'always 0', published: { accuracy: 0.6 } },
    { kind: 'linear', name: 'copied', settings: { c: 2 }, imbalance: { kind: 'outside', commonest: 2, copies: 3 }, against: 'plain', thresholds: [{ strategy: 'fixed', value: 0.5 }] },
    { kind: 'absent', name: 'asked', needs: 'decoder' },
  ],
  metrics: { figures: ['f1_micro', 'accuracy'], atLeastOne: true, genres: ['Drama'] },
  ...part,
}) // prettier-ignore
async function report(b: Bench, wanted: Written, predictions: string | null = null) {
  return resultOf('recipe', await b.job(() => b.call('recipes.run', { recipe: wanted, predictions })))
}

test('a recipe trains on rows and a split of its own, and the project keeps its split and its current run', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  const before = await b.call('metrics.get', {})
  const found = await report(b, recipe())
  const { parts, ...rows } = found.rows
  expect(rows).toEqual({ movies: 59, removed: { incomplete: 0, duplicates: 0, languages: 0, shortest: 0 }, afterRules: 59 })
  expect([parts.train.length, parts.valid.length, parts.test.length]).toEqual([20, 10, 10])
  expect(new Set([...parts.train, ...parts.valid, ...parts.test]).size).toBe(40)
  // the third training is Reelabel's default, the fourth the same on plots alone
  const jobs = b.compute.jobs.slice(1)
  expect(jobs.map(({ config }) => [config.reads, config.c, config.folds, config.seed])).toEqual([
    ['plot', 1, 2, 7],
    ['plot', 2, 2, 7],
    ['title-plot', 1, 2, 7],
    ['plot', 1, 2, 7],
  ])
  for (const job of jobs) expect([...job.movies].sort((x, y) => x - y)).toEqual([...parts.train, ...parts.valid, ...parts.test].sort((x, y) => x - y)) // prettier-ignore
  expect(await b.call('metrics.get', {})).toEqual(before)
  expect((await b.call('runs.list', {})).map(({ id, current }) => [id, current])).toEqual([[1, true]])
})

test('the report has every decision, the control, what was left out, the default, and the comparison', async () => {
  const b = await Bench.open(LINES)
  b.compute.script = answers((job, row, column) => (job.labels[row * 3 + column] && row % 3 > 0 ? 0.8 : 0.1))
  const { results, comparisons, genres, lengths } = await report(b, recipe())
  expect(genres).toEqual(['Comedy', 'Drama', 'War'])
  expect(results.map(({ model, thresholds }) => [model, thresholds])).toEqual([
    ['plain', 'fixed 0.5'],
    ['plain', 'annealed'],
    ['always 0', ''],
    ['copied', 'fixed 0.5'],
    ['asked', ''],
    ["Reelabel's default", 'as trained'],
    ["Reelabel's default, plots alone", 'as trained'],
  ])
  expect(results[0]!.published).toEqual({ f1_micro: 0.5 })
  for (const { figures, genres: cells } of results) {
    if (!figures) continue
    const sums = cells.reduce((sum, { tp, fp, fn, tn }) => ({ tp: sum.tp + tp, all: sum.all + tp + fp + fn + tn, wrong: sum.wrong + fp + fn }), { tp: 0, all: 0, wrong: 0 }) // prettier-ignore
    expect(sums.all).toBe(30)
    expect(figures.accuracy).toBeCloseTo(1 - sums.wrong / 30, 9)
    expect(figures.f1_micro).toBeCloseTo((2 * sums.tp) / (2 * sums.tp + sums.wrong), 9)
  }
  // the plots of m0 to m9 are one character shorter than the others
  expect(lengths).toEqual([43, 44].slice(-lengths!.length))
  for (const { figures, byLength, model } of results) {
    if (!figures || model === 'always 0') continue
    expect(byLength).toHaveLength(lengths!.length)
    expect(Math.min(...byLength!) <= figures.f1_micro && figures.f1_micro <= Math.max(...byLength!)).toBe(true)
  }
  // the control predicts nothing even where every movie gets a genre
  expect(results[2]!.genres.every(({ tp, fp }) => tp + fp === 0)).toBe(true)
  expect(results[4]).toMatchObject({ figures: null, note: expect.stringMatching(/left out: .*language model/) as string })
  expect(comparisons).toMatchObject([{ old: 'plain', new: 'copied', scores: { microF1: { difference: 0 } } }])
  expect(comparisons[0]!.genres.map(({ name }) => name)).toEqual(genres)
})

test('copies are weights of training movies, and no movie outside the training part has one', async () => {
  const b = await Bench.open(LINES)
  const { rows } = await report(b, recipe())
  const [plain, copied] = b.compute.jobs as [typeof b.compute.jobs[0], typeof b.compute.jobs[0]] // prettier-ignore
  expect(new Set(plain.rowWeight)).toEqual(new Set([1]))
  const heavier = [...copied.movies].filter((_, row) => copied.rowWeight[row] === 4)
  expect(heavier.length).toBeGreaterThan(0)
  for (const id of heavier) expect(rows.parts.train).toContain(id)
  // each movie occurs once, so that no copy can be in another fold than its movie
  expect(new Set(copied.movies).size).toBe(copied.movies.length)
})

/** Stores an answer about a movie as it is now, or about another text. */
async function answered(b: Bench, key: string, answer: Answer, text?: string): Promise<void> {
  const movie = await b.movie(key)
  const { title, plot } = await b.call('review.movie', { movie })
  const db = new Database(b.path)
  db.prepare(
    "insert into answer (movie, task, service, model, request, content, at, answer) values (?, ?, 'local', 'tiny', ?, ?, '', ?)",
  ).run(...[movie, answer.task, `${key} ${answer.task} ${text}`, contentOf({ title, plot: text ?? plot }), JSON.stringify(answer)])
  db.close()
}

test('condensed plots are read where there are any; without any, the model is left out and says how to get them', async () => {
  const b = await Bench.open(LINES)
  const wanted = recipe({ models: [{ kind: 'linear', name: 'short', texts: 'condensed', thresholds: [{ strategy: 'fixed', value: 0.5, published: { f1_micro: 0.3 } }] }] }) // prettier-ignore
  const before = await report(b, wanted)
  expect(before.results[0]).toMatchObject({ model: 'short', figures: null, published: { f1_micro: 0.3 }, note: expect.stringMatching(/left out: none of its plots is condensed.*`reelabel condense`/) as string }) // prettier-ignore
  const [key, other] = await Promise.all(before.rows.parts.train.slice(0, 2).map(async (movie) => (await b.call('review.movie', { movie })).key)) // prettier-ignore
  await answered(b, key!, { task: 'condense', text: 'Short.' })
  const { results } = await report(b, wanted)
  expect(results[0]).toMatchObject({ model: 'short', note: '1 of 40 plots are condensed, by local (tiny); the others are as they were.' })
  expect(results[0]!.figures).not.toBeNull()
  const { movies, plots } = b.compute.jobs.at(-3)!
  expect([...plots!]).toEqual([[movies.indexOf(await b.movie(key!)), 'Short.']])
  // an answer about another text than the present one is not read
  await answered(b, other!, { task: 'condense', text: 'Old.' }, 'of before')
  expect((await report(b, wanted)).results[0]!.note).toContain('1 of 40 plots')
})

test('back-translations are copies of training movies, with the folds of their movies; none is of another part', async () => {
  const b = await Bench.open(LINES)
  const wanted = recipe({ models: [{ kind: 'linear', name: 'translated', texts: 'back-translated', imbalance: { kind: 'outside', commonest: 2, copies: 2 }, thresholds: [{ strategy: 'fixed', value: 0.5 }, { strategy: 'fixed', value: 0.5, on: 'oof' }] }] }) // prettier-ignore
  expect((await report(b, wanted)).results[0]!.note).toMatch(/left out: no movie that it copies has a back-translation/)
  for (let i = 0; i < 60; i++) if (i !== 59) await answered(b, `m${i}`, { task: 'translate', texts: { German: `German ${i}`, Korean: `Korean ${i}`, Spanish: `Spanish ${i}` } }) // prettier-ignore
  const { results, rows } = await report(b, wanted)
  const job = b.compute.jobs.at(-3)!
  const n = 40
  const copies = [...job.movies.keys()].slice(n)
  expect(copies.length).toBeGreaterThan(0)
  const k = job.genres.length
  for (const row of copies) {
    const original = job.movies.indexOf(job.movies[row]!)
    expect(original).toBeLessThan(n)
    expect(rows.parts.train).toContain(job.movies[row])
    expect(job.split[row]).toBe(job.split[original])
    expect(job.labels.subarray(row * k, row * k + k)).toEqual(job.labels.subarray(original * k, original * k + k))
    expect(job.plots!.get(row)).toMatch(/^(?:German|Korean) \d+$/)
  }
  expect(new Set(job.plots!.keys())).toEqual(new Set(copies))
  expect(new Set(job.rowWeight)).toEqual(new Set([1]))
  expect(results[0]!.note).toBe(`${copies.length} back-translations of ${copies.length / 2} of the ${copies.length / 2} movies that are copied, by local (tiny); they train in the folds of their movies.`) // prettier-ignore
  // figures are of the test part alone
  for (const { genres } of results.slice(0, 2)) for (const { tp, fp, fn, tn } of genres) expect(tp + fp + fn + tn).toBe(10)
})

test('zero-shot genres are scored where all test movies have those of one service', async () => {
  const b = await Bench.open(LINES)
  const wanted = recipe({
    models: [
      { kind: 'zero-shot', name: 'asked', published: { f1_micro: 0.2 } },
      { kind: 'never', name: 'never' },
    ],
  })
  const { rows, results } = await report(b, wanted)
  expect(results[0]).toMatchObject({ figures: null, published: { f1_micro: 0.2 }, note: expect.stringMatching(/^left out: 0 of 10 test movies have zero-shot genres/) as string }) // prettier-ignore
  // exactly the labels, but for one movie without any
  for (const [i, movie] of rows.parts.test.entries()) {
    const { key, labels } = await b.call('review.movie', { movie })
    await answered(b, key, { task: 'zero-shot', genres: i === 0 ? [] : [...labels], probabilities: null })
  }
  const [asked] = (await report(b, wanted)).results
  expect(asked).toMatchObject({ note: 'Genres of local (tiny), which has seen no label.' })
  expect(asked!.figures!.accuracy).toBeGreaterThan(0.9)
  expect(asked!.figures!.f1_micro).toBeGreaterThan(0.85)
  expect(asked!.figures!.f1_micro).toBeLessThan(1)
})

test('rules remove rows, and too few of them end the recipe before a training', async () => {
  const b = await Bench.open(LINES)
  const found = await report(b, recipe({ rows: { shortest: 44 }, sample: { movies: null, seed: 1 }, split: { method: 'stratified', valid: 0, test: 0.2, seed: 1 } })) // prettier-ignore
  expect(found.rows.removed.shortest).toBe(10)
  expect(found.rows.afterRules).toBe(49)
  const trained = b.compute.jobs.length
  const end = await b.job(() => b.call('recipes.run', { recipe: recipe({ rows: { shortest: 1000 } }) }))
  expect([end.state, end.code]).toEqual(['failed', 'too-few-movies'])
  const own = await report(b, recipe({ sample: { movies: null, seed: 1 }, split: { method: 'project', valid: 0, test: 0.2, seed: 1 } }))
  expect(own.rows.parts.test).toHaveLength(19)
  expect(b.compute.jobs.length).toBe(trained + 4)
})

test('reports survive a restart, the newest first, and can be deleted; a cancelled recipe leaves none', async () => {
  const b = await Bench.open(LINES)
  await report(b, recipe({ title: 'Older' }))
  await report(b, recipe({ title: 'Newer' }))
  await b.restart()
  const titles = async () => (await b.call('recipes.reports', {})).map(({ recipe: { title } }) => title)
  expect(await titles()).toEqual(['Newer', 'Older'])
  b.compute.script = hangs
  const { job } = await b.call('recipes.run', { recipe: recipe() })
  expect(await codeOf(() => b.call('train.start', {}))).toBe('busy')
  expect((await b.call('jobs.cancel', { job })).state).toBe('cancelled')
  expect(await titles()).toEqual(['Newer', 'Older'])
  await b.call('recipes.delete', { report: (await b.call('recipes.reports', {}))[0]!.id })
  expect(await titles()).toEqual(['Older'])
})

test('vectors are taken from the library by their name, and a model without them is left out', async () => {
  const b = await Bench.open(LINES)
  const model = (name: string, vectors: string) => ({ kind: 'classical' as const, name, settings: { features: 'vector-file' as const, classifier: 'logistic' as const, vectors }, thresholds: [{ strategy: 'grid' as const }] }) // prettier-ignore
  const path = join(mkdtempSync(join(tmpdir(), 'vectors-')), 'tiny.vec')
  onTestFinished(() => rmSync(dirname(path), { recursive: true }))
  writeFileSync(path, '2 3\nplot 1 2 3\nlength 4 5 6\n')
  const wanted = recipe({ models: [model('there', 'tiny.vec'), model('elsewhere', 'other.vec')] })
  expect((await report(b, wanted)).results.map(({ figures }) => figures)).toMatchObject([null, null, {}, {}])
  await b.call('models.add', { path })
  expect((await b.call('models.list', {})).at(-1)).toMatchObject({
    id: 'tiny.vec',
    architecture: 'vectors',
    path,
    parameters: 6,
    problem: null,
  })
  const { results } = await report(b, wanted)
  expect(b.compute.classical.map(({ config: { features, vectorPath } }) => [features, vectorPath])).toEqual([['vector-file', path]])
  expect(results.slice(0, 2)).toMatchObject([{ model: 'there', note: '' }, { model: 'elsewhere', figures: null, note: expect.stringMatching(/no file of word vectors named "other.vec"/) as string }]) // prettier-ignore
  expect(await codeOf(() => b.call('train.start', { config: { family: 'transformer', model: { source: 'library', id: 'tiny.vec', digest: '' } } }))).toBe('model-unusable') // prettier-ignore
})

test('weights that are not in the library become the small transformer, which leaves no folder', async () => {
  const b = await Bench.open(LINES)
  const model: Written['models'][number] = {
    kind: 'transformer',
    name: 'BERT',
    weights: 'bert-base-uncased',
    settings: { learningRate: 2e-5 },
    small: { epochs: 2, model: { layers: 2 } },
    thresholds: [{ strategy: 'grid' }],
  }
  const { results } = await report(b, recipe({ models: [model] }))
  const [tuned] = b.compute.tuned
  expect(tuned!.config).toMatchObject({ model: { source: 'scratch', layers: 2, dim: 128 }, epochs: 2, mode: 'full', outOfFold: 'head', learningRate: 1e-3 }) // prettier-ignore
  expect(results[0]!.note).toMatch(/^bert-base-uncased is not in the library: a small transformer/)
  expect(results[0]!.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
  expect(existsSync(tuned!.runFolder)).toBe(false)
})

test('classical models compute folds only where something is chosen on them; costs follow the genres', async () => {
  const b = await Bench.open(LINES)
  const model = (part: object) => ({ kind: 'classical', name: 'bayes', settings: { classifier: 'complement-bayes', costs: { War: 3 } }, thresholds: [{ strategy: 'grid' }], ...part }) as Written['models'][number] // prettier-ignore
  await report(b, recipe({ models: [model({}), model({ name: 'smote', imbalance: { kind: 'smote', share: 0.5 }, thresholds: [{ strategy: 'grid', on: 'oof' }] })] })) // prettier-ignore
  expect(
    b.compute.classical.map(({ config: { outOfFold, costs, synthetic, reads, folds, seed } }) => ({
      outOfFold,
      costs,
      synthetic,
      reads,
      folds,
      seed,
    })),
  ).toEqual([
    // prettier-ignore
    { outOfFold: false, costs: [1, 1, 3], synthetic: null, reads: 'plot', folds: 2, seed: 7 },
    { outOfFold: true, costs: [1, 1, 3], synthetic: { kind: 'smote', share: 0.5 }, reads: 'plot', folds: 2, seed: 7 },
  ])
  const strange = recipe({ models: [model({ settings: { classifier: 'svm', costs: { Opera: 2 } } })] })
  const end = await b.job(() => b.call('recipes.run', { recipe: strange }))
  expect([end.code, end.message]).toEqual(['bad-recipe', expect.stringContaining('the genre "Opera"')])
})

test('predictions of the test part go to a CSV file, never over a project', async () => {
  const b = await Bench.open(LINES)
  const file = join(b.folder, 'out.csv')
  const { rows } = await report(b, recipe(), file)
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split('\r\n')
  expect(header).toBe('model,id,labels,predicted,p(Comedy),p(Drama),p(War)')
  expect(lines).toHaveLength(2 * rows.parts.test.length)
  expect(lines.every((line) => /^(?:plain|copied),m\d+,[\w|]+,[\w|]+(?:,[01]\.\d{4}){3}$/.test(line))).toBe(true)
  expect(await codeOf(() => b.call('recipes.run', { recipe: recipe(), predictions: b.path }))).toBe('is-a-project')
})

test('the published recipes are listed', async () => {
  const b = await Bench.open(LINES)
  const names = (await b.call('recipes.list', {})).map(({ name }: RecipeFile) => name)
  expect(names).toEqual([
    'letterboxd-bert',
    'popular-distilbert',
    'movies-dataset-bert',
    'movies-dataset-lora',
    'imdb-by-genre',
    'rare-genres',
    'word-vectors',
  ])
})
