import type { SettingsStore, StateValue } from './settings.svelte.ts'

/** The screens in the order of the work, by what they are for. */
export const GROUPS = {
  data: ['import', 'clean'],
  review: ['review', 'audit', 'codebook'],
  understand: ['overview', 'errors', 'thresholds', 'slices', 'map'],
  model: ['train', 'try'],
  deliver: ['export', 'report', 'history'],
  program: ['settings', 'help'],
} as const
export type Group = keyof typeof GROUPS
/** The screens of the rail, and the one that it does not list. */
export type View = (typeof GROUPS)[Group][number] | 'welcome'
const VIEWS: readonly View[] = [...Object.values(GROUPS).flat(), 'welcome']
const isView = (v: StateValue | undefined): v is View => VIEWS.includes(v as View)
/** A screen and a place on it: `#help/numbers/suspects`. */
const fromHash = (): { readonly view: View | null; readonly place: string } => {
  const [view, ...place] = location.hash.slice(1).split('/')
  return { view: isView(view) ? view : null, place: place.join('/') }
}
/** The part of the address that shows a movie: `#review/tt0133093`. */
export const movieHash = (key: string): string => `#review/${encodeURIComponent(key)}`
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
/** Names in the window's state. */
const [LAST_VIEW, GUIDE] = ['shell.last-screen', 'shell.first-steps'] as const
const isGuide = (v: StateValue): v is 'open' | 'closed' => v === 'open' || v === 'closed'

/** Which screen is shown (in the address, so that a reload stays on it), and which dialogs of the shell are open. */
export class Nav {
  view = $state.raw<View>(fromHash().view ?? 'overview')
  /** A place on the screen, such as the page of the help and its anchor; empty for the whole screen. */
  place = $state.raw(fromHash().place)
  /** The key of the movie that Review has to show; null if there is none. */
  readonly movie = $derived(this.view === 'review' && this.place !== '' ? decoded(this.place) : null)
  keysOpen = $state(false)
  jobsOpen = $state(false)
  noticesOpen = $state(false)
  projectsOpen = $state(false)
  /** True while the first steps are shown above the screen. */
  guide = $state.raw(false)
  paletteOpen = $state(false)

  constructor(private readonly settings: SettingsStore) {}
  /** Without a screen in the address, the window opens on the welcome at the first start, and later where it was. */
  start(first: boolean): void {
    if (fromHash().view === null) this.#show(this.settings.recall<View>(LAST_VIEW, isView, first ? 'welcome' : 'overview'), '')
    this.guide = this.settings.recall<'open' | 'closed'>(GUIDE, isGuide, first ? 'open' : 'closed') === 'open'
  }
  hashChanged = (): void => {
    const { view, place } = fromHash()
    this.#show(view ?? 'overview', place)
  }
  /** Review shows the movie; the address is that of the screen again, so that the same link can be opened once more. */
  movieShown(key: string): void {
    if (this.movie !== key) return
    history.replaceState(null, '', '#review')
    this.place = ''
  }
  go(view: View, place = ''): void {
    location.hash = place === '' ? view : `${view}/${place}`
    this.#show(view, place)
  }
  setGuide(open: boolean): void {
    void this.settings.remember(GUIDE, open ? 'open' : 'closed')
    this.guide = open
  }
  #show(view: View, place: string): void {
    const moved = view !== this.view
    this.view = view
    this.place = place
    if (moved) void this.settings.remember(LAST_VIEW, view)
  }
}
