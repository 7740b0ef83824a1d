/** Everything that the window may do outside itself, see contract/bridge.ts. It runs sandboxed, without Node. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { CHANNELS, PORT_MESSAGE, type Bridge, type Disconnect } from '../contract/bridge.ts'

/** The part of the page's window that is used here: the main side is compiled without the DOM's types. */
declare const window: {
  readonly origin: string
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void
}

// contextBridge cannot pass a port, a message to the page's own window can:
// https://www.electronjs.org/docs/latest/tutorial/message-ports#communicating-directly-between-the-main-process-and-the-main-world-of-a-context-isolated-page
ipcRenderer.on(CHANNELS.port, ({ ports }) => window.postMessage(PORT_MESSAGE, window.origin, ports))

function on(channel: string, listener: (payload: unknown) => void): () => void {
  const receive = (_e: unknown, payload: unknown): void => listener(payload)
  ipcRenderer.on(channel, receive)
  return () => void ipcRenderer.off(channel, receive)
}
const bridge: Bridge = {
  connect: () => ipcRenderer.send(CHANNELS.hello),
  pathForFile: async (file) => {
    const path = webUtils.getPathForFile(file)
    // the file's path in a folder that was chosen as a whole; it begins with the folder's own name
    const { webkitRelativePath: inFolder = '' } = file as { readonly webkitRelativePath?: string }
    if (path !== '') await ipcRenderer.invoke(CHANNELS.file, path, inFolder.split('/').length - 1)
    return path
  },
  chooseSave: (name) => ipcRenderer.invoke(CHANNELS.save, name) as Promise<string | null>,
  setMenu: (menu) => ipcRenderer.send(CHANNELS.setMenu, menu),
  onMenu: (listener) => on(CHANNELS.menu, (action) => listener(action as string)),
  openProject: () => ipcRenderer.send(CHANNELS.openProject),
  openFolder: (folder) => ipcRenderer.send(CHANNELS.openFolder, folder),
  setProgress: (fraction) => ipcRenderer.send(CHANNELS.progress, fraction),
  notify: (title, text) => ipcRenderer.send(CHANNELS.notify, title, text),
  onDisconnect: (listener) => on(CHANNELS.gone, (why) => listener(why as Disconnect)),
}
contextBridge.exposeInMainWorld('reelabel', bridge)
