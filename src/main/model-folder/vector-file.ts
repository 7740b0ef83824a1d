/**
 * Word vectors as text: a line for each word, with its numbers after it, separated by white space. Files of word2vec and fastText (.vec)
 * begin with a line that says how many words and numbers there are; GloVe's have none.
 */
import { fstatSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { ModelFacts } from '../../contract/models.ts'
import { count } from '../../contract/words.ts'
import { foreignFile } from '../files/signatures.ts'
import { withRegular } from '../files/regular.ts'

/** Vectors of words, or of other texts. */
export interface Vectors {
  /** Place of each word. */
  readonly ids: ReadonlyMap<string, number>
  readonly dim: number
  /** (words, dim) */
  readonly vectors: Float64Array | Float32Array
}

/** Names of files that hold word vectors as text. */
export const isVectorFile = (path: string): boolean => /\.(?:vec|txt)$/i.test(path)

const CHUNK_BYTES = 1 << 20
/** A line of 10,000 numbers is shorter. */
const MAX_LINE_BYTES = 200_000
const MAX_DIM = 10_000
const [NEWLINE, SPACE, TAB] = [10, 32, 9]

/** Word and numbers of a line. */
interface Line {
  /** From 1. */
  readonly number: number
  readonly bytes: Buffer
}

const damaged = (path: string, why: string): UserError =>
  new UserError('bad-vectors', `${basename(path)} cannot be read as word vectors: ${why}`, { path })

/** The lines of an open file, of which one chunk is in memory. @param read called with the bytes that were read so far */
function* linesOf(path: string, file: number, read: (bytes: number) => void = () => undefined): Generator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let [number, position] = [1, 0]
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const got = readSync(file, chunk, 0, CHUNK_BYTES, position)
    if (got === 0) break
    position += got
    const bytes = Buffer.concat([rest, chunk.subarray(0, got)])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield { number: number++, bytes: bytes.subarray(start, end) }
      start = end + 1
    }
    rest = bytes.subarray(start)
    if (rest.length > MAX_LINE_BYTES)
      throw damaged(path, `line ${count(number)} has more than ${count(MAX_LINE_BYTES)} bytes, so this is not a text with one word on each line. Save the vectors as text (word2vec: save_word2vec_format with binary=False).`) // prettier-ignore
    read(position)
  }
  if (rest.length > 0) yield { number, bytes: rest }
}

const fieldsOf = ({ bytes }: Line): string[] => bytes.toString('utf8').replace(/^\uFEFF/, '').trim().split(/[ \t]+/) // prettier-ignore

interface Layout {
  readonly dim: number
  /** Words that the first line promises; null without such a line. */
  readonly words: number | null
}
/** The sizes in the first line. @throws UserError `bad-vectors` */
function layoutOf(path: string, first: Line | undefined): Layout {
  const foreign = foreignFile(path)
  if (foreign) throw damaged(path, `it is ${foreign.what}. ${foreign.todo}`)
  if (first === undefined) throw damaged(path, 'it is empty.')
  if (first.bytes[0] === 0x1f && first.bytes[1] === 0x8b) throw damaged(path, 'it is packed with gzip. Unpack it first.')
  if (first.bytes.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') throw damaged(path, 'it is a ZIP archive. Unpack it first.')
  if (first.bytes.includes(0)) throw damaged(path, 'it is a binary file. Save the vectors as text, such as word2vec’s text format or a .vec file of fastText.') // prettier-ignore
  const fields = fieldsOf(first)
  const [words = 0, numbers = 0] = fields.map(Number)
  const header = fields.length === 2 && fields.every((field) => /^\d+$/.test(field))
  const dim = header ? numbers : fields.length - 1
  if (!(dim >= 2 && dim <= MAX_DIM) || !(header || fields.slice(1).every(isNumber)))
    throw damaged(path, 'line 1 is neither a word and its numbers nor the numbers of words and of dimensions.')
  return { dim, words: header ? words : null }
}
const isNumber = (field: string): boolean => field !== '' && Number.isFinite(Number(field))

/** The numbers of a line. @throws UserError `bad-vectors` with the line */
function numbersOf(path: string, fields: readonly string[], { number }: Line, dim: number): Float32Array {
  const wrong = fields.findIndex((field) => !isNumber(field))
  if (fields.length === dim && wrong < 0) return Float32Array.from(fields, Number)
  const what = fields.length === dim ? `number ${wrong + 1} of line ${count(number)} is not a number` : `line ${count(number)} has ${count(fields.length)} numbers instead of ${count(dim)}` // prettier-ignore
  throw damaged(path, `${what}. Copy or download the file again.`)
}

/**
 * Facts on a file, from its first two lines. Without a line that says how many words there are, their number follows from the length of
 * the first line.
 * @throws UserError `bad-vectors`, and as `openRegular`
 */
export function readVectorFacts(path: string): ModelFacts {
  return withRegular(path, (file) => {
    const lines = linesOf(path, file)
    const first = lines.next().value as Line | undefined
    const { dim, words } = layoutOf(path, first)
    const second = lines.next().value as Line | undefined
    if (words !== null && second) numbersOf(path, fieldsOf(second).slice(1), second, dim)
    const { size: bytes } = fstatSync(file)
    return {
      architecture: 'vectors',
      license: null,
      parameters: dim * (words ?? Math.round(bytes / ((first?.bytes.length ?? 0) + 1))),
      bytes,
    }
  })
}

/**
 * Reads the vectors of the given words, which are lower-cased, and no others: memory grows with these words, not with the file. A word that
 * the file spells in several ways has the vector of its lower-cased form, or else of the first.
 * @param progress share of the file that was read
 * @throws UserError `bad-vectors` with the line, and as `openRegular`
 */
export function readVectors(path: string, wanted: ReadonlySet<string>, progress: (share: number) => void): Vectors {
  return withRegular(path, (file) => {
    const { size } = fstatSync(file)
    const lines = linesOf(path, file, (bytes) => progress(bytes / size))
    const first = lines.next().value as Line | undefined
    const { dim, words } = layoutOf(path, first)
    const found = new Map<string, { readonly exact: boolean; readonly vector: Float32Array }>()
    const take = (line: Line): void => {
      const ends = [line.bytes.indexOf(SPACE), line.bytes.indexOf(TAB)].filter((at) => at >= 0)
      const spelling = line.bytes.toString('utf8', 0, Math.min(...ends, line.bytes.length))
      const word = spelling.toLowerCase()
      if (!wanted.has(word) || found.get(word)?.exact) return
      const fields = fieldsOf(line).slice(1)
      // GloVe's large file has a few entries of several words, which no text of this program can match
      if (fields.length > dim && fields.slice(-dim).every(isNumber) && !isNumber(fields[0] ?? '')) return
      const vector = numbersOf(path, fields, line, dim)
      const exact = spelling === word
      if (exact || !found.has(word)) found.set(word, { exact, vector })
    }
    if (words === null && first) take(first)
    let last = 1
    for (const line of lines) {
      if (line.bytes.length > 0) take(line)
      if (line.bytes.length > 0) last = line.number
    }
    if (words !== null && last - 1 < words)
      throw damaged(path, `it ends after ${count(last - 1)} of ${count(words)} words (line ${count(last)}). Copy or download it again.`)
    if (found.size === 0) throw damaged(path, 'it has none of the words of the plots. Choose a file of their language.')
    const vectors = new Float32Array(found.size * dim)
    const ids = new Map<string, number>()
    for (const [word, { vector }] of found) {
      vectors.set(vector, ids.size * dim)
      ids.set(word, ids.size)
    }
    return { ids, dim, vectors }
  })
}
