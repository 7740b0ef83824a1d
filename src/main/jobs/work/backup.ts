import { constants, copyFileSync } from 'node:fs'
import type { BackupWork, RestoreWork } from '../../../contract/jobs.ts'
import { copyDecisions, copyOfMoment, makeReady, putDecisions } from '../../store/backup.ts'
import type { JobControl } from '../queue.ts'

/** Makes a copy of a project that the engine has open. */
export async function backUp({ file, kind, to }: BackupWork, control: JobControl): Promise<void> {
  if (kind === 'decisions') copyDecisions(file, to)
  else
    await copyOfMoment(file, to, (fraction) => {
      control.signal.throwIfAborted()
      control.progress(fraction, 'copying')
    })
}

/** Makes the file that is to take a project's place. Returns how many decisions found no movie in it. */
export function restoreTo({ backup, base, to }: RestoreWork): number {
  copyFileSync(base ?? backup, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  makeReady(to)
  const lost = base === null ? 0 : putDecisions(to, backup)
  makeReady(to)
  return lost
}
