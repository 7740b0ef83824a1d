/** Small choices of the window that outlive it: which screen was shown last, whether the first steps are open, pinned projects. */

const PREFIX = 'reelabel-'
/** A remembered text; null if there is none. */
export const remembered = (key: string): string | null => localStorage.getItem(PREFIX + key)
export const remember = (key: string, value: string): void => localStorage.setItem(PREFIX + key, value)
/** A remembered list of texts; empty if there is none. */
export function rememberedList(key: string): readonly string[] {
  const list: unknown = JSON.parse(remembered(key) ?? '[]')
  return Array.isArray(list) ? list.filter((text) => typeof text === 'string') : []
}
