import type { ProcessKind } from './jobs.ts'
import type { Menu } from './menu.ts'
import type { ProgramFolder } from './settings.ts'
/** The object that the preload exposes to the window as `window.reelabel`; under Electron only. Calls and events go over a MessagePort. */

/** The engine has stopped. Reconnecting helps if it was started again. */
export interface Disconnect {
  readonly message: string
  readonly restarting: boolean
}

export interface Bridge {
  /** Asks for a port to the engine, which arrives as {@link PORT_MESSAGE}; or {@link onDisconnect} tells why there is none. */
  connect(): void
  /** Path of a file that was dropped or picked, which the engine then lets the page read; empty for a file that is not on a disk. */
  pathForFile(file: File): Promise<string>
  /** Asks where to save; null if the analyst cancels. */
  chooseSave(name: string): Promise<string | null>
  /** Shows these items in the menu bar. */
  setMenu(menu: Menu): void
  /** The listener receives the action of a chosen item. Returns the function that removes the listener. */
  onMenu(listener: (action: string) => void): () => void
  /** Asks for a project file and opens it. */
  openProject(): void
  /** Shows a folder of the program in the system's file manager. */
  openFolder(folder: ProgramFolder['id']): void
  /** Shows how far the jobs are on the program's icon, from 0 to 1; null: none is running. */
  setProgress(fraction: number | null): void
  /** Shows a notification of the system if the window is in the background. */
  notify(title: string, text: string): void
  onDisconnect(listener: (why: Disconnect) => void): () => void
}

/** The message to the page's own window that carries the port. */
export const PORT_MESSAGE = 'reelabel:port'

/** Names of the messages between the shell and the preload. */
export const CHANNELS = {
  hello: 'engine:hello',
  port: 'engine:port',
  gone: 'engine:gone',
  menu: 'menu',
  setMenu: 'menu:set',
  openProject: 'project:open',
  openFolder: 'folder:open',
  progress: 'window:progress',
  notify: 'window:notify',
  save: 'dialog:save',
  file: 'file:chosen',
} as const

/** The purpose for which the analyst chose a path: to read it, to write to it, or as a project. */
export type PathGrant = 'read' | 'write' | 'project'

/** Requests of the engine to the shell. Ciphertext is base64. */
export type ShellQuestion =
  | { readonly what: 'encrypt'; readonly text: string }
  | { readonly what: 'decrypt'; readonly ciphertext: string }
  /** May the service at this host be used? */
  | { readonly what: 'confirm'; readonly host: string }

export type ToEngine =
  /** With the port of a window, which the engine serves. */
  | { readonly t: 'window' }
  /** With a port to the process that the engine requested. */
  | { readonly t: 'process'; readonly id: number }
  | { readonly t: 'process-exit'; readonly id: number; readonly code: number | null }
  /** Opens a project that was chosen outside the window. */
  | { readonly t: 'open'; readonly path: string }
  /** The analyst chose a path: the page may name it from now on. Answered by `granted`. */
  | { readonly t: 'grant'; readonly id: number; readonly path: string; readonly grant: PathGrant }
  /** The answer to `print`. `problem`: why nothing was printed. */
  | { readonly t: 'printed'; readonly id: number; readonly problem: string | null }
  /** The answer to `ask-shell`; null: the analyst refuses. `problem`: why there is no answer. */
  | { readonly t: 'shell-answer'; readonly id: number; readonly answer: string | null; readonly problem: string | null }
  | { readonly t: 'quit' }

export type FromEngine =
  /** The open project, now and whenever it changes. */
  | { readonly t: 'project'; readonly path: string; readonly name: string }
  | { readonly t: 'open-failed'; readonly message: string }
  | { readonly t: 'spawn'; readonly kind: ProcessKind; readonly id: number }
  | { readonly t: 'kill'; readonly id: number }
  | { readonly t: 'granted'; readonly id: number }
  /** Asks the shell to print an HTML file of the engine as a PDF, which does not exist yet. */
  | { readonly t: 'print'; readonly id: number; readonly html: string; readonly pdf: string }
  | { readonly t: 'ask-shell'; readonly id: number; readonly question: ShellQuestion }
  /** The engine could not start; its process ends. */
  | { readonly t: 'failed'; readonly message: string }

/** The window's only origin. */
export const APP_SCHEME = 'app'
export const APP_ORIGIN = 'app://bundle'
