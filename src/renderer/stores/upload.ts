import type { Api } from '../../contract/api.ts'

const PIECE_BYTES = 1 << 20
/** Start and end of each piece of an upload; an empty file has one piece. */
export function pieces(bytes: number, piece = PIECE_BYTES): (readonly [number, number])[] {
  const count = Math.max(1, Math.ceil(bytes / piece))
  return Array.from({ length: count }, (_, i) => [i * piece, Math.min(bytes, (i + 1) * piece)] as const)
}

/**
 * Sends a file that the engine cannot read by its path.
 * @param onsent is called with the number of bytes sent so far @returns the engine's path of the file
 */
export async function sendFile(api: Pick<Api, 'call'>, file: File, onsent: (bytes: number) => void = () => undefined): Promise<string> {
  const upload = crypto.randomUUID()
  let path = ''
  for (const [offset, end] of pieces(file.size)) {
    const bytes = new Uint8Array(await file.slice(offset, end).arrayBuffer())
    ;({ path } = await api.call('files.put', { name: file.name, upload, offset, bytes }))
    onsent(end)
  }
  return path
}
