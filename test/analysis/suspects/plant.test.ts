import { describe, expect, test } from 'vitest'
import { ERROR_KINDS, plantErrors, type ErrorKind } from '../../../src/main/analysis/suspects/plant.ts'
import { seededDraws } from '../../../src/main/analysis/random.ts'

const [N, K] = [4000, 6]
/** Genre g has a share of 0.5, 0.33, 0.25 …; every movie has at least one genre. */
const draw = seededDraws(3)
const LABELS = new Uint8Array(N * K)
for (let row = 0; row < N; row++) {
  for (let g = 0; g < K; g++) LABELS[row * K + g] = draw(g + 2) === 0 ? 1 : 0
  if (!LABELS.subarray(row * K, (row + 1) * K).includes(1)) LABELS[row * K] = 1
}
interface Changes {
  readonly movies: number
  readonly added: readonly number[]
  readonly removed: readonly number[]
}
function changesOf(planted: Uint8Array): Changes {
  const [added, removed] = [new Array<number>(K).fill(0), new Array<number>(K).fill(0)]
  let movies = 0
  for (let row = 0; row < N; row++) {
    let changed = false
    for (let g = 0; g < K; g++) {
      const at = row * K + g
      if (planted[at] === LABELS[at]) continue
      changed = true
      if (planted[at] === 1) added[g]!++
      else removed[g]!++
    }
    if (changed) movies++
  }
  return { movies, added, removed }
}
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)
const plant = (kind: ErrorKind, rate = 0.2): Changes => changesOf(plantErrors(LABELS, N, K, [kind], rate, 7))

describe('planted errors', () => {
  test('are in the asked share of the movies', () => {
    const { movies } = plant('flat')
    // 800 expected, standard deviation 25
    expect(movies).toBeGreaterThan(700)
    expect(movies).toBeLessThan(900)
  })
  test('`missing` only removes, and never a last genre', () => {
    const planted = plantErrors(LABELS, N, K, ['missing'], 1, 7)
    expect(sum(changesOf(planted).added)).toBe(0)
    expect(sum(changesOf(planted).removed)).toBeGreaterThan(1000)
    for (let row = 0; row < N; row++) expect(planted.subarray(row * K, (row + 1) * K)).toContain(1)
  })
  test('`frequent` only adds, and only the three most frequent genres', () => {
    const { added, removed } = plant('frequent')
    expect(sum(removed)).toBe(0)
    expect(sum(added.slice(3))).toBe(0)
    expect(Math.min(...added.slice(0, 3))).toBeGreaterThan(0)
  })
  test('`uniform` adds genres by their frequency, `flat` adds every genre alike', () => {
    const absent = Array.from({ length: K }, (_, g) => LABELS.filter((label, at) => at % K === g && label === 0).length)
    const share = (kind: ErrorKind, g: number): number => plant(kind, 1).added[g]! / absent[g]!
    expect(share('uniform', 0)).toBeGreaterThan(2 * share('uniform', K - 1))
    expect(share('flat', 0)).toBeLessThan(1.5 * share('flat', K - 1))
  })
  test('are the same for the same seed, others for another one, and leave the given labels alone', () => {
    const before = LABELS.slice()
    const [a, b, c] = [1, 1, 2].map((seed) => plantErrors(LABELS, N, K, ERROR_KINDS, 0.2, seed))
    expect(a).toEqual(b)
    expect(a).not.toEqual(c)
    expect(LABELS).toEqual(before)
  })
  test('leave cells alone that a person decided', () => {
    const decided = Uint8Array.from(LABELS, (_, at) => (at % 2 === 0 ? 1 : 0))
    const planted = plantErrors(LABELS, N, K, ERROR_KINDS, 1, 7, decided)
    planted.forEach((label, at) => {
      if (at % 2 === 0 && label !== LABELS[at]) throw new Error(`cell ${at} was decided`)
    })
    expect(changesOf(planted).movies).toBeGreaterThan(1000)
  })
})
