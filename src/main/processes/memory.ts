import { Worker } from 'node:worker_threads'

const EVERY_MS = 20

/**
 * Ends this process when it has more memory. A parser may block the thread that it runs in, and allocates memory inside and outside of V8's
 * heap: only another thread sees both in time.
 */
export function endAbove(megabytes: number): void {
  const code = `setInterval(() => process.memoryUsage.rss() > ${megabytes}e6 && process.kill(process.pid, 'SIGKILL'), ${EVERY_MS})`
  new Worker(code, { eval: true }).unref()
}
