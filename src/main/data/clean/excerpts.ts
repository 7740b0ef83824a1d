/** How examples quote long texts. */

const MAX_CHARACTERS = 160
/** Characters that are shown before a difference. */
const CHARACTERS_BEFORE = 80

/** The beginning of a text. */
export function excerpt(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : text.slice(0, MAX_CHARACTERS) + '…'
}
/** The end of a text. */
export function ending(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : '…' + text.slice(-MAX_CHARACTERS)
}
/** Two versions of a text around the first place where they differ. */
export function difference(before: string, after: string): readonly [string, string] {
  let same = 0
  while (same < before.length && same < after.length && before[same] === after[same]) same++
  const start = Math.max(0, same - CHARACTERS_BEFORE)
  const lead = start > 0 ? '…' : ''
  return [lead + excerpt(before.slice(start)), lead + excerpt(after.slice(start))]
}
