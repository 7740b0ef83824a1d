/** Edits of a text as values. */

/** The new text for the range [start, end) of a record, in UTF-16 code units. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}
/** Returns the text with its ranges replaced. The edits are sorted by position and do not overlap. */
export function applyEdits(raw: string, edits: readonly Edit[]): string {
  let text = ''
  let from = 0
  for (const edit of edits) {
    text += raw.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return text + raw.slice(from)
}
