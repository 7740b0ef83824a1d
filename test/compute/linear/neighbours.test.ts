import { expect, test } from 'vitest'
import { LINEAR_DEFAULTS } from '../../../src/main/compute/linear/defaults.ts'
import { ownSpace } from '../../../src/main/compute/linear/matrix-space.ts'
import { neighbourShares } from '../../../src/main/analysis/suspects/evidence.ts'
import { closest, nearest } from '../../../src/main/compute/linear/neighbours.ts'
import { fitVectoriser } from '../../../src/main/compute/linear/vectorise.ts'
import { seededDraws } from '../../../src/main/analysis/random.ts'

const turn = (): Promise<void> => Promise.resolve()
const CONFIG = { ...LINEAR_DEFAULTS, minDf: 1, wordNgrams: 1 }
function matrixOf(texts: readonly string[]) {
  const fitted = fitVectoriser(texts, CONFIG)
  const space = ownSpace(fitted.shape)
  fitted.fill(space)
  return { shape: fitted.shape, space }
}
/** Rows of the word block as dense vectors. */
function dense({ shape, space }: ReturnType<typeof matrixOf>): number[][] {
  return Array.from({ length: shape.rows }, (_, row) => {
    const out = new Array<number>(shape.firstColumns).fill(0)
    for (let i = space.indptr[row]!; i < space.indptr[row + 1]!; i++)
      if (space.indices[i]! < shape.firstColumns) out[space.indices[i]!] = space.values[i]!
    return out
  })
}

test('the neighbours are those of all pairs of cosines', async () => {
  const draw = seededDraws(2)
  const words = Array.from({ length: 30 }, (_, i) => `word${i}`)
  const texts = Array.from({ length: 60 }, () => Array.from({ length: 8 }, () => words[draw(words.length)]!).join(' '))
  const matrix = matrixOf(texts)
  const rows = dense(matrix)
  const found = await nearest(matrix.shape, matrix.space, 5, turn)
  rows.forEach((a, row) => {
    const cosines = rows.map((b, other) => (other === row ? 0 : a.reduce((sum, value, i) => sum + value * b[i]!, 0)))
    const best = cosines.toSorted((x, y) => y - x).slice(0, 5)
    best.forEach((cosine, i) => expect(found.cosines[row * 5 + i]).toBeCloseTo(cosine, 5))
    best.forEach((cosine, i) => expect(cosines[found.rows[row * 5 + i]!]).toBeCloseTo(cosine, 5))
  })
})

test('a movie without a word in common has no neighbour, and no share of a genre', async () => {
  const matrix = matrixOf(['ghost house', 'ghost ship', 'wedding'])
  const found = await nearest(matrix.shape, matrix.space, 2, turn)
  expect([...found.rows]).toEqual([1, -1, 0, -1, -1, -1])
  const shares = neighbourShares(found, Uint8Array.of(1, 0, 0, 1, 1, 1), 2)
  expect(Array.from(shares, (share) => share.toFixed(5))).toEqual(['0.00000', '1.00000', '1.00000', '0.00000', '0.00000', '0.00000'])
})

test('shares weigh neighbours by their squared cosine', () => {
  const near = { count: 2, rows: Int32Array.of(1, 2, 0, -1, 0, -1), cosines: Float32Array.of(0.6, 0.3, 0.6, 0, 0.3, 0) }
  expect(neighbourShares(near, Uint8Array.of(0, 1, 0), 1)[0]).toBeCloseTo(0.36 / (0.36 + 0.09), 6)
  expect(closest(near, 1)).toEqual({ count: 1, rows: Int32Array.of(1, 0, 0), cosines: Float32Array.of(0.6, 0.6, 0.3) })
})
