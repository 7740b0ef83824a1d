/** The queue that the analyst set: a file of the data folder, readable by its owner only. No project has it. */
import { rmSync } from 'node:fs'
import { z } from 'zod'
import type { QueueAccess } from '../../contract/workers.ts'
import { writeFileAtomically } from '../files/atomic.ts'
import { withDiskErrors } from '../files/disk-errors.ts'
import { jsonIn } from '../files/read.ts'
import { checkAccess } from './access.ts'

const FILE = z.strictObject({ address: z.string(), secret: z.string() })

/** Null if there is none, or it cannot be read. */
export const storedQueue = (path: string): QueueAccess | null => jsonIn(path, FILE)

/** @param access null: forgets the queue @throws UserError `bad-queue`, or if the file cannot be written */
export async function storeQueue(path: string, access: QueueAccess | null): Promise<void> {
  if (access === null) return void rmSync(path, { force: true })
  checkAccess(access)
  await withDiskErrors(path, () => writeFileAtomically(path, JSON.stringify(access), 0o600))
}
