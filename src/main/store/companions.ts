import { rmSync } from 'node:fs'

/** What SQLite keeps beside a file while it is open, and what a killed program leaves. */
export const COMPANIONS = ['-wal', '-shm', '-journal'] as const

/** Before another file takes this name: SQLite would play the log or the journal of the one that was there into it. */
export function removeCompanions(path: string): void {
  for (const suffix of COMPANIONS) rmSync(path + suffix, { force: true })
}
/** The file, if it is there, with its companions. */
export function removeDatabase(path: string): void {
  rmSync(path, { force: true })
  removeCompanions(path)
}
