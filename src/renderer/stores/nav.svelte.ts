export const VIEWS = ['import', 'clean', 'overview', 'review', 'audit', 'errors', 'slices', 'train', 'thresholds', 'try', 'export'] as const
export type View = (typeof VIEWS)[number]
const isView = (v: string): v is View => (VIEWS as readonly string[]).includes(v)
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
