/** Gives the browser a file to save. */
export function download(name: string, type: string, parts: BlobPart[]): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(parts, { type }))
  link.download = name
  link.click()
  // the download has taken its own reference by then
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
