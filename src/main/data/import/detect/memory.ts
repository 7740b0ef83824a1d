/** Choices about imports, kept for the next table with the same header: a small file in the data folder. */
import { existsSync, renameSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { GENRE_SYNTAXES, MAPPING_KEYS } from '../../../../contract/importing.ts'
import { writeFileAtomically } from '../../../files/atomic.ts'
import { jsonIn } from '../../../files/read.ts'
import { given, type HeaderChoices, type Memory, type Remembered } from './choices.ts'
import { FORMATS } from '../records/formats.ts'

/** Headers that are kept: those of the latest imports. */
const MAX_HEADERS = 200

const name = z.string().max(10_000)
const CHOICES = z.strictObject({
  format: z.enum(FORMATS.map(({ id }) => id)).optional(),
  mapping: z.partialRecord(z.enum(MAPPING_KEYS), name.nullable()).optional(),
  genreSyntax: z.enum(GENRE_SYNTAXES).optional(),
  genreColumns: z.array(name).max(10_000).optional(),
  protectedNames: z.array(name).max(1000).optional(),
})
const FILE = z.strictObject({
  reelabel: z.literal('remembered imports'),
  version: z.literal(1),
  headers: z.record(z.string(), z.strictObject({ at: z.iso.datetime(), choices: CHOICES })),
})
type Headers = z.output<typeof FILE>['headers']

export class ImportMemory implements Memory {
  readonly path: string
  #notice: Memory['notice'] = null

  /** `path` need not exist yet. */
  constructor(path: string) {
    this.path = path
  }
  get notice(): Memory['notice'] {
    return this.#notice
  }
  recall(headerKey: string): Remembered | null {
    const found = this.#read()[headerKey]
    return found === undefined ? null : { at: found.at, choices: given(found.choices) }
  }
  /** Stores the choices of a successful import; nothing if all was left to the content. */
  remember(headerKey: string, choices: HeaderChoices, at = new Date()): void {
    if (Object.keys(choices).length === 0) return
    const kept = Object.entries(this.#read()).filter(([key]) => key !== headerKey)
    const latest = kept.sort(([, a], [, b]) => b.at.localeCompare(a.at)).slice(0, MAX_HEADERS - 1)
    this.#write({ ...Object.fromEntries(latest), [headerKey]: { at: at.toISOString(), choices: choices as Headers[string]['choices'] } })
  }
  /** True if there was anything to forget. */
  forget(headerKey: string): boolean {
    const { [headerKey]: gone, ...others } = this.#read()
    if (gone !== undefined) this.#write(others)
    return gone !== undefined
  }
  /** The file is read each time, since another instance may have written it. A damaged file is renamed, with a notice. */
  #read(): Headers {
    this.#notice = null
    if (!existsSync(this.path)) return {}
    const file = jsonIn(this.path, FILE)
    if (file === null) this.#notice = { code: 'memory-damaged', file: basename(this.path) }
    return file?.headers ?? {}
  }
  #write(headers: Headers): void {
    // the unreadable file may still be useful
    if (this.#notice !== null) renameSync(this.path, `${this.path}.damaged`)
    const file = { reelabel: 'remembered imports', version: 1, headers } satisfies z.input<typeof FILE>
    writeFileAtomically(this.path, JSON.stringify(file, null, 1))
  }
}
