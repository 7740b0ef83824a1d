/** Offline mode: the one switch of the network. Its file is in the folder of the model library, which was the first to have one. */
import { mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { writeFileAtomically } from '../files/atomic.ts'
import { withDiskErrors } from '../files/disk-errors.ts'
import { jsonIn } from '../files/read.ts'
import { offlineVariable, type Env } from './address.ts'

const FILE = z.object({ reelabel: z.literal('settings of the models'), version: z.literal(1), offline: z.boolean() })

/** Whether the network may be used. It may not if the file is damaged. */
export class OfflineMode {
  readonly #dir: string
  readonly #env: Env
  constructor(dir: string, env: Env) {
    this.#dir = dir
    this.#env = env
  }
  get #path(): string {
    return join(this.#dir, 'settings.json')
  }
  /** True after the user switched to offline. Read from the file each time, because another program may have changed it. */
  get switchedOffline(): boolean {
    return this.#read()?.offline ?? false
  }
  /** Why the network is off although the user did not switch it off here; null if nothing forces it. */
  get forced(): string | null {
    const variable = offlineVariable(this.#env)
    if (variable !== null) return `${variable} is set`
    // a damaged file may have said offline
    return this.#read() === null ? `${this.#path} cannot be read` : null
  }
  async setOffline(offline: boolean): Promise<void> {
    await mkdir(this.#dir, { recursive: true })
    const file: z.input<typeof FILE> = { reelabel: 'settings of the models', version: 1, offline }
    await withDiskErrors(this.#path, () => writeFileAtomically(this.#path, `${JSON.stringify(file, null, 1)}\n`))
  }
  /** @throws UserError `offline` */
  assertOnline(): void {
    const why = this.switchedOffline ? 'offline mode is on' : this.forced
    if (why === null) return
    throw new UserError(
      'offline',
      `Nothing was sent: ${why}. Models on this machine can be used. To use the Hub or a service, switch offline mode off first.`,
    )
  }
  /** The settings; null if the file cannot be read. */
  #read(): { readonly offline: boolean } | null {
    return existsSync(this.#path) ? jsonIn(this.#path, FILE) : { offline: false }
  }
}
