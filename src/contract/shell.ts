/** Messages between the shell and the engine process under Electron. Where a port is mentioned, it is transferred with the message. */
import type { ProcessKind } from './jobs.ts'

export type ToEngine =
  /** With the port of a window, which the engine serves. */
  | { readonly t: 'window' }
  /** With a port to the process that the engine requested. */
  | { readonly t: 'process'; readonly id: number }
  | { readonly t: 'process-exit'; readonly id: number; readonly code: number | null }
  /** Opens a project that was chosen outside the window. */
  | { readonly t: 'open'; readonly path: string }
  | { readonly t: 'quit' }

export type FromEngine =
  /** The open project, now and whenever it changes. */
  | { readonly t: 'project'; readonly path: string; readonly name: string }
  | { readonly t: 'open-failed'; readonly message: string }
  | { readonly t: 'spawn'; readonly kind: ProcessKind; readonly id: number }
  | { readonly t: 'kill'; readonly id: number }
  /** The engine could not start; its process ends. */
  | { readonly t: 'failed'; readonly message: string }

/** The window's only origin. */
export const APP_SCHEME = 'app'
export const APP_ORIGIN = 'app://bundle'
