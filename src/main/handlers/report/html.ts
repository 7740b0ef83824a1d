/** Text as HTML: whatever is put into a template is escaped, unless it is HTML itself. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
/** The characters of markup, and control characters, which no HTML file may contain. */
const UNSAFE = /[&<>"']|(?![\t\n\r])\p{Cc}|\p{Cs}/gu
const written = (part: string | Html | readonly Html[]): string =>
  part instanceof Html
    ? part.text
    : typeof part === 'string'
      ? part.replace(UNSAFE, (c) => ENTITIES[c] ?? '\ufffd')
      : part.map(written).join('')
export const html = (texts: TemplateStringsArray, ...parts: readonly (string | Html | readonly Html[])[]): Html =>
  new Html(texts.map((text, i) => text + written(parts[i] ?? '')).join(''))

/** A bar of a chart: a share from 0 to 1 with an interval around it, drawn as SVG beside its value. */
export interface Bar {
  readonly share: number
  readonly low?: number
  readonly high?: number
  readonly text: string
}
const at = (share: number): string => (100 * Math.min(1, Math.max(0, share))).toFixed(1)
function barOf({ share, low, high, text }: Bar): Html {
  const range = low === undefined || high === undefined ? '' : html`<line x1="${at(low)}" x2="${at(high)}" y1="5" y2="5" />`
  return html`<span>${text}</span
    ><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect width="${at(share)}" height="10" />
      ${range}
    </svg>`
}
/** A table, or nothing without rows; each chart is one whose cells have bars, so that its numbers can be read as well. */
export const htmlTable = (header: readonly string[], rows: readonly (readonly (string | Bar)[])[]): Html =>
  rows.length === 0
    ? html``
    : html`<table>
        <thead>
          <tr>
            ${header.map((text) => html`<th scope="col">${text}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => (typeof cell === 'string' ? html`<td dir="auto">${cell}</td>` : html`<td class="bar">${barOf(cell)}</td>`))}
              </tr>`,
          )}
        </tbody>
      </table>`
