/** What the preload gives the window as `window.reelabel`; under Electron only. Calls and events go over a MessagePort, see {@link PORT_MESSAGE}. */

/**
 * Commands of the menu; the shell handles `open` itself. `undo` and `redo` apply to the focused text field
 * (`document.execCommand`), else to the last change of labels.
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

/** The engine has stopped. Reconnecting helps if it was started again. */
export interface Disconnect {
  readonly message: string
  readonly restarting: boolean
}

export interface Bridge {
  /** Asks for a port to the engine, which arrives as {@link PORT_MESSAGE}; or {@link onDisconnect} tells why there is none. */
  connect(): void
  /** Path of a file that was dropped or picked; empty for one that is not on a disk. */
  pathForFile(file: File): string
  /** Asks where to save; null if the analyst cancels. */
  chooseSave(name: string): Promise<string | null>
  /** Returns the function that removes the listener. */
  onMenu(listener: (command: MenuCommand) => void): () => void
  onDisconnect(listener: (why: Disconnect) => void): () => void
}

/** The message to the page's own window that carries the port. */
export const PORT_MESSAGE = 'reelabel:port'

/** Names of the messages between the shell and the preload. */
export const CHANNELS = { hello: 'engine:hello', port: 'engine:port', gone: 'engine:gone', menu: 'menu', save: 'dialog:save' } as const
