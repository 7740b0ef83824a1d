// Figures measured at several sizes as a Markdown table and as a chart. Runs under Node 20 too.

/**
 * One figure at every size, in the order of the sizes; null if it was not measured.
 * @typedef {{ name: string, unit: string, values: readonly (number | null)[], limit?: number }} Figure
 */

const whole = (/** @type {number} */ x) =>
  x >= 100 ? Math.round(x).toLocaleString('en') : x >= 10 ? x.toFixed(0) : x.toFixed(x >= 1 ? 1 : 2)

/** A line for each figure, a column for each size. @param {readonly number[]} sizes @param {readonly Figure[]} figures */
export function scaleTable(sizes, figures) {
  const head = ['', ...sizes.map((n) => `${n.toLocaleString('en')} movies`)]
  const rows = figures.map((f) => [`${f.name}, ${f.unit}`, ...f.values.map((v) => (v === null ? '' : whole(v)))])
  const width = head.map((_, i) => Math.max(...[head, ...rows].map((r) => r[i]?.length ?? 0)))
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((c, i) => (i === 0 ? c.padEnd(width[i] ?? 0) : c.padStart(width[i] ?? 0))).join(' | ')} |`
  const rule = `| ${width.map((w, i) => (i === 0 ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const PANEL = { width: 270, height: 190, left: 52, right: 14, top: 30, bottom: 30 }
const COLUMNS = 3

/**
 * Small charts side by side, both axes logarithmic; with a dashed line at the figure's limit, if it has one.
 * @param {readonly number[]} sizes @param {readonly Figure[]} figures
 */
export function scaleChart(sizes, figures) {
  const rows = Math.ceil(figures.length / COLUMNS)
  const [width, height] = [COLUMNS * PANEL.width, rows * PANEL.height]
  const panels = figures.map(
    (f, i) => `<g transform="translate(${(i % COLUMNS) * PANEL.width} ${Math.floor(i / COLUMNS) * PANEL.height})">${panel(sizes, f)}</g>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label(sizes, figures)}" font-family="system-ui, sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels,
    '</svg>\n',
  ].join('\n')
}

/** @param {readonly number[]} sizes @param {readonly Figure[]} figures */
const label = (sizes, figures) =>
  escape(`Figures at ${sizes.map((n) => n.toLocaleString('en')).join(', ')} movies: ${figures.map((f) => f.name).join(', ')}`)
const escape = (/** @type {string} */ text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** @param {readonly number[]} sizes @param {Figure} figure */
function panel(sizes, { name, unit, values, limit }) {
  const known = [...values.filter((v) => v !== null), ...(limit === undefined ? [] : [limit])]
  const [low, high] = [10 ** Math.floor(Math.log10(Math.min(...known))), 10 ** Math.ceil(Math.log10(Math.max(...known) * 1.0001))]
  const x = (/** @type {number} */ n) => scale(n, sizes[0] ?? 1, sizes.at(-1) ?? 1, PANEL.left, PANEL.width - PANEL.right)
  const y = (/** @type {number} */ v) => scale(v, low, high, PANEL.height - PANEL.bottom, PANEL.top)
  const points = values.flatMap((v, i) => (v === null ? [] : [{ x: x(sizes[i] ?? 1), y: y(v), v }]))
  const ticks = Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, i) => low * 10 ** i)
  return [
    `<text x="${PANEL.left}" y="16" font-weight="600" fill="#1f2430">${escape(name)}, ${escape(unit)}</text>`,
    ...ticks.map(
      (t) =>
        `<path d="M${PANEL.left} ${at(y(t))}H${PANEL.width - PANEL.right}" stroke="#e3e6ec"/><text x="${PANEL.left - 6}" y="${at(y(t) + 4)}" text-anchor="end" fill="#596275">${t.toLocaleString('en', { maximumFractionDigits: 3 })}</text>`,
    ),
    ...sizes.map((n) => `<text x="${at(x(n))}" y="${PANEL.height - 10}" text-anchor="middle" fill="#596275">${short(n)}</text>`),
    ...(limit === undefined
      ? []
      : [`<path d="M${PANEL.left} ${at(y(limit))}H${PANEL.width - PANEL.right}" stroke="#b3261e" stroke-dasharray="4 3"/>`]),
    `<path d="M${points.map((p) => `${at(p.x)} ${at(p.y)}`).join('L')}" fill="none" stroke="#2454c6" stroke-width="2"/>`,
    ...points.map(
      (p) =>
        `<circle cx="${at(p.x)}" cy="${at(p.y)}" r="3" fill="#2454c6"/><text x="${at(p.x)}" y="${at(p.y - 7)}" text-anchor="${p.x > PANEL.width / 2 ? 'end' : 'start'}" fill="#1f2430">${whole(p.v)}</text>`,
    ),
  ].join('')
}

/** Maps a value between `low` and `high` to a position between `from` and `to`, logarithmically. @param {number} v @param {number} low @param {number} high @param {number} from @param {number} to */
const scale = (v, low, high, from, to) => (high === low ? (from + to) / 2 : from + ((to - from) * Math.log(v / low)) / Math.log(high / low))
const at = (/** @type {number} */ x) => Number(x.toFixed(1))
const short = (/** @type {number} */ n) => (n >= 1e6 ? `${n / 1e6} M` : n >= 1000 ? `${n / 1000} k` : String(n))
