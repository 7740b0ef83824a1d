/** Changes of a text as values. */

/** A new text for the stretch [start, end) of a record. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}
/** The text with its stretches replaced; `edits` are in the order of their places and do not overlap. */
export function applyEdits(raw: string, edits: readonly Edit[]): string {
  let text = ''
  let from = 0
  for (const edit of edits) {
    text += raw.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return text + raw.slice(from)
}
