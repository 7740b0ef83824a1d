/** Requests to a service that misbehaves, and the settings of services. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { complete, serviceAddress } from '../../src/main/services/client.ts'
import type { Keychain } from '../../src/main/services/keys.ts'
import { Services, type ServicesOptions } from '../../src/main/services/services.ts'
import { codeOf, scratch } from '../support/project.ts'
import { startFakeService, type FakeService, type Response } from './fake-service.ts'

const KEY = 'sk-secret-0123456789'

class Memory implements Keychain {
  readonly name = 'a keychain in memory'
  readonly keys = new Map<string, string>()
  problem = () => Promise.resolve(null)
  get = (id: string) => Promise.resolve(this.keys.get(id) ?? null)
  set = (id: string, key: string) => Promise.resolve(void this.keys.set(id, key))
  remove = (id: string) => Promise.resolve(void this.keys.delete(id))
}

interface Bench {
  readonly fake: FakeService
  readonly services: Services
  readonly keychain: Memory
  readonly path: string
  readonly waits: number[]
  readonly ask: () => Promise<unknown>
}
async function open(answer: (number: number) => Response, options: Partial<ServicesOptions> = {}): Promise<Bench> {
  const fake = await startFakeService(({ number }) => answer(number))
  onTestFinished(() => fake.close())
  const keychain = new Memory()
  const path = join(scratch(), 'services.json')
  const waits: number[] = []
  const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms))
  const services = new Services({ path, keychain, env: {}, assertOnline: () => undefined, wait, ...options })
  await services.set('local', { url: fake.url, model: 'tiny', timeoutSeconds: 1 })
  await services.setKey('local', KEY)
  const body = JSON.stringify({ messages: [{}, { content: '{}' }] })
  const ask = async (): Promise<unknown> => complete(await services.client('local'), body, new AbortController().signal)
  return { fake, services, keychain, path, waits, ask }
}
const fine = { content: { summary: 'x' } }

test.each<[what: string, Response, code: string | RegExp, tries: number]>([
  ['401', { status: 401, body: JSON.stringify({ error: { message: `Incorrect API key: ${KEY}` } }) }, 'service-refused', 1],
  ['404', { status: 404, body: '{"error":{"message":"no model"}}' }, 'service-refused', 1],
  ['a redirect', { status: 307, headers: { location: 'https://example.com/' } }, 'service-refused', 1],
  ['500', { status: 500 }, 'service-unreachable', 7],
  ['a pause of an hour', { status: 429, headers: { 'retry-after': '3600' } }, 'service-unreachable', 1],
  ['a cut body', { ...fine, cutAfter: 40 }, 'service-unreachable', 7],
  ['a web page', { body: '<html>Sign in</html>' }, 'service-unreachable', 7],
  ['other JSON', { body: '{"choices": []}' }, /not a chat completion/, 1],
  ['an empty answer', { content: '' }, /empty/, 1],
  ['an answer that is too long', { ...fine, choice: { finish_reason: 'length' } }, /cut off/, 1],
  ['a refused request', { status: 400, body: `{"error":"too long for ${KEY}"}` }, /status 400.*too long/, 1],
  ['an endless body', { body: 'x'.repeat(5_000_000) }, /too long/, 1],
])('%s is an error that says so, without the key', async (_what, response, code, tries) => {
  const { fake, ask } = await open(() => response)
  const error = await ask().catch((e: unknown) => e)
  expect(error).toBeInstanceOf(Error)
  const { message } = error as Error
  if (typeof code === 'string') expect(error).toMatchObject({ code })
  else expect(message).toMatch(code)
  expect(message).not.toContain(KEY)
  expect(fake.received).toHaveLength(tries)
  expect(fake.received[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
})

test('the service says how long to wait; an interruption is not the end', async () => {
  const { ask, waits } = await open((number) => (number === 1 ? { status: 429, headers: { 'retry-after': '7' } } : number === 2 ? { ...fine, cutAfter: 10 } : fine)) // prettier-ignore
  expect(await ask()).toMatchObject({ text: '{"summary":"x"}', used: { tokensIn: 100, tokensOut: 20 } })
  expect(waits[0]).toBe(7000)
  expect(waits[1]).toBeGreaterThanOrEqual(1000)
})

test('a response that never comes is waited for as long as the setting says', async () => {
  const { ask, fake } = await open((number) => (number === 1 ? { hang: true } : fine))
  const startedAt = performance.now()
  expect(await ask()).toMatchObject({ text: '{"summary":"x"}' })
  expect(performance.now() - startedAt).toBeGreaterThan(900)
  expect(fake.received).toHaveLength(2)
})

test('offline mode wins over everything, before the first request and between two', async () => {
  let offline = false
  const assertOnline = (): void => {
    if (offline) throw new UserError('offline', 'Nothing was sent: offline mode is on.')
  }
  const { ask, fake, services } = await open(
    () => {
      offline = true
      return { status: 500 }
    },
    { assertOnline },
  )
  await expect(ask()).rejects.toMatchObject({ code: 'offline' })
  await expect(ask()).rejects.toMatchObject({ code: 'offline' })
  await expect(services.test('local', new AbortController().signal)).rejects.toMatchObject({ code: 'offline' })
  expect(fake.received).toHaveLength(1)
})

test.each([
  'http://example.com/v1',
  'https://user:password@example.com/v1',
  'https://example.com/v1?key=1',
  'file:///etc/passwd',
  'example.com',
])('the address %s is refused', async (url) => {
  expect(await codeOf(() => serviceAddress(url))).toBe('bad-service-address')
  const { services } = await open(() => fine)
  await expect(services.set('other', { url, model: 'm' })).rejects.toMatchObject({ code: 'bad-service-address' })
  expect((await services.list()).map(({ name }) => name)).toEqual(['local'])
})

test('settings are changed one by one; the file holds no key, and a key does not follow a service to another address', async () => {
  const { services, path, keychain, fake } = await open(() => fine)
  await services.set('local', { perMinute: 7 })
  await services.set('local', { parallel: 3 })
  expect(await services.list()).toMatchObject([
    { name: 'local', url: fake.url, perMinute: 7, parallel: 3, timeoutSeconds: 1, key: 'keychain' },
  ])
  expect(readFileSync(path, 'utf8')).not.toContain(KEY)
  await services.set('local', { url: 'https://example.com/v1' })
  expect(await services.list()).toMatchObject([{ name: 'local', key: 'none' }])
  expect([...keychain.keys]).toEqual([])
  await services.set('cloud', { url: 'https://example.com/v1', model: 'm' })
  await services.setKey('cloud', KEY)
  await services.forget('cloud')
  expect([...keychain.keys]).toEqual([])
  await expect(services.set('bare', { url: 'https://example.com/v1' })).rejects.toMatchObject({ code: 'service-incomplete' })
  await expect(services.client('constructor')).rejects.toMatchObject({ code: 'no-service' })
})

test('a key may be in an environment variable', async () => {
  const env: Record<string, string> = {}
  const { services, ask, fake } = await open(() => fine, { env })
  await services.set('local', { keyVariable: 'MY_KEY' })
  await expect(services.setKey('local', KEY)).rejects.toMatchObject({ code: 'key-in-variable' })
  expect(await services.list()).toMatchObject([{ key: 'missing' }])
  await expect(ask()).rejects.toMatchObject({ code: 'missing-key' })
  env['MY_KEY'] = ' from-variable '
  await ask()
  expect(fake.received[0]?.headers.authorization).toBe('Bearer from-variable')
})

test('a new address, or another variable for its key, is confirmed outside of the page where there is a place for it', async () => {
  const asked: string[] = []
  const confirm = (host: string): Promise<boolean> => Promise.resolve(asked.push(host) === 1)
  const { services, fake } = await open(() => fine, { confirm })
  await services.set('local', { perMinute: 5 })
  await expect(services.set('local', { url: 'https://example.com/v1' })).rejects.toMatchObject({ code: 'address-refused' })
  await expect(services.set('local', { keyVariable: 'AWS_SECRET' })).rejects.toMatchObject({ code: 'address-refused' })
  const host = new URL(fake.url).host
  expect(asked).toEqual([host, 'example.com', host])
  expect(await services.list()).toMatchObject([{ url: fake.url, keyVariable: null }])
})

test('a test asks a fixed question and says whether there are log-probabilities', async () => {
  const content = '{"Comedy":"yes","War":"no"}'
  const token = (text: string, yes: number): object => ({ token: text, logprob: 0, top_logprobs: [{ token: 'yes', logprob: Math.log(yes) }, { token: 'no', logprob: Math.log(1 - yes) }] }) // prettier-ignore
  const tokens = ['{"Comedy":"', 'yes', '","War":"', 'no', '"}'].map((text, i) => token(text, [0.5, 0.9, 0.5, 0.2][i] ?? 0.5))
  const { services, fake } = await open((number) => (number === 1 ? { content, choice: { logprobs: { content: tokens } } } : number === 2 ? { content } : { content: 'Hello!' })) // prettier-ignore
  const { signal } = new AbortController()
  expect(await services.test('local', signal)).toMatchObject({ logProbabilities: true })
  expect(await services.test('local', signal)).toMatchObject({ logProbabilities: false })
  await expect(services.test('local', signal)).rejects.toMatchObject({ code: 'service-unusable' })
  expect(fake.received.map(({ movie }) => movie.title)).toEqual(['A test', 'A test', 'A test'])
  expect(JSON.parse(fake.received[0]?.body ?? '')).toMatchObject({ model: 'tiny', logprobs: true, temperature: 0 })
})

test('a damaged file is said, and not replaced', async () => {
  const { services, path } = await open(() => fine)
  writeFileSync(path, '{"reelabel":"services"')
  await expect(services.list()).rejects.toMatchObject({ code: 'services-damaged' })
  await expect(services.set('a', { url: 'https://example.com', model: 'm' })).rejects.toMatchObject({ code: 'services-damaged' })
  expect(readFileSync(path, 'utf8')).toBe('{"reelabel":"services"')
})
