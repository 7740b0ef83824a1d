import { join, normalize, sep } from 'node:path'

/** The file below `dir` that a URL's path names; null for one outside it or a path that is not well formed. */
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
