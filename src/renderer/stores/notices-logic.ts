/** Which messages stand beside which, without state. */
import type { View } from './nav.svelte.ts'

export interface Notice {
  readonly id: number
  readonly kind: 'error' | 'info'
  readonly text: string
  /** What it is about: the next message about it takes its place, and success removes it. */
  readonly topic: string | null
  /** The screen that says so by itself: there the notice is not shown. */
  readonly screen: View | null
}

/** One confirmation at a time; errors pile up, one for each topic and text. */
export const withNotice = (list: readonly Notice[], notice: Notice): readonly Notice[] => [
  ...list.filter(
    (n) => n.text !== notice.text && (n.topic === null || n.topic !== notice.topic) && (notice.kind === 'error' || n.kind === 'error'),
  ),
  notice,
]
export const without = (list: readonly Notice[], topic: string): readonly Notice[] =>
  list.some((n) => n.topic === topic) ? list.filter((n) => n.topic !== topic) : list
export const shownOn = (list: readonly Notice[], view: View): readonly Notice[] => list.filter((n) => n.screen !== view)

/** Long enough to be read: six seconds, longer for a long text. */
export const readingMs = (text: string): number => Math.max(6000, text.length * 60)
