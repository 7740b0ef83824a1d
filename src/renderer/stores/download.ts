import type { Api } from '../../contract/api.ts'

/** Offers a file for download. */
export function download(name: string, type: string, parts: BlobPart[]): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(parts, { type }))
  link.download = name
  link.click()
  // by then the download has its own reference
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
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
