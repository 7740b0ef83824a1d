/** The keys of Review: a table that the key handler reads and the dialog of keyboard shortcuts shows. */
import { m } from '../../messages/index.ts'
import type { Review } from '../../stores/review.svelte.ts'
import type { Sweep } from '../../stores/sweep.svelte.ts'

/** One action of Review and its keys. */
export interface KeyLine<T = Review> {
  readonly keys: readonly string[]
  readonly does: string
  /** Acts once while the key is held down. */
  readonly once?: true
  /** Absent if the shell handles the key, or `FOCUS` below. */
  readonly run?: (on: T) => unknown
}
export const KEYS: readonly KeyLine[] = [
  { keys: ['Enter', 'A'], does: m.review.keys.accept, once: true, run: (r) => r.accept() },
  { keys: ['Shift+Enter', 'Shift+A'], does: m.review.keys.acceptAll, once: true, run: (r) => r.acceptAll() },
  { keys: ['Space'], does: m.review.keys.keep, once: true, run: (r) => r.keep() },
  { keys: ['I'], does: m.review.keys.impossible, once: true, run: (r) => r.impossible() },
  { keys: ['S'], does: m.review.keys.skip, once: true, run: (r) => r.skip() },
  { keys: ['F'], does: m.review.keys.flag, once: true, run: (r) => r.flag() },
  { keys: ['→', ']'], does: m.review.keys.nextGenre, run: (r) => step(r, 1) },
  { keys: ['←', '['], does: m.review.keys.previousGenre, run: (r) => step(r, -1) },
  { keys: ['J', '↓'], does: m.review.keys.next, run: (r) => r.next() },
  { keys: ['K', '↑'], does: m.review.keys.previous, run: (r) => r.previous() },
  { keys: ['='], does: m.review.keys.similar, once: true, run: (r) => r.similar.toggle(r.selected) },
  { keys: ['Backspace'], does: m.review.keys.back, once: true, run: (r) => r.back() },
  { keys: ['N'], does: m.review.keys.note },
  { keys: ['.'], does: m.review.reload, once: true, run: (r) => r.reload() },
  { keys: ['/'], does: m.review.keys.search },
  { keys: ['Ctrl+Z'], does: m.review.keys.undo },
  { keys: ['Ctrl+Y', 'Ctrl+Shift+Z'], does: m.review.keys.redo },
  { keys: ['?'], does: m.review.keys.help },
]
/** The keys of a sweep. */
export const SWEEP_KEYS: readonly KeyLine<Sweep>[] = [
  { keys: ['Y'], does: m.sweep.keys.yes, once: true, run: (s) => s.answer(true) },
  { keys: ['N'], does: m.sweep.keys.no, once: true, run: (s) => s.answer(false) },
  { keys: ['J', '↓'], does: m.sweep.keys.next, run: (s) => s.next() },
  { keys: ['K', '↑'], does: m.sweep.keys.previous, run: (s) => s.previous() },
  { keys: ['Escape'], does: m.sweep.keys.end, once: true, run: (s) => s.end() },
]
const NAMES: Readonly<Record<string, string>> = { ' ': 'Space', ArrowDown: '↓', ArrowUp: '↑', ArrowRight: '→', ArrowLeft: '←' }
const FOCUS: Readonly<Record<string, string>> = { n: 'movie-note', '/': 'review-search' }

function step(review: Review, by: number): void {
  review.stepGenre(by)
  requestAnimationFrame(() => document.querySelector('#genres tr[aria-current]')?.scrollIntoView({ block: 'nearest' }))
}

const nameOfKey = (e: KeyboardEvent): string => NAMES[e.key] ?? (e.key.length === 1 ? e.key.toUpperCase() : e.key)
const lineOf = (key: string): KeyLine | undefined => KEYS.find((k) => k.keys.includes(key))

/** Handles a key of Review; returns true if it was one. */
export function reviewKey(review: Review, e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey) return false
  // these keys belong to the focused button or link, unless the link leads to this screen
  if (
    (e.key === 'Enter' || e.key === ' ') &&
    e.target instanceof Element &&
    e.target.closest('button, a:not([aria-current]), summary, input') !== null
  )
    return false
  const key = nameOfKey(e)
  // in a text that scrolls they scroll
  if (e.key in NAMES && e.target instanceof Element && e.target.closest('[role=group][tabindex]') !== null) return false
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

/** Handles a key of a sweep; returns true if it was one. */
export function sweepKey(sweep: Sweep, e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey) return false
  // in a text that scrolls they scroll
  if (e.key in NAMES && e.target instanceof Element && e.target.closest('[role=group][tabindex]') !== null) return false
  const line = SWEEP_KEYS.find(({ keys }) => keys.includes(nameOfKey(e)))
  if (line && !(line.once && e.repeat)) void line.run?.(sweep)
  return line !== undefined
}
