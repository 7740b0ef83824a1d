/** What the preload gives the window as `window.reelabel`; under Electron only. */
import type { EventName, Events, Method } from './api.ts'
import type { ErrorReply } from './errors.ts'

/** Errors travel as values: Electron's contextBridge keeps nothing of a thrown error but its message. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ErrorReply }

/**
 * What the analyst chose in the menu; `open` is the shell's own. `undo` and `redo` mean the text field where one has
 * the focus (`document.execCommand`), else the last change of labels.
 */
export const MENU_COMMANDS = [
  'open',
  'sample',
  'import',
  'clean',
  'overview',
  'review',
  'train',
  'try',
  'export',
  'retrain',
  'undo',
  'redo',
  'keys',
] as const
export type MenuCommand = (typeof MENU_COMMANDS)[number]

/** The engine is gone. Waiting calls have failed; while it restarts, new calls wait for the next one. */
export interface Disconnect {
  readonly message: string
  readonly restarting: boolean
}

export interface Bridge {
  /** Never rejects. A call made before the engine is there waits for it. */
  call(method: Method, args: unknown): Promise<Outcome>
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void
  /** Path of a file that was dropped or picked; empty for one that lies on no disk. */
  pathForFile(file: File): string
  /** Asks where to save; null when the analyst thinks better of it. */
  chooseSave(name: string): Promise<string | null>
  onMenu(listener: (command: MenuCommand) => void): () => void
  onDisconnect(listener: (why: Disconnect) => void): () => void
}

/** Names of the messages between the shell and the preload. */
export const CHANNELS = { hello: 'engine:hello', port: 'engine:port', gone: 'engine:gone', menu: 'menu', save: 'dialog:save' } as const
