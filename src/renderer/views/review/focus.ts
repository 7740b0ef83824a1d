/**
 * Attachment that keeps the single keys working for mouse users: a control that was clicked returns the focus to the list,
 * so that Enter accepts a suggestion instead of pressing the control again. A control reached by keyboard keeps the focus.
 */
export function pointerLeavesFocusOnList(screen: HTMLElement): () => void {
  let byPointer = false
  const pointer = () => (byPointer = true)
  const key = () => (byPointer = false)
  const back = (e: Event) => {
    const used =
      e.target instanceof Element ? e.target.closest(e.type === 'change' ? 'select' : 'button, summary, input[type=checkbox]') : null
    // a control may have moved the focus itself, as the button Note does
    if (!byPointer || used === null || used !== document.activeElement) return
    screen.querySelector<HTMLElement>('[role=listbox]')?.focus({ preventScroll: true })
  }
  screen.addEventListener('pointerdown', pointer, true)
  screen.addEventListener('keydown', key, true)
  screen.addEventListener('click', back)
  screen.addEventListener('change', back)
  return () => {
    screen.removeEventListener('pointerdown', pointer, true)
    screen.removeEventListener('keydown', key, true)
    screen.removeEventListener('click', back)
    screen.removeEventListener('change', back)
  }
}

/** Focuses the list after navigation, unless the focus is already on another control. */
export function focusListFromNavigation(screen: HTMLElement): void {
  const at = document.activeElement
  const free = at === null || at === document.body || at.closest('nav') !== null
  if (free) screen.querySelector<HTMLElement>('[role=listbox]')?.focus({ preventScroll: true })
}
