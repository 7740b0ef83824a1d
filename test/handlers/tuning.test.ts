import { expect, test } from 'vitest'
import { resultOf } from '../../src/contract/events.ts'
import { combinations, roundsOf, withValues, type Tuned } from '../../src/contract/tuning.ts'
import { triedValues } from '../../src/main/cli/tune-verb.ts'
import { answers, believeLabels, Bench, codeOf } from '../support/project.ts'

const LINES = Array.from({ length: 40 }, (_, i) => `m${i}: ${['Drama', 'Comedy'][i % 2]} | ${i < 30 ? 'train' : 'test'}`)
const tuned = async (b: Bench, args: Parameters<Bench['call']>[1]): Promise<Tuned> =>
  resultOf('tune', await b.job(() => b.call('tune.start', args as never)))

test('combinations are all of them, and values find their place in a recipe', () => {
  expect(combinations({ c: [1, 2], minDf: [3] })).toEqual([{ c: 1, minDf: 3 }, { c: 2, minDf: 3 }]) // prettier-ignore
  expect(combinations({})).toEqual([{}])
  const recipe = { family: 'transformer', lora: { alpha: 8 } } as const
  expect(withValues(recipe, { 'lora.rank': 4, epochs: 2 })).toEqual({ family: 'transformer', lora: { alpha: 8, rank: 4 }, epochs: 2 })
  expect(recipe).toEqual({ family: 'transformer', lora: { alpha: 8 } })
  expect(triedValues('c=0.5,1, none')).toEqual(['c', [0.5, 1, 'none']])
  expect(triedValues('charNgrams=[3,5],null')).toEqual(['charNgrams', [[3, 5], null]])
  expect(() => triedValues('c')).toThrow('write --try')
})

test('halving gives few movies to many recipes, and all movies to the best', () => {
  expect(roundsOf(9, 9000, true)).toEqual([{ candidates: 9, movies: 1000 }, { candidates: 3, movies: 3000 }, { candidates: 1, movies: 9000 }]) // prettier-ignore
  expect(roundsOf(9, 9000, false)).toEqual([{ candidates: 9, movies: 9000 }])
  expect(roundsOf(2, 9000, true)).toEqual([{ candidates: 2, movies: 9000 }])
  expect(roundsOf(27, 600, true)).toEqual([{ candidates: 27, movies: 300 }, { candidates: 9, movies: 600 }]) // prettier-ignore
})

test('recipes are trained on the training part alone, and ranked by their out-of-fold scores; the project keeps its runs', async () => {
  const b = await Bench.open(LINES)
  // c = 1 predicts the labels, others the opposite for some movies
  b.compute.script = answers((job, row, column) => {
    const right = believeLabels(job, row, column)
    return job.config.c === 1 || row % 3 > 0 ? right : 1 - right
  })
  const { candidates } = await tuned(b, { config: { family: 'linear', folds: 2 }, values: { c: [0.5, 1], minDf: [1, 2] } })
  expect(candidates.map(({ values }) => values['c'])).toEqual([1, 1, 0.5, 0.5])
  expect(candidates[0]).toMatchObject({ values: { c: 1, minDf: 1 }, movies: 30, microF1: 1, macroF1: 1 })
  expect(candidates[2]!.microF1).toBeLessThan(0.9)
  expect(b.compute.jobs.map(({ config, movies }) => [config.c, config.minDf, config.folds, movies.length])).toEqual([
    [0.5, 1, 2, 30],
    [0.5, 2, 2, 30],
    [1, 1, 2, 30],
    [1, 2, 2, 30],
  ])
  expect(await b.call('runs.list', {})).toEqual([])
})

test('what was tried so far can be read while recipes are tried, and after a cancellation', async () => {
  const b = await Bench.open(LINES)
  expect(await b.call('tune.state', {})).toBeNull()
  const believe = answers(believeLabels)
  const seen: unknown[] = []
  b.compute.script = (job, say, die) => {
    const third = b.compute.jobs.length === 3
    void b.call('tune.state', {}).then(async (state) => {
      seen.push([state?.partial, state?.candidates.map(({ values }) => values['c'])])
      if (third) await b.call('jobs.cancel', { job: (await b.call('jobs.list', {})).find((each) => each.state === 'running')!.job })
      else believe(job, say, die)
    })
  }
  const end = await b.job(() => b.call('tune.start', { config: { family: 'linear', folds: 2 }, values: { c: [1, 2, 3] } }))
  expect(end.state).toBe('cancelled')
  expect(seen).toEqual([[true, []], [true, [1]], [true, [1, 2]]]) // prettier-ignore
  expect(await b.call('tune.state', {})).toMatchObject({ partial: true, candidates: [{ values: { c: 1 } }, { values: { c: 2 } }] })
})

test('some combinations are drawn by a seed; too many, and values that fit no recipe, are refused before anything is trained', async () => {
  const b = await Bench.open(LINES)
  b.compute.script = answers()
  const values = { c: [1, 2, 3, 4, 5], minDf: [1, 2, 3, 4] }
  const draw = async (seed: number): Promise<unknown> => {
    const { candidates } = await tuned(b, { config: { family: 'linear', folds: 2 }, values, draws: 3, seed })
    return candidates.map((each) => JSON.stringify(each.values)).sort()
  }
  const [first, again, other] = [await draw(1), await draw(1), await draw(2)]
  expect(first).toHaveLength(3)
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
  const before = b.compute.jobs.length
  const many = Array.from({ length: 50 }, (_, i) => i + 1)
  expect(await codeOf(() => b.call('tune.start', { values: { c: many, minDf: many } }))).toBe('too-many-candidates')
  await expect(b.call('tune.start', { values: { c: [-1] } })).rejects.toThrow(/No recipe can have c -1 \(c: /)
  await expect(b.call('tune.start', { values: { nonsense: [1] } })).rejects.toThrow('No recipe can have nonsense 1')
  await expect(b.call('tune.start', { values: { c: [1] }, workers: true })).rejects.toThrow('No queue is set')
  expect(b.compute.jobs).toHaveLength(before)
})

test('every recipe learns from the labels of the beginning, and with its own weight of reviewed movies', async () => {
  const b = await Bench.open(LINES)
  await b.decide('m0', 'reviewed')
  const believe = answers(believeLabels)
  b.compute.script = (job, say, die) => {
    // a decision while the first recipe is trained
    void (b.compute.jobs.length === 1 ? b.decide('m0', '+Comedy', '-Drama') : Promise.resolve()).then(() => believe(job, say, die))
  }
  await tuned(b, { config: { family: 'linear', folds: 2 }, values: { reviewedWeight: [1, 3], c: [1, 2] } })
  const [first, ...others] = b.compute.jobs
  expect(b.compute.jobs.map(({ rowWeight }) => Math.max(...rowWeight))).toEqual([1, 1, 3, 3])
  for (const job of others) expect(job.labels).toEqual(first!.labels)
  expect(await b.labels('m0')).toBe('Comedy')
})
