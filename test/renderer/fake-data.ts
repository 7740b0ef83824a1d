/** A tiny deterministic catalogue for the fake engine. */
import type { Genre } from '../../src/contract/records.ts'

export const GENRES: readonly Genre[] = [
  'Action',
  'Adventure',
  'Animation',
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Family',
  'Fantasy',
  'History',
  'Horror',
  'Music',
  'Mystery',
  'Romance',
  'Science Fiction',
  'Thriller',
  'War',
  'Western',
].map((name, i) => ({ id: i + 1, name }))

const PLOTS = [
  'A retired detective returns to the harbour town where his brother was murdered and finds that the killer never left.',
  'Two friends open a bakery, fall in love with the same customer and agree to settle it with a disastrous wedding cake.',
  'When a distant signal wakes the ship, the crew must decide whether the planet below is a rescue or a trap.',
  'A young fox who cannot sleep sets out through a painted forest to find the night that everyone else seems to know.',
  'In the last winter of the war a nurse hides a wounded enemy soldier in the cellar of the hospital.',
]
const TITLES = ['The Harbour', 'Sugar and Salt', 'Signal', 'The Fox That Stayed Awake', 'Cellar']

/** Linear congruential numbers in [0, 1): the same catalogue each time. */
export function numbers(seed: number): () => number {
  let s = seed
  return () => (s = (s * 1664525 + 1013904223) % 4294967296) / 4294967296
}
export interface FakeMovie {
  readonly id: number
  readonly title: string
  readonly plot: string
  readonly source: readonly boolean[]
  readonly probability: readonly number[]
  labels: boolean[]
  verdicts: ('keep' | 'impossible' | null)[]
  reviewed: boolean
  note: string
}
export function movies(n: number): FakeMovie[] {
  const next = numbers(7)
  return Array.from({ length: n }, (_, i) => {
    const source = GENRES.map((g) => next() < (g.name === 'Drama' ? 0.4 : 0.12))
    const probability = source.map((on) =>
      next() < 0.08 ? (on ? 0.05 + next() * 0.2 : 0.55 + next() * 0.4) : on ? 0.5 + next() * 0.5 : next() * 0.35,
    )
    const title = `${TITLES[i % TITLES.length] ?? ''}${i < TITLES.length ? '' : ` ${i}`}`
    const base = { id: i + 1, title, plot: `${PLOTS[i % PLOTS.length] ?? ''} ${PLOTS[(i + 2) % PLOTS.length] ?? ''}` }
    return { ...base, source, probability, labels: [...source], verdicts: GENRES.map(() => null), reviewed: false, note: '' }
  })
}
