/** Tells the system about jobs: progress on the program's icon, and a notification when a long one ends in the background. */
import type { JobEvent } from '../../../contract/events.ts'
import { m } from '../../messages/index.ts'
import type { Stores } from '../../stores/stores.svelte.ts'

const LONG_MS = 30_000

/** Progress of all running jobs together, 0 to 1; null: none is running. */
export const progressOf = (running: readonly JobEvent[]): number | null =>
  running.length === 0 ? null : running.reduce((sum, job) => sum + job.progress, 0) / running.length

/** Call this when a job has ended. */
export function notifyEnd({ host, settings }: Stores, job: JobEvent): void {
  if (!settings.values.notifications || job.elapsedMs < LONG_MS || job.state === 'cancelled' || document.hasFocus()) return
  const title = m.jobs.ended(m.jobs.names[job.kind], job.state === 'failed' ? 'failed' : 'done')
  if (host.native) host.native.notify(title, job.message.slice(0, 1000))
  else if (Notification.permission === 'granted') new Notification(title, { body: job.message })
}
