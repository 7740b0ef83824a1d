/** The table of actions, for the menu bar, the command palette, the keyboard shortcuts and their settings. */
import type { Menu } from '../../../contract/menu.ts'
import { m } from '../../messages/index.ts'
import { isChord, type Keymap, type KeyLine } from '../../stores/keymap.svelte.ts'
import { GROUPS, type View } from '../../stores/nav.svelte.ts'
import type { Stores } from '../../stores/stores.svelte.ts'
import { KEYS, SWEEP_KEYS } from '../review/keys.ts'
import { inDialog, isTextField, isTyping } from './commands.ts'

/** An action of any screen. */
export interface Action extends KeyLine<Stores> {
  /** The menu that lists it, and its section there. */
  readonly menu?: readonly [menu: keyof Menu, section: string]
  /** The screen that it leads to, and does nothing else. */
  readonly screen?: View
}
const text = m.shell.actions
const screens = Object.entries(GROUPS).flatMap(([group, views]) => views.map((view) => ({ group, view })))
/** Keys of screens beside their number in the navigation. */
const SCREEN_KEYS: Readonly<Partial<Record<View, string>>> = { import: 'Ctrl+I', export: 'Ctrl+E', settings: 'Ctrl+,', help: 'F1' }

export const ACTIONS: readonly Action[] = [
  { id: 'palette', keys: ['Ctrl+K'], does: text.palette, menu: ['view', 'palette'], run: (s) => (s.nav.paletteOpen = true) },
  { id: 'open', keys: ['Ctrl+O'], does: text.open, menu: ['file', 'open'], run: openProject },
  { id: 'sample', keys: [], does: m.shell.project.openSample, menu: ['file', 'open'], run: (s) => s.open(null) },
  { id: 'copy', keys: [], does: m.shell.project.saveAs, menu: ['file', 'project'], run: (s) => s.safety.copy() },
  { id: 'backups', keys: [], does: m.shell.project.backups, menu: ['file', 'project'], run: (s) => (s.safety.open = true) },
  { id: 'undo', keys: ['Ctrl+Z'], does: m.shell.undo, menu: ['edit', 'undo'], run: (s) => s.labels.undo() },
  { id: 'redo', keys: ['Ctrl+Y', 'Ctrl+Shift+Z'], does: m.shell.redo, menu: ['edit', 'undo'], run: (s) => s.labels.redo() },
  ...screens.map(({ group, view }, i): Action => ({
    id: view,
    keys: [...(i < 9 ? [`Ctrl+${i + 1}`] : []), SCREEN_KEYS[view] ?? []].flat(),
    does: m.shell.titles[view],
    menu: view === 'help' ? ['help', 'help'] : ['view', group],
    screen: view,
    run: (s) => s.nav.go(view),
  })),
  { id: 'sweep', keys: [], does: text.sweep, menu: ['view', 'work'], run: sweep },
  { id: 'retrain', keys: [], does: text.retrain, menu: ['view', 'work'], run: retrain },
  { id: 'ask', keys: [], does: text.ask, menu: ['view', 'work'], run: ask },
  { id: 'welcome', keys: [], does: m.shell.titles.welcome, menu: ['help', 'help'], screen: 'welcome', run: (s) => s.nav.go('welcome') },
  { id: 'keys', keys: ['?'], does: m.shell.keys.title, menu: ['help', 'help'], run: (s) => (s.nav.keysOpen = true) },
]
export const KEY_TABLES = { everywhere: ACTIONS, review: KEYS, sweep: SWEEP_KEYS } as const

function openProject({ host }: Stores): void {
  if (host.native) host.native.openProject()
  else document.getElementById('projects')?.click()
}
function sweep({ nav, review }: Stores): void {
  review.sweep.end()
  nav.go('review')
  // the screen may have to be drawn first
  requestAnimationFrame(() => document.getElementById('sweep')?.focus())
}
function retrain({ nav, training }: Stores): unknown {
  nav.go('train')
  return training.start(true)
}

function ask({ nav, review, services }: Stores): unknown {
  nav.go('review')
  return services.show(review.filter.where)
}

/** The items of the menu bar, with the keys that they have now. */
export function menuOf(keymap: Keymap): Menu {
  const menu: Menu = {}
  const sections = new Map<string, NonNullable<Menu['file']>[number]>()
  for (const action of ACTIONS) {
    if (!action.menu) continue
    const [name, section] = action.menu
    let items = sections.get(`${name} ${section}`)
    if (!items) {
      sections.set(`${name} ${section}`, (items = []))
      ;(menu[name] ??= []).push(items)
    }
    items.push({ id: action.id, title: action.does, key: keymap.of(action)[0] ?? null })
  }
  return menu
}

/** Runs an action of the menu bar. In a text field, undo and redo apply to its text. */
export function runAction(stores: Stores, id: string): void {
  const editing = isTextField(document.activeElement)
  if (editing && (id === 'undo' || id === 'redo')) textUndo(id)
  else void ACTIONS.find((a) => a.id === id)?.run(stores)
}
// eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to a field's own undo stack
const textUndo = (command: string): void => void document.execCommand(command)

/** Handles a key that acts on every screen. Single keys, undo and redo belong to a text field while one is focused. */
export function globalKey(stores: Stores, e: KeyboardEvent): void {
  if (inDialog() || e.defaultPrevented) return
  const action = stores.keymap.find(ACTIONS, e)
  if (!action) return
  const ofField = action.id === 'undo' || action.id === 'redo'
  // a select element has no undo of its own
  const isSelect = e.target instanceof HTMLSelectElement
  const chord = stores.keymap.of(action).some(isChord)
  if (isTyping(e) && (ofField ? !isSelect : !chord)) return
  e.preventDefault()
  void action.run(stores)
}
