import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Journal } from '../data/export/atomic.ts'
import { claim, isClaimed, release } from './owners.ts'

/** Temporary files and folders that are being written anywhere on the disk: one note each, so that the next start removes what a killed program left. */
export class Unfinished implements Journal {
  readonly #folder: string
  readonly #notes = new Map<string, string>()
  #next = 1
  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }
  begin(temporary: string): void {
    const note = claim(join(this.#folder, `${process.pid}-${this.#next++}-${crypto.randomUUID()}`))
    writeFileSync(note, temporary)
    this.#notes.set(temporary, note)
  }
  end(temporary: string): void {
    const note = this.#notes.get(temporary)
    if (note === undefined) return
    rmSync(note, { force: true })
    this.#notes.delete(temporary)
    release(note)
  }
  /** Removes what dead programs left; answers the names of what they were writing. */
  tidy(): string[] {
    const removed: string[] = []
    for (const name of readdirSync(this.#folder)) {
      const note = join(this.#folder, name)
      const pid = Number.parseInt(name, 10)
      if (!Number.isInteger(pid) || isClaimed(note, pid)) continue
      const temporary = readFileSync(note, 'utf8')
      // only what looks like one of ours: `.name.0123456789ab.tmp`
      const target = /^(?<folder>.*[\\/])\.(?<name>[^\\/]+)\.[0-9a-f]{12}\.tmp$/s.exec(temporary)?.groups
      if (target) {
        rmSync(temporary, { recursive: true, force: true })
        removed.push(`${target['folder']}${target['name']}`)
      }
      rmSync(note, { force: true })
    }
    return removed
  }
}
