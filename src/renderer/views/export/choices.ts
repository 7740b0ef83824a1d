import type { Column, What } from '../../stores/exporting.svelte.ts'

interface Line<T> {
  readonly value: T
  readonly label: string
  readonly help: string
}
export const WHATS: readonly Line<What>[] = [
  { value: 'catalogue', label: 'Cleaned catalogue', help: 'your file with every original column, genres as corrected' },
  { value: 'changes', label: 'Change log', help: 'every decision: movie, genre, from, to, who, when' },
  { value: 'predictions', label: 'Predictions', help: 'probability of every genre for every movie' },
]
export const COLUMNS: readonly Line<Column>[] = [
  { value: 'previous', label: 'Previous genres', help: 'as the source had them' },
  { value: 'verdict', label: 'Verdict', help: 'good, bad or impossible, and what you said' },
  { value: 'probability', label: 'Probability', help: 'of the labels, out of fold' },
  { value: 'who', label: 'Who', help: 'made the last change' },
  { value: 'when', label: 'When', help: 'the last change was made' },
]
