/**
 * What is being made carries the id of the process that makes it in its name. Several windows, the browser host and the
 * command line may share a data folder: each removes what dead processes left there, and nothing of the others.
 */

/** Paths that this process is at work on: its id alone may be that of a dead one, used again. */
const ours = new Set<string>()

/** Takes a path; answers it. */
export function claim(path: string): string {
  ours.add(path)
  return path
}
export function release(path: string): void {
  ours.delete(path)
}
/** Whether the process whose id a path carries is still at work on it. */
export function isClaimed(path: string, pid: number): boolean {
  return pid === process.pid ? ours.has(path) : isAlive(pid)
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
