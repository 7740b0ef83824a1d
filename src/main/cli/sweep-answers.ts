import { UserError } from '../../contract/errors.ts'
import { readCells } from '../data/import/files/scan.ts'

/** Whether the movie with this id has the genre. */
export interface SweepAnswer {
  readonly id: string
  readonly has: boolean
}

const YES = ['true', 'yes', 'y', '1']
const NO = ['false', 'no', 'n', '0']

/**
 * Reads answers: JSON lines `{"id": "m012", "has": true}`, or CSV with the columns `id` and `has` (yes or no, true or false, y or n, 1 or 0).
 * Other members and columns are ignored, and so are movies whose `has` is empty or null. The later one of two equal answers is ignored, too.
 * @throws UserError `bad-answer` with the line, `contradiction`
 */
export function sweepAnswers(text: string): SweepAnswer[] {
  const rows = /^\s*\{/.test(text) ? jsonLines(text) : csvRows(text)
  const found = new Map<string, boolean>()
  for (const { line, id, has } of rows) {
    const word = (typeof has === 'string' ? has.trim() : JSON.stringify(has ?? null)).toLowerCase()
    if (word === '' || word === 'null') continue
    if (typeof id !== 'string' || id === '' || ![...YES, ...NO].includes(word))
      throw new UserError('bad-answer', `Line ${line} of the answers needs an id and yes or no in "has": nothing was stored.`)
    if (found.has(id) && found.get(id) !== YES.includes(word)) throw contradiction(id)
    found.set(id, YES.includes(word))
  }
  return [...found].map(([id, has]) => ({ id, has }))
}

export const contradiction = (id: string): UserError =>
  new UserError('contradiction', `${id} cannot be answered with both yes and no: choose one. Nothing was stored.`)

interface Row {
  readonly line: number
  readonly id: unknown
  readonly has: unknown
}

function jsonLines(text: string): Row[] {
  return text.split('\n').flatMap((each, i) => {
    if (each.trim() === '') return []
    try {
      const { id, has } = JSON.parse(each) as Record<string, unknown>
      return [{ line: i + 1, id, has }]
    } catch {
      throw new UserError('bad-answer', `Line ${i + 1} of the answers is not {"id": "…", "has": true}: nothing was stored.`)
    }
  })
}

function csvRows(text: string): Row[] {
  const rows: Row[] = []
  let columns: { readonly id: number; readonly has: number } | null = null
  let line = 1
  for (let at = 0; at < text.length;) {
    const cells: string[] = []
    const end = readCells(text, { delimiter: ',', escape: '"' }, at, cells)
    if (end < 0) throw new UserError('bad-answer', `Line ${line} of the answers opens a quote that is not closed: nothing was stored.`)
    if (columns) rows.push({ line, id: cells[columns.id], has: cells[columns.has] })
    else columns = columnsOf(cells)
    const next = text.startsWith('\r\n', end) ? end + 2 : end + 1
    line += text.slice(at, next).split('\n').length - 1
    at = next
  }
  return rows
}

function columnsOf(header: readonly string[]): { readonly id: number; readonly has: number } {
  const names = header.map((name) => name.replace(/^\uFEFF/, '').trim().toLowerCase()) // prettier-ignore
  const [id, has] = [names.indexOf('id'), names.indexOf('has')]
  if (id >= 0 && has >= 0) return { id, has }
  throw new UserError(
    'bad-answer',
    'The answers are neither JSON lines {"id": "…", "has": true} nor CSV with the columns id and has: nothing was stored.',
  )
}
