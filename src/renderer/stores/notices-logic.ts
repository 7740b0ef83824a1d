/** Rules for the list of notices. */
import type { View } from './nav.svelte.ts'

/** A button on a notice, which also dismisses it. */
export interface NoticeAction {
  readonly label: string
  readonly act: () => unknown
}
export interface Notice {
  readonly id: number
  /** `info`: a confirmation, which disappears by itself. `news`: it stays until it is dismissed, as an error does. */
  readonly kind: 'error' | 'info' | 'news'
  readonly text: string
  readonly action?: NoticeAction | undefined
  /** Topic: the next notice of the topic replaces this one, and a success removes it. */
  readonly topic: string | null
  /** A screen that shows the error itself and hides the notice. */
  readonly screen: View | null
}

/** Keeps one confirmation, and one error per topic and text. */
export const withNotice = (list: readonly Notice[], notice: Notice): readonly Notice[] => [
  ...list.filter(
    (n) => n.text !== notice.text && (n.topic === null || n.topic !== notice.topic) && !(notice.kind === 'info' && n.kind === 'info'),
  ),
  notice,
]
export const without = (list: readonly Notice[], topic: string): readonly Notice[] =>
  list.some((n) => n.topic === topic) ? list.filter((n) => n.topic !== topic) : list
export const shownOn = (list: readonly Notice[], view: View): readonly Notice[] => list.filter((n) => n.screen !== view)

/** How long a confirmation is shown: six seconds, longer for a long text. */
export const readingMs = (text: string): number => Math.max(6000, text.length * 60)
