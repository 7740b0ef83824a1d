/** Exported text in the encoding that its file came in. */
import { UserError } from '../../../contract/errors.ts'
import type { Encoding } from '../../../contract/importing.ts'
import { required } from '../../../contract/required.ts'
import { canEncode, encodeText } from '../import/files/encodings.ts'

/** Characters that are encoded at once. */
const CHUNK = 256 * 1024

/** The bytes of a text; UTF-8 stays text. Throws a UserError for a character that the encoding does not have. */
export function* encodeChunks(name: string, chunks: Iterable<string>, encoding: Encoding): Generator<string | Buffer> {
  if (encoding === 'utf-8') {
    yield* chunks
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
    `${name} came in ${encoding}, which has no "${required(chars[at], 'an entry of chars')}" (in "${around.trim()}"), so it cannot be written back so. Import the file again after saving it as UTF-8, or use another name for the genre.`,
  )
}
