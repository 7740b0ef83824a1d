import { fork } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { chromium, type Page } from 'playwright-core'

export interface Launched {
  readonly page: Page
  ask<T = unknown>(what: string, value?: unknown): Promise<T>
  /** Quits as the menu does and returns the exit code. */
  quit(): Promise<number | null>
}
const COME_UP_MS = 30_000
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address() as AddressInfo
      s.close(() => resolve(port))
    })
  })

/** Like playwright's `_electron.launch`: starts the built main bundle, here with the stand-in, and returns its first window. */
export async function launch(main: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Launched> {
  const port = await freePort()
  const child = fork(main, [...args], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', new URL('./register.ts', import.meta.url).href],
    env: { ...process.env, ...env, STANDIN_CDP_PORT: String(port) },
  })
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve))
  let next = 0
  const ask = <T>(what: string, value?: unknown): Promise<T> =>
    new Promise((resolve) => {
      const id = next++
      const on = (m: { id: number; value: T }): void => {
        if (m.id !== id) return
        child.off('message', on)
        resolve(m.value)
      }
      child.on('message', on)
      child.send({ id, ask: what, value })
    })
  const deadline = Date.now() + COME_UP_MS
  for (;;) {
    try {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
      const page = browser
        .contexts()
        .flatMap((c) => c.pages())
        .find((p) => p.url().startsWith('https://'))
      if (page) {
        const quit = async (): Promise<number | null> => {
          await browser.close()
          if (child.connected) void ask('quit')
          return exited
        }
        return { page, ask, quit }
      }
      await browser.close()
    } catch (e) {
      if (Date.now() > deadline) throw e
    }
    if (child.exitCode !== null) throw new Error(`the app stopped (${child.exitCode})`)
    await new Promise((r) => setTimeout(r, 100))
  }
}
