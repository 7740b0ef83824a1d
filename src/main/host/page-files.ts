import { join, normalize, sep } from 'node:path'

/** Returns the file below `dir` that a URL's path names, or null if it is outside or the path is not well formed. */
export function fileInside(dir: string, urlPath: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(urlPath)
  } catch {
    return null
  }
  const file = normalize(join(dir, path === '/' ? 'index.html' : path))
  return file.startsWith(normalize(dir + sep)) && !path.includes('\0') ? file : null
}
