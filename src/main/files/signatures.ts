/** Recognises, by their first bytes, files that have the name of a table or model but are something else. */
import { headOf, withRegular } from './regular.ts'

export interface ForeignKind {
  /** The kind of file, as a noun phrase. */
  readonly what: string
  /** The advice, in a sentence. */
  readonly todo: string
}

/** Number of first bytes that are examined. */
const HEAD_BYTES = 4096

/** Bytes as Latin-1 characters. Texts may begin with a byte order mark. */
const KINDS: readonly (readonly [signature: RegExp, what: string, todo: string])[] = [
  [/^\xd0\xcf.\xe0\xa1/, 'an old Excel workbook (.xls) or an encrypted one', 'Save it as .xlsx without a password, or as CSV.'],
  [/^BZh/, 'packed with bzip2', 'Unpack it first.'],
  [/^\xfd7zX/, 'packed with xz', 'Unpack it first.'],
  [/^\x28\xb5\x2f\xfd/, 'packed with Zstandard', 'Unpack it first.'],
  [/^7z\xbc\xaf/, 'a 7-Zip archive', 'Unpack it first.'],
  [/^Rar!/, 'a RAR archive', 'Unpack it first.'],
  [/^SQLite/, 'an SQLite database', 'Export its table as CSV.'],
  [/^PARE/, 'an encrypted Parquet file', 'Write it again without encryption.'],
  [/^%PDF/, 'a PDF', 'Export the table as CSV.'],
  [
    /^version https:\/\/git-lfs\.github\.com\//,
    'a pointer of Git LFS, which names a file that is stored elsewhere',
    'Get the file itself: run "git lfs pull" in the repository, or download it from its page.',
  ],
  [
    /^(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)\b/i,
    'a web page, such as an error or a login',
    'Download the file itself, not the page that shows it.',
  ],
  [/^(?:\xef\xbb\xbf)?\s*<\?xml\b/i, 'an XML document', 'Export its records as CSV or JSON.'],
  [
    /^(?:\xef\xbb\xbf)?(?:\s|--[^\n]*\n|\/\*[^*]*\*\/;?)*(?:(?:CREATE|DROP)\s+(?:TABLE|DATABASE|SCHEMA)|INSERT\s+INTO|BEGIN\s+TRANSACTION|PRAGMA\s|SET\s+[\w.@]+\s*=)/i,
    'an SQL dump',
    'Load it into its database and export the table of movies as CSV.',
  ],
]

/** The kind of a file that begins with these bytes; null if it may be a table or belong to a model. */
export function foreignKind(head: Buffer): ForeignKind | null {
  const text = head.toString('latin1', 0, HEAD_BYTES)
  const found = KINDS.find(([signature]) => signature.test(text))
  return found ? { what: found[1], todo: found[2] } : null
}

/** {@link foreignKind} of a file; null if it cannot be read. */
export function foreignFile(path: string): ForeignKind | null {
  try {
    return foreignKind(withRegular(path, (file) => headOf(file, HEAD_BYTES)))
  } catch {
    return null
  }
}
