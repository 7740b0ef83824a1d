/** What the keys of Review do: the table that the handler reads and that the dialog shows. */
import type { Review } from '../../stores/review.svelte.ts'

export interface KeyLine {
  readonly keys: readonly string[]
  readonly does: string
  /** Nothing here: handled by the shell, or by the view because it moves the focus. */
  /** Holding the key down does it once. */
  readonly once?: true
  readonly run?: (review: Review) => unknown
}
export const KEYS: readonly KeyLine[] = [
  { keys: ['Enter', 'A'], does: 'Accept the suggestion for the selected genre and go on', once: true, run: (r) => r.accept() },
  { keys: ['Shift+Enter', 'Shift+A'], does: 'Accept every suggestion and go to the next movie', once: true, run: (r) => r.acceptAll() },
  { keys: ['K'], does: 'Keep the labels as they are and go to the next movie', once: true, run: (r) => r.keep() },
  { keys: ['I'], does: 'Mark the selected genre as impossible to tell from the plot', once: true, run: (r) => r.impossible() },
  { keys: ['→', ']'], does: 'Select the next genre', run: (r) => step(r, 1) },
  { keys: ['←', '['], does: 'Select the previous genre', run: (r) => step(r, -1) },
  { keys: ['J', '↓'], does: 'Next movie', run: (r) => r.next() },
  { keys: ['P', '↑'], does: 'Previous movie', run: (r) => r.previous() },
  { keys: ['N'], does: 'Write a note' },
  { keys: ['/'], does: 'Search' },
  { keys: ['Ctrl+Z'], does: 'Undo' },
  { keys: ['Ctrl+Y', 'Ctrl+Shift+Z'], does: 'Redo' },
  { keys: ['?'], does: 'Show these keys' },
]
const ARROWS: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑', ArrowRight: '→', ArrowLeft: '←' }
const FOCUS: Readonly<Record<string, string>> = { n: 'movie-note', '/': 'review-search' }

function step(review: Review, by: number): void {
  review.stepGenre(by)
  requestAnimationFrame(() => document.querySelector('#genres tr[aria-current]')?.scrollIntoView({ block: 'nearest' }))
}

const lineOf = (key: string): KeyLine | undefined => KEYS.find((k) => k.keys.includes(key))

/** True when the key was one of Review's. */
export function reviewKey(review: Review, e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey) return false
  // Enter belongs to the button or link that has the focus, unless that leads where we are
  if (e.key === 'Enter' && e.target instanceof Element && e.target.closest('button, a:not([aria-current]), summary, input') !== null)
    return false
  const key = ARROWS[e.key] ?? (e.key.length === 1 ? e.key.toUpperCase() : e.key)
  const focus = FOCUS[key.toLowerCase()]
  if (focus !== undefined) {
    document.getElementById(focus)?.focus()
    return true
  }
  const line = (e.shiftKey ? lineOf(`Shift+${key}`) : undefined) ?? lineOf(key)
  if (line?.run) {
    if (!(line.once && e.repeat)) void line.run(review)
    return true
  }
  const genre = [...review.keys].find(([, k]) => k === key.toLowerCase())?.[0]
  if (genre === undefined || e.repeat) return false
  void review.toggle(genre)
  return true
}
