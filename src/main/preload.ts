/** The whole of what the window may do outside itself: see `contract/bridge.ts`. Sandboxed: nothing of Node is here. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { CHANNELS, type Bridge, type Disconnect, type MenuCommand, type Outcome } from '../contract/bridge.ts'
import type { EventMessage, Reply, Request } from '../contract/rpc.ts'

type Listener = (payload: never) => void
/** What is used of a MessagePort: the main side is compiled without the DOM's types. */
interface Line {
  onmessage: ((e: { readonly data: unknown }) => void) | null
  postMessage(message: unknown): void
  close(): void
}
const listeners = new Map<string, Set<Listener>>()
const waiting = new Map<number, (outcome: Outcome) => void>()
/** Calls made while there is no engine. */
let held: Request[] = []
let port: Line | undefined
let stopped: Outcome | undefined
let next = 1

function on(name: string, listener: Listener): () => void {
  const set = listeners.get(name) ?? new Set()
  listeners.set(name, set)
  set.add(listener)
  return () => void set.delete(listener)
}
function emit(name: string, payload: unknown): void {
  for (const l of listeners.get(name) ?? []) l(payload as never)
}
function receive(m: Reply | EventMessage): void {
  if (m.t === 'evt') return void emit(`event:${m.event}`, m.payload)
  waiting.get(m.id)?.(m.ok ? { ok: true, value: m.value } : { ok: false, error: m.error })
  waiting.delete(m.id)
}

ipcRenderer.on(CHANNELS.port, (event) => {
  const [given] = event.ports as readonly Line[]
  if (!given) return
  port?.close()
  port = given
  stopped = undefined
  given.onmessage = (e) => receive(e.data as Reply | EventMessage)
  for (const request of held.splice(0)) given.postMessage(request)
})
ipcRenderer.on(CHANNELS.gone, (_e, why: Disconnect) => {
  const outcome: Outcome = { ok: false, error: { code: 'engine-stopped', message: why.message } }
  port?.close()
  port = undefined
  const kept = new Set(why.restarting ? held.map((r) => r.id) : [])
  if (!why.restarting) {
    stopped = outcome
    held = []
  }
  for (const [id, settle] of waiting) {
    if (kept.has(id)) continue
    waiting.delete(id)
    settle(outcome)
  }
  emit('gone', why)
})
ipcRenderer.on(CHANNELS.menu, (_e, command: MenuCommand) => emit('menu', command))

const bridge: Bridge = {
  call: (method, args) => {
    if (stopped) return Promise.resolve(stopped)
    const request: Request = { t: 'req', id: next++, method, args }
    return new Promise((resolve) => {
      waiting.set(request.id, resolve)
      if (port) port.postMessage(request)
      else held.push(request)
    })
  },
  on: (event, listener) => on(`event:${event}`, listener),
  pathForFile: (file) => webUtils.getPathForFile(file),
  chooseSave: (name) => ipcRenderer.invoke(CHANNELS.save, name) as Promise<string | null>,
  onMenu: (listener) => on('menu', listener),
  onDisconnect: (listener) => on('gone', listener),
}
contextBridge.exposeInMainWorld('reelabel', bridge)
ipcRenderer.send(CHANNELS.hello)
