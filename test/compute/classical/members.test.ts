/** Against scikit-learn, NumPy and SciPy on the same movies. */
import { describe, expect, test } from 'vitest'
import { CLASSICAL, type ClassicalConfig } from '../../../src/contract/classical.ts'
import { MEMBERS } from '../../../src/main/compute/classical/members.ts'
import { times } from '../../../src/main/compute/classical/rows.ts'
import { fitSvm } from '../../../src/main/compute/classical/svm.ts'
import { featuresOf } from '../../../src/main/compute/classical/train.ts'
import { learnVectors } from '../../../src/main/compute/classical/word-vectors.ts'
import { readGoldenJson } from '../../support/paths.ts'
import { golden as learnt, sampleMovies } from '../linear/support.ts'

interface Golden {
  readonly genres: readonly string[]
  readonly probabilities: Readonly<Record<string, readonly (readonly number[])[]>>
  readonly neighbours_counts_unique: readonly boolean[]
  readonly word_vectors: { readonly words: number; readonly singular_values: readonly number[]; readonly products: readonly (readonly number[])[] }
} // prettier-ignore
const golden = readGoldenJson('linear/classical.json') as Golden
const { plots, genres } = sampleMovies()
const [train, rest] = [plots.slice(0, learnt.train), plots.slice(learnt.train)]
const k = golden.genres.length
const labels = Uint8Array.from(genres.slice(0, learnt.train).flatMap((own) => golden.genres.map((genre) => (own.includes(genre) ? 1 : 0))))

const configOf = (part: Partial<ClassicalConfig> & Pick<ClassicalConfig, 'classifier'>): ClassicalConfig => ({
  ...CLASSICAL.parse({ classifier: part.classifier }),
  costs: null,
  vectorPath: null,
  synthetic: null,
  reads: 'plot',
  folds: 5,
  seed: 42,
  outOfFold: false,
  ...part,
})
/** The largest difference to scikit-learn's probabilities of the movies that count. */
function distance(name: string, counts: (row: number) => boolean = () => true): number {
  const at = name.indexOf('_')
  const config = configOf({ classifier: name.slice(0, at) as 'svm', features: name.slice(at + 1) as 'counts' })
  const read = featuresOf(config, { training: train })
  const x = read(train)
  const p = MEMBERS[config.classifier]({ x, labels, weights: new Float64Array(labels.length).fill(1), k }, config)(read(rest))
  const wanted = golden.probabilities[name]!
  return Math.max(...Array.from(p, (each, i) => (counts(Math.floor(i / k)) ? Math.abs(each - wanted[i % k]![Math.floor(i / k)]!) : 0)))
}

describe('probabilities are those of scikit-learn', () => {
  test.each([
    ['logistic_counts', 5e-4],
    ['multinomial-bayes_tf-idf', 1e-5],
    ['complement-bayes_counts', 1e-5],
    ['neighbours_tf-idf', 1e-6],
    ['chain_tf-idf', 5e-4],
    ['chain_counts', 5e-4],
    // its Platt scale is an approximate minimum
    ['svm_tf-idf', 2e-3],
  ])('%s', (name, tolerance) => expect(distance(name)).toBeLessThan(tolerance))
  test('neighbours_counts, where five movies are nearer than all others', () => {
    const counted = golden.neighbours_counts_unique.filter(Boolean).length
    expect(counted).toBeGreaterThan(30)
    expect(distance('neighbours_counts', (row) => golden.neighbours_counts_unique[row]!)).toBeLessThan(1e-6)
  })
})

test('margins of the support vector machine are those of LinearSVC', () => {
  const read = featuresOf(configOf({ classifier: 'svm' }), { training: train })
  const [x, others] = [read(train), read(rest)]
  for (let g = 0; g < k; g++) {
    const y = Uint8Array.from({ length: train.length }, (_, row) => labels[row * k + g]!)
    const { weights, intercept } = fitSvm(x, y, new Float64Array(train.length).fill(1), 1)
    times(others, weights).forEach((margin, row) => expect(margin + intercept).toBeCloseTo(golden.probabilities['svm_tf-idf_margins']![g]![row]!, 3)) // prettier-ignore
  }
})

test('word vectors are those of an exact SVD, up to rotation', () => {
  const { words, singular_values, products } = golden.word_vectors
  const options = { dim: 20, window: 5, minCount: 5, mostWords: 10_000, seed: 1 }
  const learned = learnVectors(train, options)
  expect(learned.ids.size).toBe(words)
  // a column of U sqrt(S) has the squared length S
  singular_values.slice(0, 5).forEach((value, j) => {
    let sum = 0
    for (let word = 0; word < words; word++) sum += learned.vectors[word * 20 + j]! ** 2
    expect(sum / value).toBeCloseTo(1, 3)
  })
  const read = featuresOf(configOf({ classifier: 'logistic', features: 'word-vectors', dim: 20 }), { training: train })
  const x = read(rest.slice(0, 10))
  const row = (i: number) => x.values.subarray(i * 20, (i + 1) * 20)
  // the last dimensions converge slowly
  for (let i = 0; i < 10; i++)
    for (let j = 0; j < 10; j++) {
      const product = row(i).reduce((sum, value, at) => sum + value * row(j)[at]!, 0)
      expect(Math.abs(product - products[i]![j]!)).toBeLessThan(0.02 * products[0]![0]!)
    }
})
