/** Memory of a benchmark and the processes that it starts. */
import { readdirSync, readFileSync } from 'node:fs'

/** Polling interval: short enough to notice every process that lives for a while. */
const EVERY_MS = 25

/** Parent and peak memory in KiB of a process; null once it has ended. Linux only. */
function look(pid: string): { readonly parent: number; readonly peak: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN)
    return { parent: number('PPid'), peak: number('VmHWM') }
  } catch {
    return null
  }
}

/**
 * Watches this process and its children until the returned function is called. That returns the sum of the peak memory of each, in
 * megabytes, which is an upper bound of their memory at one time; null on systems without /proc.
 */
export function watchMemory(): () => number | null {
  const peaks = new Map<string, number>()
  const poll = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const seen = look(pid)
      if (seen && (seen.parent === process.pid || Number(pid) === process.pid) && seen.peak > 0) peaks.set(pid, seen.peak)
    }
  }
  if (process.platform !== 'linux') return () => null
  const timer = setInterval(poll, EVERY_MS)
  return () => {
    clearInterval(timer)
    poll()
    return Math.round([...peaks.values()].reduce((a, b) => a + b, 0) / 1024)
  }
}
