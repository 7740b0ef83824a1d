/** The keys of Review and of a sweep: tables that the key handlers read, and that the settings and the dialog of keyboard shortcuts show. */
import { m } from '../../messages/index.ts'
import { isChord, keyOf, type Keymap, type KeyLine } from '../../stores/keymap.svelte.ts'
import type { Review } from '../../stores/review.svelte.ts'
import type { Sweep } from '../../stores/sweep.svelte.ts'

const focus = (id: string) => (): void => document.getElementById(id)?.focus()
const text = m.review.keys

export const KEYS: readonly KeyLine<Review>[] = [
  { id: 'review.accept', keys: ['Enter', 'A'], does: text.accept, once: true, run: (r) => r.accept() },
  { id: 'review.acceptAll', keys: ['Shift+Enter', 'Shift+A'], does: text.acceptAll, once: true, run: (r) => r.acceptAll() },
  { id: 'review.keep', keys: ['Space'], does: text.keep, once: true, run: (r) => r.keep() },
  { id: 'review.impossible', keys: ['I'], does: text.impossible, once: true, run: (r) => r.impossible() },
  { id: 'review.skip', keys: ['S'], does: text.skip, once: true, run: (r) => r.skip() },
  { id: 'review.flag', keys: ['F'], does: text.flag, once: true, run: (r) => r.flag() },
  { id: 'review.settleYes', keys: ['Y'], does: text.settleYes, once: true, run: (r) => r.settle(true) },
  { id: 'review.settleNo', keys: ['X'], does: text.settleNo, once: true, run: (r) => r.settle(false) },
  { id: 'review.findGenre', keys: ['G'], does: text.findGenre, once: true, run: (r) => (r.findingGenre = true) },
  { id: 'review.nextGenre', keys: ['→', ']'], does: text.nextGenre, run: (r) => step(r, 1) },
  { id: 'review.previousGenre', keys: ['←', '['], does: text.previousGenre, run: (r) => step(r, -1) },
  { id: 'review.next', keys: ['J', '↓'], does: text.next, run: (r) => r.next() },
  { id: 'review.previous', keys: ['K', '↑'], does: text.previous, run: (r) => r.previous() },
  { id: 'review.pickNext', keys: ['Shift+↓'], does: text.pickNext, run: (r) => r.pick(r.index + 1, 'range') },
  { id: 'review.pickPrevious', keys: ['Shift+↑'], does: text.pickPrevious, run: (r) => r.pick(r.index - 1, 'range') },
  { id: 'review.pickAll', keys: ['Ctrl+A'], does: text.pickAll, once: true, run: (r) => r.picked.all() },
  { id: 'review.unpick', keys: ['Escape'], does: text.unpick, once: true, run: (r) => r.picked.clear() },
  { id: 'review.visitedBefore', keys: ['Alt+←'], does: text.visitedBefore, once: true, run: (r) => r.go(-1) },
  { id: 'review.visitedAfter', keys: ['Alt+→'], does: text.visitedAfter, once: true, run: (r) => r.go(1) },
  { id: 'review.similar', keys: ['='], does: text.similar, once: true, run: (r) => r.similar.toggle(r.selected) },
  { id: 'review.back', keys: ['Backspace'], does: text.back, once: true, run: (r) => r.back() },
  { id: 'review.note', keys: ['N'], does: text.note, run: focus('movie-note') },
  { id: 'review.reload', keys: ['.'], does: m.review.reload, once: true, run: (r) => r.reload() },
  { id: 'review.search', keys: ['/'], does: text.search, run: focus('review-search') },
]
export const SWEEP_KEYS: readonly KeyLine<Sweep>[] = [
  { id: 'sweep.yes', keys: ['Y'], does: m.sweep.keys.yes, once: true, run: (s) => s.answer(true) },
  { id: 'sweep.no', keys: ['N'], does: m.sweep.keys.no, once: true, run: (s) => s.answer(false) },
  { id: 'sweep.next', keys: ['J', '↓'], does: m.sweep.keys.next, run: (s) => s.next() },
  { id: 'sweep.previous', keys: ['K', '↑'], does: m.sweep.keys.previous, run: (s) => s.previous() },
  { id: 'sweep.end', keys: ['Escape'], does: m.sweep.keys.end, once: true, run: (s) => s.end() },
]

function step(review: Review, by: number): void {
  review.stepGenre(by)
  requestAnimationFrame(() => document.querySelector('#genres tr[aria-current]')?.scrollIntoView({ block: 'nearest' }))
}

/** True for keys that a text which scrolls, or the focused button or link, handles itself. */
function belongsToFocus(e: KeyboardEvent): boolean {
  const { key, target } = e
  if (!(target instanceof Element)) return false
  if ((key === ' ' || key.startsWith('Arrow')) && target.closest('[role=group][tabindex]') !== null) return true
  // unless the link leads to this screen
  return (key === 'Enter' || key === ' ') && target.closest('button, a:not([aria-current]), summary, input') !== null
}
const perform = <T>(line: KeyLine<T>, on: T, e: KeyboardEvent): void => {
  if (!(line.once && e.repeat)) void line.run(on)
}

/** Handles a key of Review; returns true if it was one. */
export function reviewKey(review: Review, keymap: Keymap, e: KeyboardEvent): boolean {
  if (belongsToFocus(e)) return false
  const line = keymap.find(KEYS, e)
  if (line) {
    perform(line, review, e)
    return true
  }
  const key = keyOf(e)
  if (key === null || isChord(key)) return false
  const genre = [...review.keys].find(([, k]) => k === e.key.toLowerCase())?.[0]
  if (genre === undefined || e.repeat) return false
  void review.toggle(genre)
  return true
}

/** Handles a key of a sweep; returns true if it was one. */
export function sweepKey(sweep: Sweep, keymap: Keymap, e: KeyboardEvent): boolean {
  if (belongsToFocus(e)) return false
  const line = keymap.find(SWEEP_KEYS, e)
  if (line) perform(line, sweep, e)
  return line !== undefined
}
