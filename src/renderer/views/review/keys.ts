/** What the keys of Review do: the table that the handler reads and that the dialog shows. */
import type { Review } from '../../stores/review.svelte.ts'

export interface KeyLine {
  readonly keys: readonly string[]
  readonly does: string
  /** Nothing here: handled by the shell, or by the view because it moves the focus. */
  readonly run?: (review: Review) => unknown
}
export const KEYS: readonly KeyLine[] = [
  { keys: ['Enter', 'A'], does: 'Accept every suggestion and go on', run: (r) => r.accept() },
  { keys: ['K'], does: 'Keep the labels as they are and go on', run: (r) => r.keep() },
  { keys: ['I'], does: 'Mark the selected genre as impossible to tell from the plot', run: (r) => r.impossible() },
  { keys: ['J', '↓'], does: 'Next movie', run: (r) => r.next() },
  { keys: ['P', '↑'], does: 'Previous movie', run: (r) => r.previous() },
  { keys: ['N'], does: 'Write a note' },
  { keys: ['/'], does: 'Search' },
  { keys: ['Ctrl+Z'], does: 'Undo' },
  { keys: ['Ctrl+Y', 'Ctrl+Shift+Z'], does: 'Redo' },
  { keys: ['?'], does: 'Show these keys' },
]
const ARROWS: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑' }
const FOCUS: Readonly<Record<string, string>> = { n: 'movie-note', '/': 'review-search' }

/** True when the key was one of Review's. */
export function reviewKey(review: Review, e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey) return false
  // Enter belongs to the button or link that has the focus
  if (e.key === 'Enter' && e.target instanceof Element && e.target.closest('button, a, summary, input') !== null) return false
  const key = ARROWS[e.key] ?? (e.key.length === 1 ? e.key.toUpperCase() : e.key)
  const focus = FOCUS[key.toLowerCase()]
  if (focus !== undefined) {
    document.getElementById(focus)?.focus()
    return true
  }
  const run = KEYS.find((k) => k.keys.includes(key))?.run
  if (run) {
    void run(review)
    return true
  }
  const genre = [...review.keys].find(([, k]) => k === key.toLowerCase())?.[0]
  if (genre === undefined || e.repeat) return false
  void review.toggle(genre)
  return true
}
