/** Keys that work on every screen, and the commands of the window's menu. */
import type { MenuCommand } from '../../../contract/bridge.ts'
import type { Stores } from '../../stores/stores.svelte.ts'

const isText = (input: HTMLInputElement): boolean => !['checkbox', 'radio', 'button', 'file'].includes(input.type)
/** Where typing is text: single keys mean nothing else there. */
export const isTyping = (e: KeyboardEvent): boolean => {
  const t = e.target
  if (t instanceof HTMLInputElement) return isText(t)
  return t instanceof HTMLTextAreaElement || t instanceof HTMLSelectElement
}
export const inDialog = (): boolean => document.querySelector('dialog[open]') !== null

const COMMANDS: Readonly<Record<MenuCommand, (s: Stores) => unknown>> = {
  open: () => document.getElementById('projects')?.showPopover(),
  import: (s) => s.nav.go('import'),
  export: (s) => s.nav.go('export'),
  undo: (s) => s.labels.undo(),
  redo: (s) => s.labels.redo(),
  help: (s) => (s.nav.keysOpen = true),
}
/** In a text field, undo and redo mean its text. */
export function menuCommand(stores: Stores, command: MenuCommand): void {
  const field = document.activeElement
  const editing = field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && isText(field))
  if (editing && (command === 'undo' || command === 'redo')) document.execCommand(command)
  else void COMMANDS[command](stores)
}

export function globalKey(stores: Stores, e: KeyboardEvent): void {
  if (isTyping(e) || inDialog()) return
  const key = e.key.toLowerCase()
  const command = e.ctrlKey || e.metaKey ? chord(key, e.shiftKey) : key === '?' ? 'help' : undefined
  if (command === undefined) return
  e.preventDefault()
  menuCommand(stores, command)
}
const chord = (key: string, shift: boolean): MenuCommand | undefined => {
  if (key === 'z') return shift ? 'redo' : 'undo'
  return key === 'y' ? 'redo' : undefined
}
