/** The theme and density of the window, as attributes of the root element that app.css reads. */
import type { Settings } from '../../contract/settings.ts'

/** The chosen theme is known before the engine has answered, so that the window does not flash. */
const THEME_KEY = 'reelabel-theme'
const system = matchMedia('(prefers-color-scheme: dark)')
let theme = localStorage.getItem(THEME_KEY)

function show(): void {
  const isDark = theme === 'dark' || (theme !== 'light' && system.matches)
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
}
/** Follows the theme that was chosen last, and the system where it is chosen. Call this once. */
export function beginAppearance(): void {
  system.addEventListener('change', show)
  show()
}
export function setAppearance(settings: Pick<Settings, 'theme' | 'density'>): void {
  theme = settings.theme
  localStorage.setItem(THEME_KEY, theme)
  document.documentElement.dataset['density'] = settings.density
  show()
}
