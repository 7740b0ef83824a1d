/** Decides whether a key press belongs to a text field or dialog, and handles files that are dropped on the window. */
import type { Stores } from '../../stores/stores.svelte.ts'

const NO_TEXT = ['checkbox', 'radio', 'button', 'file']
/** True for an element that takes text. */
export const isTextField = (t: EventTarget | null): boolean =>
  t instanceof HTMLTextAreaElement || (t instanceof HTMLInputElement && !NO_TEXT.includes(t.type))
/** True if the key press goes into a field, where single keys are text and no shortcuts. */
export const isTyping = ({ target }: KeyboardEvent): boolean => isTextField(target) || target instanceof HTMLSelectElement
/** True while a dialog or a menu handles the keys. */
export const inDialog = (): boolean => document.querySelector('dialog[open], [role=menu], [role=dialog]') !== null

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
