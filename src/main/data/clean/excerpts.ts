/** How examples quote long texts. */

const LONGEST = 160
/** Characters that are shown before a difference. */
const LEAD = 80

/** The beginning of a text. */
export function excerpt(text: string): string {
  return text.length <= LONGEST ? text : text.slice(0, LONGEST) + '…'
}
/** The end of a text. */
export function ending(text: string): string {
  return text.length <= LONGEST ? text : '…' + text.slice(-LONGEST)
}
/** Two versions of a text around the first place where they differ. */
export function difference(before: string, after: string): readonly [string, string] {
  let same = 0
  while (same < before.length && same < after.length && before[same] === after[same]) same++
  const start = Math.max(0, same - LEAD)
  const lead = start > 0 ? '…' : ''
  return [lead + excerpt(before.slice(start)), lead + excerpt(after.slice(start))]
}
