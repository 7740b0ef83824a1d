import { constants, copyFileSync, existsSync } from 'node:fs'
import type { BackupWork, RestoreWork } from '../../../contract/jobs.ts'
import { copyDecisions, copyOfMoment, makeReady, putDecisions } from '../../store/backup.ts'
import type { JobControl } from '../../processes/job-control.ts'

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
  const from = base ?? backup
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  // a project that was kept as it is has its newest decisions in the log beside it
  for (const suffix of ['-wal', '-journal']) if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix)
  makeReady(to)
  const lost = base === null ? 0 : putDecisions(to, backup)
  makeReady(to)
  return lost
}
