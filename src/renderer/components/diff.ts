/** The words that differ between two texts, for display side by side. */
import { diffArrays } from 'diff'

/** A part of a text, changed or not. */
export interface DiffPart {
  readonly text: string
  readonly changed: boolean
}
/** Both texts, cut into parts. */
export interface TextDiff {
  readonly before: readonly DiffPart[]
  readonly after: readonly DiffPart[]
}
/** Words of any script, white space, and single marks. (jsdiff's own word rule splits all scripts but Latin into letters.) */
const TOKEN = /\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu
/** Insertions and deletions: the time of the search grows with the square of their number, and 300 take about 20 ms.
 * Above it, the texts count as different throughout. */
const MAX_EDITS = 300
/** Characters of unchanged text kept on either side of a change. */
const CONTEXT = 60
/** Shortest unchanged part, in characters, that shows two excerpts to overlap. */
const MIN_OVERLAP = 12

function joined(parts: readonly DiffPart[]): DiffPart[] {
  const out: DiffPart[] = []
  for (const part of parts) {
    const last = out.at(-1)
    if (last?.changed === part.changed) out[out.length - 1] = { text: last.text + part.text, changed: part.changed }
    else if (part.text !== '') out.push(part)
  }
  return out
}
/** Keeps the ends of long unchanged parts; of the first part, only the end next to the change. */
function shortened(parts: readonly DiffPart[]): DiffPart[] {
  return parts.map((p, i) => {
    if (p.changed || p.text.length <= 2 * CONTEXT + 3) return p
    const head = i === 0 && parts.length > 1 ? '' : p.text.slice(0, CONTEXT)
    return { text: `${head}…${p.text.slice(-CONTEXT)}`, changed: false }
  })
}
/** Two excerpts may be cut at different words: a difference next to an ellipsis is not a change of the text. */
function withoutCutEnds(parts: readonly DiffPart[], start: boolean, end: boolean): DiffPart[] {
  const overlaps = (p: DiffPart) => !p.changed && p.text.length >= MIN_OVERLAP
  const first = start ? Math.max(0, parts.findIndex(overlaps)) : 0
  const last = end ? parts.findLastIndex(overlaps) : -1
  const ellipsis = { text: '…', changed: false }
  return joined([...(start ? [ellipsis] : []), ...parts.slice(first, last < 0 ? undefined : last + 1), ...(end ? [ellipsis] : [])])
}
/** Each text in parts. Joined, they give the text again, except for long unchanged parts, which are shortened. */
export function wordDiff(before: string, after: string): TextDiff {
  const cutStart = before.startsWith('…') && after.startsWith('…')
  const cutEnd = before.endsWith('…') && after.endsWith('…')
  const tokens = (text: string): string[] => text.slice(cutStart ? 1 : 0, cutEnd ? -1 : undefined).match(TOKEN) ?? []
  const [a, b] = [tokens(before), tokens(after)]
  const changes = diffArrays(a, b, { maxEditLength: MAX_EDITS }) ?? [
    { value: a, added: false, removed: true },
    { value: b, added: true, removed: false },
  ]
  const side = (absent: 'added' | 'removed') => {
    const parts = changes.filter((c) => !c[absent]).map((c) => ({ text: c.value.join(''), changed: c.added || c.removed }))
    return shortened(withoutCutEnds(joined(parts), cutStart, cutEnd))
  }
  return { before: side('added'), after: side('removed') }
}

/**
 * Replaces invisible characters by signs that most fonts have: control characters by their code, each space of changed white space by a dot.
 */
export const visible = (text: string): string =>
  text
    .replace(/\r\n?|\n/g, '↵\n')
    .replace(/\t/g, '⇥')
    .replace(/\u00a0/g, '⍽')
    .replace(
      /(?!\n)[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]/gu,
      (c) => `<${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`,
    )
    .replace(/^ +$/, (s) => '·'.repeat(s.length))
