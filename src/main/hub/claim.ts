/** One program at a time fetches a model: a small file with its process in the folder that grows, touched as long as it lives. */
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { explain } from '../data/export/atomic.ts'

export const CLAIM_FILE = '.claim'
const BEAT_MS = 5000
/** Whoever was silent for that long is dead, also where its process cannot be looked for, or another one has its number. */
const SILENT_MS = 12 * BEAT_MS

const owner = (): string => JSON.stringify({ host: hostname(), pid: process.pid, claim: crypto.randomUUID() })

/**
 * Claims a folder. Answers what gives it back.
 * @throws UserError `busy` while another download, of this program or another one, has it
 */
export function claim(folder: string, what: string): () => void {
  const path = join(folder, CLAIM_FILE)
  const mine = owner()
  if (!tryClaim(path, mine)) {
    if (isHeld(path))
      throw new UserError('busy', `${what} is being downloaded already, maybe by another program: wait for it, or cancel it there.`)
    rmSync(path, { force: true })
    if (!tryClaim(path, mine)) throw new UserError('busy', `Another program begins to download ${what} at this moment.`)
  }
  const beat = setInterval(() => touch(path), BEAT_MS).unref()
  return () => {
    clearInterval(beat)
    if (read(path) === mine) rmSync(path, { force: true })
  }
}

function tryClaim(path: string, mine: string): boolean {
  try {
    writeFileSync(path, mine, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    return explain(path, error)
  }
}
function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date())
  } catch {
    // gone with its folder
  }
}
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
function isHeld(path: string): boolean {
  const silentMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  if (silentMs > SILENT_MS) return false
  try {
    const { host, pid } = JSON.parse(read(path) ?? '{}') as { host?: unknown; pid?: unknown }
    return host !== hostname() || typeof pid !== 'number' || isRunning(pid)
  } catch {
    // half written: its writer may be at it
    return true
  }
}
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
