/** Encodes exported text as its source file was encoded. */
import { UserError } from '../../../contract/errors.ts'
import type { Encoding } from '../../../contract/importing.ts'
import { required } from '../../../contract/required.ts'
import { canEncode, encodeText } from '../import/files/encodings.ts'

/** Characters that are encoded in one call. */
const CHUNK = 256 * 1024

/** Encodes a text; UTF-8 without undecoded bytes is left to the writer. Throws a UserError for a character that the encoding lacks. */
export function* encodeChunks(name: string, chunks: Iterable<string>, encoding: Encoding): Generator<string | Buffer> {
  if (encoding === 'utf-8') {
    for (const chunk of chunks) yield chunk.isWellFormed() ? chunk : encode(name, chunk, encoding)
    return
  }
  let waiting = ''
  for (const chunk of chunks) {
    waiting += chunk
    if (waiting.length < CHUNK) continue
    yield encode(name, waiting, encoding)
    waiting = ''
  }
  if (waiting !== '') yield encode(name, waiting, encoding)
}

function encode(name: string, text: string, encoding: Encoding): Buffer {
  if (canEncode(text, encoding)) return encodeText(text, encoding)
  const chars = Array.from(text)
  const at = chars.findIndex((char) => !canEncode(char, encoding))
  const around = chars.slice(Math.max(0, at - 20), at + 20).join('')
  throw new UserError(
    'not-encodable',
    `${name} was imported as ${encoding}, which has no "${required(chars[at], 'an entry of chars')}" (in "${around.trim()}"), so it cannot be written. Import the file again after saving it as UTF-8, or use another name for the genre.`,
  )
}
