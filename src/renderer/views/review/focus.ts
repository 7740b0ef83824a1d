/**
 * An attachment that keeps single keys working for mouse users: what was just clicked or chosen with the pointer gives
 * the focus back to the list, so that Enter accepts a suggestion instead of pressing that button again. Whoever moves by
 * keyboard keeps the focus where it is.
 */
export function pointerLeavesFocusOnList(screen: HTMLElement): () => void {
  let byPointer = false
  const pointer = () => (byPointer = true)
  const key = () => (byPointer = false)
  const back = (e: Event) => {
    const used =
      e.target instanceof Element ? e.target.closest(e.type === 'change' ? 'select' : 'button, summary, input[type=checkbox]') : null
    // a control that has itself moved the focus, such as the note's, knows better
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

/** On arrival: the list gets the focus, unless the analyst has already put it somewhere else. */
export function focusListFromNavigation(screen: HTMLElement): void {
  const at = document.activeElement
  const free = at === null || at === document.body || at.closest('nav') !== null
  if (free) screen.querySelector<HTMLElement>('[role=listbox]')?.focus({ preventScroll: true })
}
