/** Keys of services: in the system's keychain, or in an environment variable. They are in no project, no log and no message. */
import { rmSync } from 'node:fs'
import { z } from 'zod'
import { messageOf, UserError } from '../../contract/errors.ts'
import { writeFileAtomically } from '../files/atomic.ts'
import { withDiskErrors } from '../files/disk-errors.ts'
import { jsonIn } from '../files/read.ts'

/** Where keys are kept, each under an id. */
export interface Keychain {
  /** Its name in sentences. */
  readonly name: string
  /** Why no key can be kept; null if one can. */
  problem(): Promise<string | null>
  /** @throws UserError `no-keychain` */
  get(id: string): Promise<string | null>
  /** @throws UserError `no-keychain` */
  set(id: string, key: string): Promise<void>
  /** Does nothing if there is no such key. @throws UserError `no-keychain` */
  remove(id: string): Promise<void>
}

const ADVICE = 'Put the key into an environment variable instead, and give its name in the settings of the service.'
const NOT_STORED = 'no key was stored'
const unusable = (name: string, why: string, so = 'keys can neither be stored there nor read'): UserError =>
  new UserError('no-keychain', `${name} cannot be used (${why}): ${so}. ${ADVICE}`)

/** The part of `@napi-rs/keyring` that is used. Where the system is none of its targets, it is not installed. */
export interface KeyringModule {
  readonly AsyncEntry: new (
    service: string,
    id: string,
    options: { readonly linux: { readonly store: 'secret-service' } },
  ) => {
    getPassword(): Promise<string | null | undefined>
    setPassword(key: string): Promise<unknown>
    deletePassword(): Promise<unknown>
  }
}

/** The keyring of the system: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows. */
export class SystemKeyring implements Keychain {
  readonly name = "the system's keyring"
  readonly #load: () => Promise<KeyringModule>
  /** @param load replaced in tests */
  constructor(load = async (): Promise<KeyringModule> => await import('@napi-rs/keyring')) {
    this.#load = load
  }
  async problem(): Promise<string | null> {
    try {
      await this.get('none')
      return null
    } catch (error) {
      return messageOf(error)
    }
  }
  get(id: string): Promise<string | null> {
    return this.#with(id, async (entry) => (await entry.getPassword()) ?? null)
  }
  set(id: string, key: string): Promise<void> {
    return this.#with(id, async (entry) => void (await entry.setPassword(key)), NOT_STORED)
  }
  remove(id: string): Promise<void> {
    return this.#with(id, async (entry) => void (await entry.deletePassword()))
  }
  async #with<T>(id: string, work: (entry: InstanceType<KeyringModule['AsyncEntry']>) => Promise<T>, so?: string): Promise<T> {
    try {
      const { AsyncEntry } = await this.#load()
      // without a store, the library would fall back to the kernel's keyring, which forgets keys at a restart
      return await work(new AsyncEntry('reelabel', id, { linux: { store: 'secret-service' } }))
    } catch (error) {
      throw unusable('The system’s keyring', messageOf(error), so)
    }
  }
}

/** Encrypts with a key of the system's keychain: Electron's shell. The ciphertext is base64. */
export interface Cipher {
  encrypt(text: string): Promise<string>
  decrypt(ciphertext: string): Promise<string>
}

const FILE = z.strictObject({ reelabel: z.literal('keys of services'), version: z.literal(1), keys: z.record(z.string(), z.base64()) })

/** Keys in a file, encrypted by the shell. */
export class EncryptedKeys implements Keychain {
  readonly name = "a file that is encrypted with the system's keychain"
  readonly #path: string
  readonly #cipher: Cipher
  constructor(path: string, cipher: Cipher) {
    this.#path = path
    this.#cipher = cipher
  }
  get #keys(): Readonly<Record<string, string>> {
    return jsonIn(this.#path, FILE)?.keys ?? {}
  }
  async problem(): Promise<string | null> {
    try {
      await this.#cipher.encrypt('a test')
      return null
    } catch (error) {
      return unusable('The system’s keychain', messageOf(error)).message
    }
  }
  async get(id: string): Promise<string | null> {
    const ciphertext = Object.hasOwn(this.#keys, id) ? this.#keys[id] : undefined
    if (ciphertext === undefined) return null
    try {
      return await this.#cipher.decrypt(ciphertext)
    } catch (error) {
      throw unusable('The system’s keychain', messageOf(error))
    }
  }
  async set(id: string, key: string): Promise<void> {
    let ciphertext: string
    try {
      ciphertext = await this.#cipher.encrypt(key)
    } catch (error) {
      throw unusable('The system’s keychain', messageOf(error), NOT_STORED)
    }
    await this.#write({ ...this.#keys, [id]: ciphertext })
  }
  async remove(id: string): Promise<void> {
    const { [id]: removed, ...others } = this.#keys
    if (removed !== undefined) await this.#write(others)
  }
  async #write(keys: Readonly<Record<string, string>>): Promise<void> {
    if (Object.keys(keys).length === 0) {
      rmSync(this.#path, { force: true })
      return
    }
    const file: z.input<typeof FILE> = { reelabel: 'keys of services', version: 1, keys: { ...keys } }
    await withDiskErrors(this.#path, () => writeFileAtomically(this.#path, `${JSON.stringify(file)}\n`, 0o600))
  }
}
