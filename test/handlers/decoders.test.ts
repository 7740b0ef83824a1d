/** Decoders of this machine in the engine: what is asked, and what is kept. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resultOf } from '../../src/contract/events.ts'
import { randomModel } from '../../src/main/compute/models/open-model.ts'
import { writeDecoder } from '../compute/decode/support.ts'
import { SMALL, storedOf, writeModel } from '../compute/models/support.ts'
import { scratchFolder } from '../data/support/files.ts'
import { Bench, codeOf } from '../support/project.ts'

const { folder } = scratchFolder()
const path = writeDecoder(join(folder, 'tiny'))
const LONG = 'A farmer finds gold in the hills and loses every friend he had while the winter closes the road.'
const LINES = ['a: Drama | train', `b: Comedy | train | ${LONG}`, `c: War, Drama | train | ${LONG} Again.`, 'd: Comedy | train | Short.']

test('genres are asked for without a training, and kept beside the labels', async () => {
  const b = await Bench.open(LINES)
  const { id: model } = await b.call('models.add', { path })
  const ask = { model, asked: { task: 'zero-shot' } } as const
  const end = await b.job(() => b.call('decoders.ask', { ...ask, where: 'genre:Comedy' }))
  expect(end.message).toBe(`${model} answered about 2 movies.`)
  expect(resultOf('ask', end)).toMatchObject({ task: 'zero-shot', service: 'this-machine', answered: 2, known: 0, failed: 0 })
  const [said] = (await b.call('review.movie', { movie: await b.movie('d') })).answers
  if (said?.answer.task !== 'zero-shot' || !said.answer.probabilities) throw new Error('no zero-shot answer')
  expect(said).toMatchObject({ service: 'this-machine', model, outdated: false })
  const { genres, probabilities } = said.answer
  expect(Object.keys(probabilities).toSorted()).toEqual(['Comedy', 'Drama', 'War'])
  expect(genres).toEqual(Object.keys(probabilities).filter((genre) => probabilities[genre]! > 0.5))
  // names compete: their probabilities sum to 1
  await b.job(() => b.call('decoders.ask', { model, asked: { task: 'zero-shot', how: 'name' }, where: 'genre:War' }))
  const [shares] = (await b.call('review.movie', { movie: await b.movie('c') })).answers
  if (shares?.answer.task !== 'zero-shot' || !shares.answer.probabilities) throw new Error('no zero-shot answer')
  expect(Object.values(shares.answer.probabilities).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
  // the same question is answered once, also after a restart
  await b.restart()
  const again = await b.job(() => b.call('decoders.ask', ask))
  expect(resultOf('ask', again)).toMatchObject({ answered: 2, known: 2 })
  expect((await b.call('services.results', { task: 'zero-shot' })).agreement).toMatchObject({ movies: 4 })
})

test('plots are condensed with a seed; shorter ones are left out', async () => {
  const b = await Bench.open(LINES)
  const { id: model } = await b.call('models.add', { path })
  const asked = { task: 'condense', words: 5, temperature: 1, seed: 3 } as const
  const end = await b.job(() => b.call('decoders.ask', { model, asked, where: 'genre:Comedy' }))
  expect(resultOf('ask', end)).toMatchObject({ task: 'condense', answered: 1, known: 0 })
  const [said] = (await b.call('review.movie', { movie: await b.movie('b') })).answers
  expect(said?.answer).toMatchObject({ task: 'condense', text: expect.stringMatching(/\S/) as string })
  const other = await b.job(() => b.call('decoders.ask', { model, asked: { ...asked, seed: 4 }, where: 'genre:Comedy' }))
  expect(resultOf('ask', other)).toMatchObject({ answered: 1, known: 0 })
  const [new_] = (await b.call('review.movie', { movie: await b.movie('b') })).answers
  expect(new_?.answer).not.toEqual(said?.answer)
})

test('a model that does not write text is refused', async () => {
  const b = await Bench.open(LINES)
  const config = { ...SMALL.bert, vocab_size: 300 }
  const encoder = writeModel(join(folder, 'encoder'), config, storedOf(randomModel(config).weights))
  copyFileSync(join(path, 'tokenizer.json'), join(encoder, 'tokenizer.json'))
  const { id: model } = await b.call('models.add', { path: encoder })
  expect(await codeOf(() => b.call('decoders.ask', { model, asked: { task: 'zero-shot' } }))).toBe('no-language-model')
  expect(await codeOf(() => b.call('decoders.ask', { model: 'nobody', asked: { task: 'zero-shot' } }))).toBe('no-model')
})
