/** Sheets of an XLSX workbook. The only importer of read-excel-file. */
import { statSync } from 'node:fs'
import { decodeXML } from 'entities'
import readExcelFile from 'read-excel-file/node'
import { messageOf, UserError } from '../../../../contract/errors.ts'
import { storedZip } from './stored-zip.ts'
import { valueText } from './values.ts'
import { zipBytes, zipEntries } from './zip.ts'

/** Most unpacked bytes: a workbook is read into memory as a whole. */
const MAX_BYTES = 256 * 1024 * 1024
const MAX_RATIO = 300
/** Most cells of all sheets; most cells of their rectangles if nearly all are empty, and most empty ones per filled cell. */
const MAX_CELLS = 1_000_000
const MAX_PLACES = 1_000_000
const MAX_EMPTY = 30
const HARMLESS_BYTES = 8 * 1024 * 1024
/** Parts of a workbook that hold its cells; pictures and charts are left out. */
const PARTS = /\.(?:xml|rels)$/i
const CELLS = /^xl\/(?:worksheets\/[^/]+|sharedStrings|workbook|styles)\.xml$/i

export interface Sheet {
  readonly name: string
  /** True if Excel does not show it. */
  readonly hidden: boolean
  /** Cells as text, row by row from the sheet's first: dates as ISO text. */
  readonly rows: readonly (readonly string[])[]
}

/** True if the archive is a workbook. */
export function isWorkbook(entryNames: readonly string[]): boolean {
  return entryNames.some((name) => /^xl\/workbook\.xml$/i.test(name))
}

/** The workbook that was read last: each of its sheets is read several times. */
let last: { readonly key: string; readonly sheets: Promise<readonly Sheet[]> } | null = null

/** The sheets of a workbook that are not empty. Throws a UserError if it is damaged, encrypted or too large. */
export function readSheets(path: string, name: string): Promise<readonly Sheet[]> {
  const { size, mtimeMs } = statSync(path)
  const key = JSON.stringify([path, size, mtimeMs])
  if (last?.key === key) return last.sheets
  last = { key, sheets: readWorkbook(path, name) }
  last.sheets.catch(() => (last = null))
  return last.sheets
}

/**
 * The sheets of a workbook that are not empty. Throws a UserError if it is damaged, encrypted or too large.
 * read-excel-file trusts the sizes in the headers of an archive and allocates memory for them, so the parts are unpacked by yauzl,
 * which checks them, and passed on in an archive made here.
 */
async function readWorkbook(path: string, name: string): Promise<readonly Sheet[]> {
  const entries = (await zipEntries(path, name)).filter((entry) => PARTS.test(entry.name))
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  const packed = entries.reduce((sum, entry) => sum + entry.compressedBytes, 0)
  if (bytes > MAX_BYTES || (bytes > HARMLESS_BYTES && bytes > packed * MAX_RATIO))
    throw new UserError(
      'workbook-too-large',
      `${name} unpacks to ${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MB, and a workbook has to be read at once: save its sheets as CSV.`,
    )
  const files = []
  const counts = { cells: 0, places: 0 }
  for (const entry of entries) {
    if (!CELLS.test(entry.name) && !/\.rels$|content_types/i.test(entry.name)) continue
    const chunks: Buffer[] = []
    for await (const chunk of zipBytes(path, name, entry.name)) chunks.push(chunk)
    const data = Buffer.concat(chunks)
    if (entry.name.includes('worksheets/')) countPlaces(data.toString('latin1'), name, counts)
    files.push({ name: entry.name, data })
  }
  try {
    const sheets = await readExcelFile(storedZip(files), { trim: false })
    const hidden = hiddenSheets(files.find((file) => /workbook\.xml$/i.test(file.name))?.data.toString() ?? '')
    return sheets
      .map(({ sheet, data }) => ({ name: sheet, hidden: hidden.has(sheet), rows: data.map((row) => row.map(valueText)) }))
      .filter(({ rows }) => rows.length > 0)
  } catch (error) {
    throw new UserError(
      'damaged-workbook',
      `${name} cannot be read as a workbook: ${messageOf(error).slice(0, 200)}. Save it again, or save its sheets as CSV.`,
    )
  }
}

/** Names of the sheets with `state="hidden"` or `"veryHidden"`. */
function hiddenSheets(workbook: string): ReadonlySet<string> {
  const tags = [...workbook.matchAll(/<(?:\w+:)?sheet\s[^<>]*>/g)]
    .map(([tag]) => tag)
    .filter((tag) => /\sstate\s*=\s*["'](?:very)?hidden/i.test(tag))
  return new Set(tags.map((tag) => decodeXML(/\sname\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(tag)?.slice(1).join('') ?? '')))
}

/**
 * Adds the cells of a sheet, and the places of its rectangle: read-excel-file fills it up to the last cell, whose position the file chooses.
 * @throws UserError `workbook-too-large`
 */
function countPlaces(xml: string, name: string, counts: { cells: number; places: number }): void {
  let [cells, rows, columns] = [0, 0, 0]
  for (const { groups } of xml.matchAll(/<(?:\w+:)?(?:c|row)\s(?:[^<>]*?\s)?r\s*=\s*["'](?<place>[^"']*)["']/g)) {
    const text = groups?.['place'] ?? ''
    const place = /^([A-Z]{0,3})(\d{1,7})$/i.exec(text)
    if (!place) throw new UserError('damaged-workbook', `${name} has a cell at "${text.slice(0, 20)}", which is not a place in a sheet.`)
    if (place[1] !== '') cells++
    rows = Math.max(rows, Number(place[2]))
    columns = Math.max(columns, columnNumber(place[1] ?? ''))
  }
  counts.cells += cells
  counts.places += rows * columns
  if (counts.cells > MAX_CELLS)
    throw new UserError(
      'workbook-too-large',
      `${name} has more than ${MAX_CELLS.toLocaleString('en')} cells, and a workbook has to be read at once: save its sheets as CSV.`,
    )
  if (counts.places > MAX_PLACES && counts.places > counts.cells * MAX_EMPTY)
    throw new UserError(
      'workbook-too-large',
      `The sheets of ${name} are nearly empty: one of them has ${rows.toLocaleString('en')} rows and ${columns.toLocaleString('en')} columns. Delete empty rows and columns, or save the sheets as CSV.`,
    )
}

function columnNumber(letters: string): number {
  return Array.from(letters.toUpperCase()).reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0)
}
