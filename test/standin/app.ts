import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const base = process.env['STANDIN_USER_DATA'] ?? mkdtempSync(join(tmpdir(), 'standin-'))

/** Quits in Electron's order: before-quit, the windows close, will-quit (which may be prevented), exit. */
class App extends EventEmitter {
  readonly isPackaged = false
  readonly #paths = new Map([
    ['userData', join(base, 'userData')],
    ['documents', join(base, 'documents')],
  ])
  name = 'standin'
  closeWindows: () => Promise<void> = () => Promise.resolve()
  cleanUp: () => Promise<void> = () => Promise.resolve()

  whenReady = async (): Promise<void> => void (await new Promise((r) => setImmediate(r)))
  setName = (name: string): void => void (this.name = name)
  setAboutPanelOptions = (): void => undefined
  setPath = (name: string, path: string): void => void this.#paths.set(name, path)
  getPath(name: string): string {
    const path = this.#paths.get(name)
    if (path === undefined) throw new Error(`stand-in: app.getPath(${name})`)
    mkdirSync(path, { recursive: true })
    return path
  }
  getVersion = (): string => '0.0.0-standin'
  requestSingleInstanceLock = (): boolean => process.env['STANDIN_SECOND'] !== '1'
  quit(): void {
    void (async () => {
      this.emit('before-quit', { preventDefault: () => undefined })
      await this.closeWindows()
      let prevented = false
      this.emit('will-quit', { preventDefault: () => (prevented = true) })
      if (!prevented) await this.exit()
    })()
  }
  async exit(code = 0): Promise<void> {
    await this.cleanUp()
    process.exit(code)
  }
}
export const app = new App()
