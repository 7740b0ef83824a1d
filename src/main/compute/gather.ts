/** The texts of a training in files, for machines that do not have the project. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { TextFile } from '../../contract/jobs.ts'

/** Limits of one file: movies, and characters, above which no further text is added. */
const [MAX_ROWS, MAX_CHARACTERS] = [4096, 4_000_000]

/**
 * Writes the texts of all rows.
 * @param report receives the number of rows done, after each file
 * @param rows at most in a file
 */
export async function gather(
  texts: Iterable<string> | AsyncIterable<string>,
  folder: string,
  report: (done: number) => void | Promise<void>,
  rows = MAX_ROWS,
): Promise<TextFile[]> {
  const files: TextFile[] = []
  let [some, characters, end]: [string[], number, number] = [[], 0, 0]
  const write = async (): Promise<void> => {
    const path = join(folder, `texts-${files.length}`)
    files.push({ path, first: end - some.length, end })
    await writeFile(path, gzipSync(JSON.stringify(some), { level: 3 }))
    ;[some, characters] = [[], 0]
    await report(end)
  }
  for await (const text of texts) {
    some.push(text)
    end++
    characters += text.length
    if (some.length >= rows || characters >= MAX_CHARACTERS) await write()
  }
  if (some.length > 0) await write()
  return files
}

/** The texts of some rows, in their order; one file is in memory at a time. */
export function* textsIn(files: readonly TextFile[], rows: Int32Array): Generator<string> {
  let file: TextFile | undefined
  let texts: readonly string[] = []
  for (const row of rows) {
    if (!file || row < file.first || row >= file.end) {
      file = files.find(({ first, end }) => first <= row && row < end)
      if (!file) throw new RangeError(`no file has the text of row ${row}`)
      texts = JSON.parse(gunzipSync(readFileSync(file.path)).toString()) as readonly string[]
    }
    yield texts[row - file.first]!
  }
}
