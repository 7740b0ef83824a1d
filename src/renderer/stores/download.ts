import type { Api } from '../../contract/api.ts'
import { download } from '../download.ts'

const TYPES: Readonly<Record<string, string>> = { csv: 'text/csv', json: 'application/json', txt: 'text/plain' }
/** Fetches a file from the engine and offers it for download. */
export async function fetchFile(api: Api, file: string, name: string): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (let offset = 0, total = 1; offset < total;) {
    const piece = await api.call('files.get', { file, offset })
    if (piece.bytes.byteLength === 0) break
    parts.push(new Uint8Array(piece.bytes))
    offset += piece.bytes.byteLength
    total = piece.total
  }
  download(name, TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream', parts)
}
