/** Calls `redraw` whenever the colours of the window change, for drawings that no style sheet reaches. Returns the function that ends it. */
export function onThemeChange(redraw: () => void): () => void {
  const themes = new MutationObserver(redraw)
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => themes.disconnect()
}
