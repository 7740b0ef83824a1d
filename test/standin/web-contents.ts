/** A page of real Chromium as Electron's WebContents and BrowserWindow: the preload runs in an isolated world. */
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { decode, encode } from '../../src/contract/web.ts'
import { app } from './app.ts'
import { launchChromium } from './chromium.ts'
import { inPage } from './page.js'
import { PortLink, type Port, type Wire } from './port.ts'

const SALT = 'standin'
const codec =
  stripTypeScriptTypes(readFileSync(new URL('../../src/contract/web.ts', import.meta.url), 'utf8')).replaceAll('export ', '') +
  '\nreturn { encode, decode }'
/** Chromium drops unknown schemes before they can be intercepted: the app's scheme is mapped to an https name. */
const fromApp = (url: string): string => url.replace(/^app:\/\/([a-z]+)\//, 'https://$1.app-standin.invalid/')
const toApp = (url: string): string => url.replace(/^https:\/\/([a-z]+)\.app-standin\.invalid\//, 'app://$1/')

type Any = (...args: never[]) => unknown
type FromPage =
  | Wire
  | { readonly t: 'invoke'; readonly id: number; readonly url: string; readonly channel: string; readonly args: unknown[] }
  | { readonly t: 'send'; readonly url: string; readonly channel: string; readonly args: unknown[] }

const schemes = new Map<string, (request: Request) => Promise<Response> | Response>()
export const privileged: unknown[] = []
/** Addresses of navigations that the app prevented. */
export const prevented: string[] = []
export const protocol = {
  registerSchemesAsPrivileged: (s: unknown[]): void => void privileged.push(...s),
  handle: (scheme: string, handler: (request: Request) => Promise<Response> | Response): void => void schemes.set(scheme, handler),
}

const handlers = new Map<string, Any>()
export const ipcMain = Object.assign(new EventEmitter(), {
  handle: (name: string, handler: Any) => {
    if (handlers.has(name)) throw new Error(`Attempted to register a second handler for '${name}'`)
    handlers.set(name, handler)
  },
})

let browser: Promise<{ browser: Browser; context: BrowserContext }> | undefined
const open = (): Promise<{ browser: Browser; context: BrowserContext }> =>
  (browser ??= (async () => {
    const b = await launchChromium([`--remote-debugging-port=${process.env['STANDIN_CDP_PORT'] ?? '0'}`])
    return { browser: b, context: await b.newContext({ viewport: { width: 1280, height: 800 } }) }
  })())
export const closeBrowser = async (): Promise<void> => void (await (await browser)?.browser.close())

class WebContents extends EventEmitter {
  readonly #window: BrowserWindow
  readonly #preload: string
  #page: Page | undefined
  #cdp: CDPSession | undefined
  #world: number | undefined
  #link: PortLink | undefined
  #openHandler: ((d: { url: string }) => { action: string }) | undefined

  constructor(window: BrowserWindow, preload: string) {
    super()
    this.#window = window
    this.#preload = preload
  }
  async open(): Promise<Page> {
    const { context } = await open()
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    this.#page = page
    this.#cdp = cdp
    page.on('close', () => {
      this.#link?.closeAll()
      this.#window.closed()
    })
    page.on('load', () => this.emit('did-finish-load'))
    // every opened window is announced with its address, then closed: the app under test denies them all
    cdp.on('Page.windowOpen', ({ url }) => {
      if (this.#openHandler?.({ url }).action !== 'deny') throw new Error('stand-in: opened windows are not supported')
    })
    page.on('popup', (p) => void p.close())
    await context.route('**/*', (route) => route.abort('blockedbyclient'))
    await page.route('**/*', async (route) => {
      const request = route.request()
      const url = toApp(request.url())
      const leaves = request.isNavigationRequest() && request.frame() === page.mainFrame() && page.url() !== 'about:blank'
      let stopped = false
      if (leaves && url !== toApp(page.url())) this.emit('will-navigate', { url, preventDefault: () => (stopped = true) })
      // 204 keeps the page where it is, as a prevented navigation does
      if (stopped) return route.fulfill({ status: 204 }).then(() => void prevented.push(url))
      const handler = schemes.get(new URL(url).protocol.slice(0, -1))
      if (!handler) return route.abort('blockedbyclient')
      const response = await handler(new Request(url, { method: request.method() }))
      await route.fulfill({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: Buffer.from(await response.arrayBuffer()),
      })
    })
    cdp.on('Runtime.executionContextCreated', ({ context: c }) => {
      if (c.name !== 'preload' || !(c.auxData as { isDefault?: boolean; frameId?: string } | undefined)) return
      this.#world = c.id
      this.#link?.closeAll()
      this.#link = new PortLink((m) => this.#deliver(m), 0)
    })
    cdp.on('Runtime.bindingCalled', (e) => {
      if (e.executionContextId === this.#world) this.#receive(decode(e.payload) as FromPage)
    })
    await cdp.send('Runtime.enable')
    await cdp.send('Page.enable')
    await cdp.send('Runtime.addBinding', { name: `${SALT}_send`, executionContextName: 'preload' })
    const script = (side: string, preload: string): string =>
      `(${inPage.toString()})(${JSON.stringify(side)}, ${JSON.stringify(SALT)}, ${JSON.stringify(codec)}, ${JSON.stringify(preload)})`
    // a window that only prints has no preload
    if (this.#preload === '') return page
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: script('page', '') })
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: script('preload', readFileSync(this.#preload, 'utf8')),
      worldName: 'preload',
    })
    return page
  }
  async printToPDF(options: { printBackground: boolean; pageSize: 'A4' }): Promise<Buffer> {
    if (!this.#cdp) throw new Error('stand-in: nothing is loaded')
    const { data } = await this.#cdp.send('Page.printToPDF', { printBackground: options.printBackground })
    return Buffer.from(data, 'base64')
  }
  #deliver(m: unknown): void {
    if (this.#world === undefined) return
    void this.#cdp
      ?.send('Runtime.evaluate', { contextId: this.#world, expression: `${SALT}_deliver(${JSON.stringify(encode(m))})` })
      .catch(() => undefined)
  }
  #receive(m: FromPage): void {
    if (m.t !== 'invoke' && m.t !== 'send') return void this.#link?.accept(m)
    const event = { sender: this, senderFrame: { url: toApp(m.url), parent: null }, processId: 1, frameId: 1 }
    if (m.t === 'send') return void ipcMain.emit(m.channel, event, ...m.args)
    void (async () => {
      const handler = handlers.get(m.channel)
      if (!handler) throw new Error(`No handler registered for '${m.channel}'`)
      return structuredClone(await handler(...([event, ...m.args] as never[])))
    })().then(
      (value) => this.#deliver({ t: 'result', id: m.id, value }),
      (e: unknown) => this.#deliver({ t: 'result', id: m.id, error: `Error invoking remote method '${m.channel}': ${String(e)}` }),
    )
  }
  send(channel: string, ...args: unknown[]): void {
    this.#link?.post({ channel, args })
  }
  postMessage(channel: string, message: unknown, transfer?: Port[]): void {
    this.#link?.post({ channel, args: [message] }, transfer)
  }
  setWindowOpenHandler(handler: (d: { url: string }) => { action: string }): void {
    this.#openHandler = handler
  }
  getURL = (): string => toApp(this.#page?.url() ?? '')
  isDestroyed = (): boolean => this.#window.isDestroyed()
}

export const windows: object[] = []
export class BrowserWindow extends EventEmitter {
  static readonly #all = new Set<BrowserWindow>()
  static getAllWindows = (): BrowserWindow[] => [...this.#all]
  static closeAll = async (): Promise<void> => void (await Promise.all([...this.#all].map(async (w) => (await w.#page).close())))
  readonly webContents: WebContents
  readonly #page: Promise<Page>
  readonly #options: { title?: string; webPreferences?: { preload?: string } }

  constructor(options: { title?: string; webPreferences?: { preload?: string } }) {
    super()
    this.#options = { ...options }
    windows.push(this.#options)
    BrowserWindow.#all.add(this)
    this.webContents = new WebContents(this, options.webPreferences?.preload ?? '')
    app.emit('web-contents-created', {}, this.webContents)
    this.#page = this.webContents.open()
  }
  async loadURL(url: string): Promise<void> {
    await (await this.#page).goto(fromApp(url))
    this.emit('ready-to-show')
  }
  async loadFile(path: string): Promise<void> {
    await (await this.#page).setContent(readFileSync(path, 'utf8'))
  }
  destroy = (): void => void this.#page.then((p) => p.close())
  setTitle(title: string): void {
    this.#options.title = title
  }
  reload = (): void => void this.#page.then((p) => p.reload())
  isDestroyed = (): boolean => !BrowserWindow.#all.has(this)
  isMinimized = (): boolean => false
  isFullScreen = (): boolean => false
  isMaximized = (): boolean => false
  isFocused = (): boolean => true
  maximize = (): void => undefined
  show = (): void => undefined
  setProgressBar = (): void => undefined
  getNormalBounds = () => ({ x: 0, y: 0, width: 1280, height: 800 })
  focus = (): void => void this.emit('focus')
  close = (): void => void this.#page.then((p) => p.close())
  closed(): void {
    BrowserWindow.#all.delete(this)
    this.emit('closed')
    if (BrowserWindow.#all.size === 0) app.emit('window-all-closed')
  }
}
app.closeWindows = () => BrowserWindow.closeAll()
