/**
 * Where each cell of one record lies inside its exact text. The rules are those of csv-parse with `relax_quotes`: a quote
 * opens a cell only at its very start; a closing quote that is followed by anything but a delimiter or a line break makes
 * the whole cell literal. A test holds this scanner equal to the parser on every record of the real files.
 */

const CR = 13
const LF = 10
const QUOTE = '"'

/** One record: `spans` are [start, end) pairs of its cells, quotes included, in UTF-16 code units. */
export interface RecordScan {
  readonly spans: readonly number[]
  /** Where the line ending begins; the length of the text where there is none. */
  readonly end: number
  /** The last cell opens a quote that is never closed. */
  readonly open: boolean
}

/** Scans the record that starts at `from`; text after its line ending is not looked at. `delimiter` is one character. */
export function scanRecord(raw: string, delimiter: string, from = 0): RecordScan {
  const spans: number[] = []
  const separator = delimiter.charCodeAt(0)
  let at = from
  for (;;) {
    const start = at
    if (raw[at] === QUOTE) {
      at = afterClosingQuote(raw, at + 1)
      if (at < 0) return { spans: [...spans, start, raw.length], end: raw.length, open: true }
    }
    for (; at < raw.length; at++) {
      const code = raw.charCodeAt(at)
      if (code === separator || code === CR || code === LF) break
    }
    spans.push(start, at)
    if (at >= raw.length || raw.charCodeAt(at) !== separator) return { spans, end: at, open: false }
    at++
  }
}

/** The text of the cell at [start, end), as the parser gives it. */
export function cellValue(raw: string, start: number, end: number): string {
  if (raw[start] !== QUOTE) return raw.slice(start, end)
  const after = afterClosingQuote(raw, start + 1)
  const inside = raw.slice(start + 1, after - 1).replaceAll('""', '"')
  return after === end ? inside : QUOTE + inside + raw.slice(after - 1, end)
}

/** A cell for `value`: quoted where the text demands it, or where `quoted` asks to keep a file's style. */
export function quoteCell(value: string, delimiter: string, quoted = false): string {
  const needed = quoted || value.includes(delimiter) || /["\r\n]/.test(value)
  return needed ? QUOTE + value.replaceAll('"', '""') + QUOTE : value
}

/** The first line break of a text (`\r\n`, `\n` or `\r`), or null. */
export function firstLineBreak(text: string): string | null {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? null
}

/** The place behind the quote that ends a cell; -1 where there is none. Doubled quotes are text. */
function afterClosingQuote(raw: string, from: number): number {
  for (let at = raw.indexOf(QUOTE, from); at >= 0; at = raw.indexOf(QUOTE, at + 2)) if (raw[at + 1] !== QUOTE) return at + 1
  return -1
}
