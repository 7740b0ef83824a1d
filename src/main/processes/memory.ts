import { Worker } from 'node:worker_threads'

const EVERY_MS = 20

/**
 * Ends this process when it uses more memory than `megabytes`. A parser may block its thread, and allocates memory inside and outside of V8's
 * heap, so the check runs in a thread of its own.
 */
export function endAbove(megabytes: number): void {
  const code = `setInterval(() => process.memoryUsage.rss() > ${megabytes}e6 && process.kill(process.pid, 'SIGKILL'), ${EVERY_MS})`
  new Worker(code, { eval: true }).unref()
}
