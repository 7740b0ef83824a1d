/** Offers a file for download. */
export function download(name: string, type: string, parts: BlobPart[]): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(parts, { type }))
  link.download = name
  link.click()
  // by then the download has its own reference
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
