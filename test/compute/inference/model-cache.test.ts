import { expect, test } from 'vitest'
import { ModelCache, type LoadedModel } from '../../../src/main/compute/inference/model-cache.ts'

/** Models of so many bytes; notes what is loaded and released. */
function shelf(budget: number) {
  const events: string[] = []
  const models = new ModelCache(budget)
  const held = (name: string, bytes: number): LoadedModel => ({
    bytes,
    predict: () => Promise.resolve(new Float32Array()),
    examples: () => Promise.reject(new Error('not asked')),
    logits: () => Promise.reject(new Error('not asked')),
    explain: () => Promise.reject(new Error('not asked')),
    export: () => Promise.reject(new Error('not asked')),
    release: () => Promise.resolve(void events.push(`-${name}`)),
  })
  const ask = (name: string, bytes = 40): Promise<LoadedModel> =>
    models.get(name, () => {
      events.push(`+${name}`)
      return Promise.resolve(held(name, bytes))
    })
  return { events, models, ask }
}

test('a model is loaded once, and the one that was asked longest ago goes first', async () => {
  const { events, ask } = shelf(100)
  for (const name of ['a', 'b', 'a', 'c', 'b']) await ask(name)
  expect(events.join(' ')).toBe('+a +b +c -b +b -a')
})

test('a model that is larger than the budget is kept as the only one', async () => {
  const { events, ask } = shelf(100)
  for (const [name, bytes] of [['a', 40], ['huge', 900], ['huge', 900]] as const) await ask(name, bytes) // prettier-ignore
  expect(events.join(' ')).toBe('+a +huge -a')
})

test('one that cannot be loaded is tried again', async () => {
  const { models, ask, events } = shelf(100)
  await expect(models.get('a', () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged')
  await ask('a')
  expect(events).toEqual(['+a'])
})
