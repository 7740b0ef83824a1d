import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EncryptedKeys, SystemKeyring, type Cipher, type KeyringModule } from '../../src/main/services/keys.ts'
import { scratch } from '../support/project.ts'

/** Hexadecimal in base64, which is enough to see that the file has no plain text. */
const hexadecimal: Cipher = {
  encrypt: (text) => Promise.resolve(Buffer.from(Buffer.from(text).toString('hex')).toString('base64')),
  decrypt: (text) => Promise.resolve(Buffer.from(Buffer.from(text, 'base64').toString(), 'hex').toString()),
}
const refusing: Cipher = { encrypt: () => Promise.reject(new Error('basic_text')), decrypt: () => Promise.reject(new Error('basic_text')) }

test('the file of keys has none in plain text, and only its owner reads it', async () => {
  const path = join(scratch(), 'service-keys.json')
  const keys = new EncryptedKeys(path, hexadecimal)
  await keys.set('a https://x', 'sk-123')
  await keys.set('b https://x', 'sk-456')
  expect([await keys.get('a https://x'), await keys.get('constructor'), await keys.problem()]).toEqual(['sk-123', null, null])
  expect(readFileSync(path, 'utf8')).not.toContain('sk-')
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
  await keys.remove('a https://x')
  await keys.remove('a https://x')
  expect([await keys.get('a https://x'), await keys.get('b https://x')]).toEqual([null, 'sk-456'])
  await keys.remove('b https://x')
  expect(existsSync(path)).toBe(false)
})

test('where nothing encrypts, nothing is stored', async () => {
  const path = join(scratch(), 'service-keys.json')
  const keys = new EncryptedKeys(path, refusing)
  expect(await keys.problem()).toMatch(/cannot be used \(basic_text\).*environment variable/)
  await expect(keys.set('a', 'sk-123')).rejects.toMatchObject({ code: 'no-keychain' })
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, JSON.stringify({ reelabel: 'keys of services', version: 1, keys: { a: 'eA==' } }))
  await expect(keys.get('a')).rejects.toMatchObject({ code: 'no-keychain' })
})

/** A keyring as its library shows it. */
function keyring(): { module: KeyringModule; asked: unknown[] } {
  const [kept, asked] = [new Map<string, string>(), [] as unknown[]]
  class AsyncEntry {
    readonly #id: string
    constructor(service: string, id: string, options: object) {
      asked.push([service, options])
      this.#id = id
    }
    getPassword = () => Promise.resolve(kept.get(this.#id) ?? null)
    setPassword = (key: string) => Promise.resolve(void kept.set(this.#id, key))
    deletePassword = () => Promise.resolve(kept.delete(this.#id))
  }
  return { module: { AsyncEntry }, asked }
}

test('the keyring of the system keeps keys; the kernel’s keyring, which forgets them, is not used', async () => {
  const { module, asked } = keyring()
  const keys = new SystemKeyring(() => Promise.resolve(module))
  expect(await keys.problem()).toBeNull()
  await keys.set('a', 'sk-123')
  expect(await keys.get('a')).toBe('sk-123')
  await keys.remove('a')
  expect(await keys.get('a')).toBeNull()
  expect(asked[0]).toEqual(['reelabel', { linux: { store: 'secret-service' } }])
})

test('a system without a keyring is told so', async () => {
  const keys = new SystemKeyring(() => Promise.reject(new Error('Cannot find module')))
  expect(await keys.problem()).toMatch(/Cannot find module/)
  await expect(keys.set('a', 'sk-123')).rejects.toMatchObject({ code: 'no-keychain' })
})
