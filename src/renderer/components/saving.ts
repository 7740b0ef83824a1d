/** Charts and matrices as files. */

/** A table as CSV (RFC 4180), with the mark that spreadsheets need to read it as UTF-8. */
export const csvOf = (rows: readonly (readonly (string | number)[])[]): string =>
  `\ufeff${rows.map((row) => row.map((cell) => (/[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell))).join(',')).join('\r\n')}\r\n`

/** A file name from the sentence that describes a chart. */
export const fileName = (label: string): string =>
  (label.split(/\. |[.;]$/)[0] ?? '')
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .slice(0, 60)
    .trim() || 'chart'

export interface GridCell {
  readonly text: string
  /** Darkness, 0 to 1; null: a cell of the diagonal. */
  readonly heat: number | null
}
/** Width and height of a cell, and of the names. */
const [WIDTH, HEIGHT, NAMES] = [52, 24, 150]
/** A matrix as a picture, in the colours of an element. Pixels of twice the size keep the text sharp. */
export function gridPicture(
  element: Element,
  rows: readonly string[],
  columns: readonly string[],
  cell: (row: number, column: number) => GridCell,
) {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const canvas = document.createElement('canvas')
  canvas.width = 2 * (NAMES + columns.length * WIDTH)
  canvas.height = 2 * (NAMES + rows.length * HEIGHT)
  const c = canvas.getContext('2d')
  if (!c) return canvas
  c.scale(2, 2)
  c.fillStyle = colour('--bg')
  c.fillRect(0, 0, canvas.width, canvas.height)
  c.font = '12px system-ui, sans-serif'
  c.textBaseline = 'middle'
  const write = (text: string, x: number, y: number, align: CanvasTextAlign, most: number) => {
    c.textAlign = align
    c.fillStyle = colour('--text')
    c.globalAlpha = 1
    c.fillText(text, x, y, most)
  }
  rows.forEach((name, i) => write(name, NAMES - 8, NAMES + (i + 0.5) * HEIGHT, 'right', NAMES - 12))
  columns.forEach((name, j) => {
    c.save()
    c.translate(NAMES + (j + 0.5) * WIDTH, NAMES - 8)
    c.rotate(-Math.PI / 2)
    write(name, 0, 0, 'left', NAMES - 12)
    c.restore()
  })
  rows.forEach((_, i) =>
    columns.forEach((_column, j) => {
      const { text, heat } = cell(i, j)
      const [x, y] = [NAMES + j * WIDTH, NAMES + i * HEIGHT]
      c.fillStyle = colour(heat === null ? '--hover' : '--accent')
      c.globalAlpha = heat === null ? 1 : 0.45 * heat
      c.fillRect(x + 0.5, y + 0.5, WIDTH - 1, HEIGHT - 1)
      write(text, x + WIDTH / 2, y + HEIGHT / 2, 'center', WIDTH - 4)
    }),
  )
  return canvas
}
