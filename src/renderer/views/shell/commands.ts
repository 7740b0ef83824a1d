/** Keys that work on every screen, and the commands of the window's menu. */
import type { MenuCommand } from '../../../contract/bridge.ts'
import type { Stores } from '../../stores/stores.svelte.ts'

const isText = (input: HTMLInputElement): boolean => !['checkbox', 'radio', 'button', 'file'].includes(input.type)
/** True if the key press goes into a field, where single keys are text and no shortcuts. */
export const isTyping = (e: KeyboardEvent): boolean => {
  const t = e.target
  if (t instanceof HTMLInputElement) return isText(t)
  return t instanceof HTMLTextAreaElement || t instanceof HTMLSelectElement
}
/** True while a dialog or a menu handles the keys. */
export const inDialog = (): boolean => document.querySelector('dialog[open], [role=menu], [role=dialog]') !== null

const COMMANDS: Readonly<Record<MenuCommand, (s: Stores) => unknown>> = {
  open: () => document.getElementById('projects')?.click(),
  sample: (s) => s.open(null),
  import: (s) => s.nav.go('import'),
  clean: (s) => s.nav.go('clean'),
  overview: (s) => s.nav.go('overview'),
  review: (s) => s.nav.go('review'),
  sweep: (s) => {
    s.review.sweep.end()
    s.nav.go('review')
    // the screen may have to be drawn first
    requestAnimationFrame(() => document.getElementById('sweep')?.focus())
  },
  audit: (s) => s.nav.go('audit'),
  errors: (s) => s.nav.go('errors'),
  slices: (s) => s.nav.go('slices'),
  train: (s) => s.nav.go('train'),
  thresholds: (s) => s.nav.go('thresholds'),
  try: (s) => s.nav.go('try'),
  export: (s) => s.nav.go('export'),
  retrain: (s) => {
    s.nav.go('train')
    return s.training.start(true)
  },
  undo: (s) => s.labels.undo(),
  redo: (s) => s.labels.redo(),
  keys: (s) => (s.nav.keysOpen = true),
  help: (s) => s.nav.go('help'),
  welcome: (s) => s.nav.go('welcome'),
}
/** Runs a command. In a text field, undo and redo apply to its text. */
export function menuCommand(stores: Stores, command: MenuCommand): void {
  const field = document.activeElement
  const editing = field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && isText(field))
  if (editing && (command === 'undo' || command === 'redo')) textUndo(command)
  else void COMMANDS[command](stores)
}

// eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to a field's own undo stack
const textUndo = (command: string): void => void document.execCommand(command)

export function globalKey(stores: Stores, e: KeyboardEvent): void {
  if (inDialog()) return
  const key = e.key.toLowerCase()
  const command = e.ctrlKey || e.metaKey ? chord(key, e.shiftKey) : SINGLE[key]
  // a select element has no undo of its own
  const typing = command !== 'help' && isTyping(e) && !(e.target instanceof HTMLSelectElement && command !== 'keys')
  if (command === undefined || typing) return
  e.preventDefault()
  menuCommand(stores, command)
}
const SINGLE: Readonly<Record<string, MenuCommand>> = { '?': 'keys', f1: 'help' }
const chord = (key: string, shift: boolean): MenuCommand | undefined => {
  if (key === 'z') return shift ? 'redo' : 'undo'
  return key === 'y' ? 'redo' : undefined
}

/** True for files on their way over the window; a dragged text belongs to the fields. */
const carriesFiles = (e: DragEvent): boolean => e.dataTransfer?.types.includes('Files') === true
/** A browser would open files that are dropped, in the place of the page. */
export function dragOver(e: DragEvent): void {
  if (carriesFiles(e)) e.preventDefault()
}
/** Files that are dropped on any screen are the beginning of an import. */
export function dropFiles(stores: Stores, e: DragEvent): void {
  if (!carriesFiles(e)) return
  e.preventDefault()
  stores.nav.go('import')
  void stores.importing.addFiles([...(e.dataTransfer?.files ?? [])])
}
