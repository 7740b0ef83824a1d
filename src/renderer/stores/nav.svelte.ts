/** The screens in the order of the work, by what they are for. */
export const GROUPS = {
  data: ['import', 'clean'],
  review: ['review', 'audit'],
  understand: ['overview', 'errors', 'thresholds', 'slices'],
  model: ['train', 'try'],
  deliver: ['export'],
} as const
export type Group = keyof typeof GROUPS
export type View = (typeof GROUPS)[Group][number]
const VIEWS: readonly View[] = Object.values(GROUPS).flat()
const isView = (v: string): v is View => VIEWS.includes(v as View)
const fromHash = (): View => {
  const v = location.hash.slice(1)
  return isView(v) ? v : 'overview'
}
const HINT_KEY = 'reelabel-hint-read'

/** Which screen is shown (in the address, so that a reload stays on it), and which dialogs of the shell are open. */
export class Nav {
  view = $state.raw<View>(fromHash())
  keysOpen = $state(false)
  hint = $state.raw(localStorage.getItem(HINT_KEY) === null)

  hashChanged = (): void => {
    this.view = fromHash()
  }
  go(view: View): void {
    location.hash = view
    this.view = view
  }
  closeHint(): void {
    localStorage.setItem(HINT_KEY, 'yes')
    this.hint = false
  }
}
