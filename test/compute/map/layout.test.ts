/** Maps of made-up movies whose words tell their subjects. */
import { expect, test } from 'vitest'
import type { MapConfig } from '../../../src/contract/map.ts'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { linearDefaults } from '../../../src/main/compute/linear/defaults.ts'
import { layOut } from '../../../src/main/compute/map/layout.ts'

const N = 240
const WORDS = ['ranch sheriff saddle prairie horse', 'starship alien orbit laser planet', 'wedding kiss letter summer beach'].map((words) =>
  words.split(' '),
)
const draw = seededDraws(5)
const subject = Array.from({ length: N }, () => draw(3))
const texts = subject.map((of) => Array.from({ length: 8 }, () => WORDS[of]![draw(5)]!).join(' '))
const config: MapConfig = {
  vectors: 'words',
  run: null,
  model: null,
  linear: { ...linearDefaults(N), wordNgrams: 1, charNgrams: null, minDf: 3 },
  seed: 1,
  sample: 120,
}
const turn = (): Promise<void> => Promise.resolve()
const map = (change: Partial<MapConfig> = {}, more: readonly string[] = [], dense: Float32Array | null = null) =>
  layOut({ texts: [...texts, ...more], dense, n: N + more.length }, { ...config, ...change }, () => undefined, turn)

/** Share of the nearest points that have the same subject. */
function sameSubject(places: Float32Array): number {
  const far = (i: number, j: number): number => (places[2 * i]! - places[2 * j]!) ** 2 + (places[2 * i + 1]! - places[2 * j + 1]!) ** 2
  const nearest = subject.map((_, i) => subject.map((_, j) => j).filter((j) => j !== i).reduce((best, j) => (far(i, j) < far(i, best) ? j : best))) // prettier-ignore
  return nearest.filter((j, i) => subject[j] === subject[i]).length / N
}

test('movies with the same words are near one another, also those that UMAP did not place', async () => {
  const { places, levels, sampled, trustworthiness } = await map()
  expect(sampled).toBe(120)
  expect(sameSubject(places)).toBeGreaterThan(0.97)
  expect(trustworthiness).toBeGreaterThan(0.8)
  expect(Math.min(...places)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...places)).toBeLessThanOrEqual(1)
  const found = levels[0]!.flatMap(({ words }) => words[0] ?? [])
  for (const words of WORDS) expect(found.some((word) => words.includes(word))).toBe(true)
})

test('the same seed gives the same map, another one another', async () => {
  const [first, again, other] = [await map(), await map(), await map({ seed: 2 })]
  expect(again).toEqual(first)
  expect(other.places).not.toEqual(first.places)
})

test('a movie without a word in common with others has no place, and is in no area', async () => {
  const { places } = await map({}, ['xylophone'])
  expect([...places.subarray(2 * N)]).toEqual([NaN, NaN])
})

test('predictions are vectors too', async () => {
  const logits = Float32Array.from({ length: 3 * N }, (_, at) => (subject[Math.floor(at / 3)] === at % 3 ? 2 : -2) + draw(100) / 100)
  expect(sameSubject((await map({ vectors: 'predictions' }, [], logits)).places)).toBeGreaterThan(0.97)
})

test('too few movies with words are refused with what to do', async () => {
  const few = { texts: ['a wolf', 'a wolf', 'a wolf'], dense: null, n: 3 }
  await expect(layOut(few, config, () => undefined, turn)).rejects.toThrow(/at least 50 movies that share words with others; there are 3/)
})
