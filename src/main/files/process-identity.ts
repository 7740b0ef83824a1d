/** Identifies the process that wrote or locked a file, and checks whether it is still running. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** How often a process shows that it is still running to processes that cannot look it up. */
export const HEARTBEAT_MS = 30_000
const HEARTBEAT_TIMEOUT_MS = 5 * HEARTBEAT_MS

export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /** Start time in ticks of the system's clock, because process ids are reused; null where the system does not say. */
  readonly began: string | null
}

/** A process of this machine. */
export const processOf = (pid: number): ProcessIdentity => ({ host: hostname(), pid, began: startTime(pid) })
export const thisProcess = (): ProcessIdentity => processOf(process.pid)

/**
 * True if the process is running.
 * @param silentMs time since its last heartbeat. It decides for a process of another machine, which cannot be looked up, and on systems
 *   that do not say when a process started.
 */
export function isRunning({ host, pid, began }: ProcessIdentity, silentMs: number, timeoutMs = HEARTBEAT_TIMEOUT_MS): boolean {
  if (host !== hostname()) return silentMs < timeoutMs
  if (!exists(pid)) return false
  return began === null ? silentMs < timeoutMs : startTime(pid) === began
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Linux only: field 22 of /proc/PID/stat (proc(5)). */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // field 2 is the program's name in brackets, which may contain spaces and brackets
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
