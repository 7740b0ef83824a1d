/** What changed between two texts, word by word, for the eye. */
export interface DiffPart {
  readonly text: string
  readonly changed: boolean
}
export interface TextDiff {
  readonly before: readonly DiffPart[]
  readonly after: readonly DiffPart[]
}
const TOKEN = /\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu
/** Cells of the table of common subsequences: above it the whole middle counts as changed. */
const MOST_CELLS = 250_000
/** Characters of unchanged text left standing on either side of a change. */
const AROUND = 60
/** Characters that two excerpts must have in common before they are taken to speak of the same place. */
const CERTAIN = 12

/** Lengths of the longest common subsequences of `a` from i and `b` from j, row-major (a.length + 1) x (b.length + 1). */
function common(a: readonly string[], b: readonly string[]): Uint16Array {
  const w = b.length + 1
  const t = new Uint16Array((a.length + 1) * w)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      t[i * w + j] = a[i] === b[j] ? (t[(i + 1) * w + j + 1] ?? 0) + 1 : Math.max(t[(i + 1) * w + j] ?? 0, t[i * w + j + 1] ?? 0)
  return t
}
function middle(a: readonly string[], b: readonly string[]): TextDiff {
  if (a.length * b.length > MOST_CELLS)
    return { before: [{ text: a.join(''), changed: true }], after: [{ text: b.join(''), changed: true }] }
  const t = common(a, b)
  const w = b.length + 1
  const before: DiffPart[] = []
  const after: DiffPart[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const text = a[i]
    if (text !== undefined && text === b[j]) {
      before.push({ text, changed: false })
      after.push({ text, changed: false })
      i++
      j++
    } else if (i < a.length && (j >= b.length || (t[(i + 1) * w + j] ?? 0) >= (t[i * w + j + 1] ?? 0)))
      before.push({ text: a[i++] ?? '', changed: true })
    else after.push({ text: b[j++] ?? '', changed: true })
  }
  return { before, after }
}
function joined(parts: readonly DiffPart[]): DiffPart[] {
  const out: DiffPart[] = []
  for (const part of parts) {
    const last = out.at(-1)
    if (last?.changed === part.changed) out[out.length - 1] = { text: last.text + part.text, changed: part.changed }
    else if (part.text !== '') out.push(part)
  }
  return out
}
/** Long stretches without a change keep only their ends: of the first one, what stands next to the change. */
function shortened(parts: readonly DiffPart[]): DiffPart[] {
  return parts.map((p, i) => {
    if (p.changed || p.text.length <= 2 * AROUND + 3) return p
    const head = i === 0 && parts.length > 1 ? '' : p.text.slice(0, AROUND)
    return { text: `${head}…${p.text.slice(-AROUND)}`, changed: false }
  })
}
/** Excerpts of two texts may begin and end at different words: what stood next to an ellipsis is no change. */
function cutOff(parts: readonly DiffPart[], start: boolean, end: boolean): DiffPart[] {
  const same = (p: DiffPart) => !p.changed && p.text.length >= CERTAIN
  const first = start ? Math.max(0, parts.findIndex(same)) : 0
  const last = end ? parts.findLastIndex(same) : -1
  const ellipsis = { text: '…', changed: false }
  return joined([...(start ? [ellipsis] : []), ...parts.slice(first, last < 0 ? undefined : last + 1), ...(end ? [ellipsis] : [])])
}
/** The two texts in parts: joined again they give the texts, but for long stretches that both have, which are shortened. */
export function wordDiff(before: string, after: string): TextDiff {
  const cutStart = before.startsWith('…') && after.startsWith('…')
  const cutEnd = before.endsWith('…') && after.endsWith('…')
  const inside = (text: string) => text.slice(cutStart ? 1 : 0, cutEnd ? -1 : undefined).match(TOKEN) ?? []
  const a = inside(before)
  const b = inside(after)
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const inner = middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  const start = { text: a.slice(0, head).join(''), changed: false }
  const end = { text: a.slice(a.length - tail).join(''), changed: false }
  const whole = (parts: readonly DiffPart[]) =>
    shortened(cutOff(joined([start, ...parts, end].filter((p) => p.text !== '')), cutStart, cutEnd))
  return { before: whole(inner.before), after: whole(inner.after) }
}

/** Characters that cannot be seen, made visible: control pictures, and a dot for each space of a changed stretch of white space. */
export const visible = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- these are the ones to show
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(
      /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]/g,
      (c) => `<${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`,
    )
    .replace(/\u00a0/g, '⍽')
    .replace(/\t/g, '⇥')
    .replace(/\n/g, '↵\n')
    .replace(/^ +$/, (s) => '·'.repeat(s.length))
