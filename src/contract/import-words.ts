/** Texts of import plans that the window and the command line share. */
import {
  ENCODING_NAMES,
  type BytePlace,
  type Delimiter,
  type EncodingEvidence,
  type EncodingEvidences,
  type ImportReason,
  type ReasonWording,
} from './importing.ts'
import { count, day, many } from './words.ts'

/** Largest number of reasons and of genres that one warning shows. */
const MAX_LISTED = 5

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`
const place = ({ byte, offset }: BytePlace): string => `byte ${hex(byte)} at offset ${count(offset)}`
const looksLike = (encoding: string | null): string =>
  encoding === null ? '' : `. If the letters look wrong, the file may be ${encoding}: choose that encoding, or save it as UTF-8`
const EVIDENCE: { readonly [C in keyof EncodingEvidences]: (evidence: EncodingEvidence<C>) => string } = {
  'byte-order-mark': ({ encoding }) => `${ENCODING_NAMES[encoding]}, by its byte order mark`,
  'zero-bytes': ({ encoding, percent, position }) =>
    `${ENCODING_NAMES[encoding]}: ${percent}% of the ${position} bytes of all pairs are zero`,
  ascii: () => 'UTF-8 (only ASCII characters)',
  'valid-utf-8': () => 'UTF-8: all bytes are valid',
  'valid-beginning': ({ megabytes }) => `UTF-8: the first ${count(megabytes)} MB are valid`,
  'mostly-utf-8': ({ invalid, first }) =>
    `UTF-8 with ${many(invalid, 'invalid byte')}, first ${place(first)}. These records are rejected unless garbled text is repaired`,
  letters: ({ encoding, at }) =>
    `${ENCODING_NAMES[encoding]}, by its letters: ${place(at)} is not UTF-8. If they look wrong, choose another encoding`,
  'not-windows-1252': ({ at, firstInvalid, similarTo }) =>
    `Latin-1: ${place(at)} does not exist in Windows-1252, and ${place(firstInvalid)} is not UTF-8${looksLike(similarTo)}`,
  'windows-1252': ({ at, character, inLatin1, similarTo }) =>
    `Windows-1252: ${place(at)} is “${character}”${inLatin1 ? ', as in Latin-1,' : ''} and is not UTF-8${looksLike(similarTo)}`,
}
const wordEvidence = <C extends keyof EncodingEvidences>(evidence: EncodingEvidence<C>): string => EVIDENCE[evidence.code](evidence)

export const DELIMITER_NAMES: Readonly<Record<Delimiter, string>> = {
  ',': 'Comma',
  ';': 'Semicolon',
  '\t': 'Tab',
  '|': 'Vertical bar',
  ', ': 'Comma and space',
  '; ': 'Semicolon and space',
  ' ::: ': 'Three colons between spaces',
  ':::': 'Three colons',
  '::': 'Two colons',
}
const KIND_NAMES = { json: 'a JSON list of objects', jsonl: 'JSON objects, one after another', parquet: 'a Parquet table' } as const

/** `51 of 52 records`, `51 of the first 52 records`. */
const among = (n: number, of: number, what: string, whole: boolean): string =>
  `${count(n)} of ${whole ? '' : 'the first '}${many(of, what)}`
function whysText(reasons: ImportReason<'rejected'>['reasons']): string {
  const shown = reasons.slice(0, MAX_LISTED).map(({ why, count: n }) => (reasons.length === 1 ? why : `${why} (${many(n, 'time')})`))
  return reasons.length > MAX_LISTED ? `${shown.join('; ')}; and ${many(reasons.length - MAX_LISTED, 'more reason')}` : shown.join('; ')
}

/** Reasons that concern a file as a whole, and warnings. */
export const SHARED_REASONS = {
  'memory-damaged': ({ file }) =>
    `The choices of earlier imports could not be read (${file} is damaged or of a newer version) and were not used.`,
  remembered: ({ at }) => `Columns and genres are as you chose on ${day(at)} for a table with this header.`,
  csv: ({ file, delimiter, escape, columns, records, alike }) => {
    const shares = `${count(alike)} of the first ${many(records, 'record')} ${alike === 1 ? 'has' : 'have'} the ${count(columns)} cells of the header.`
    const quotes = escape === '\\' ? ' Quotes inside cells are written \\".' : ''
    return `${file}: ${DELIMITER_NAMES[delimiter]}. ${columns < 2 ? 'One column.' : shares}${quotes}`
  },
  sheet: ({ file, rows }) => `${file}: ${many(rows, 'row')} of an Excel sheet.`,
  'table-kind': ({ file, kind }) => `${file}: ${KIND_NAMES[kind]}.`,
  encoding: ({ file, chosen, evidence }) =>
    chosen === null
      ? `${file}: ${wordEvidence(evidence)}.`
      : `${file}: ${ENCODING_NAMES[chosen]}, as chosen. Detected: ${wordEvidence(evidence)}.`,
  'no-header': ({ file, because, cell }) =>
    `${file}: no column names, because the first row contains ${because === 'number' ? `the number ${cell}` : `“${cell}…”`}. The columns are called column 1, column 2 and so on.`,
  'header-line': ({ file, line }) => `${file}: the table begins in line ${count(line)}. The lines above are kept and are not imported.`,
  joined: ({ file, role, ids }) => {
    if (ids === null) return `${file}: a list of ${role}, joined by id.`
    const columns = ids.id === ids.genresId ? ids.id : `${ids.genresId}, which is ${ids.id} beside the plots`
    return `${file}: a list of ${role}, joined by ${columns}: it has ${count(ids.shared)} of the first ${many(ids.of, 'id')} in its first records.`
  },
  'left-out': ({ file, unlike }) => `${file} is left out: its columns are not those of ${unlike}.`,
  hidden: ({ file }) => `${file} is left out: its workbook hides it.`,
  unreadable: ({ message }) => `Left out: ${message}`,
  'filter-column': ({ filter, column }) => `${filter === 'year' ? 'Years' : 'Types'}: ${column}, for filters of cleaning.`,
  rejected: ({ count: n, of, whole, reasons }) => `${among(n, of, 'record', whole)} will be rejected: ${whysText(reasons)}.`,
  incomplete: ({ lacks, count: n, of, whole }) =>
    `${among(n, of, 'movie', whole)} ${n === 1 ? 'has' : 'have'} no ${lacks} and will be removed by cleaning.`,
  'same-genres': ({ genres }) =>
    `Every movie has the same ${genres.length === 1 ? 'genre' : 'genres'} (${genres.slice(0, MAX_LISTED).join(', ')}): a model can learn nothing from them.`,
} satisfies Partial<ReasonWording>
