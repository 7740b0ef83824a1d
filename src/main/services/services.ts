/** The services that the analyst has set: a file of the data folder without keys, and requests to them. */
import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { KIND_TABLE, SERVICE, type Service, type ServiceEntry, type ServiceTest } from '../../contract/services.ts'
import { quoted } from '../../contract/words.ts'
import { writeFileAtomically } from '../files/atomic.ts'
import { withDiskErrors } from '../files/disk-errors.ts'
import { jsonIn } from '../files/read.ts'
import { useProxies } from '../network/exchange.ts'
import type { Env } from '../network/address.ts'
import type { Wait } from '../network/retry.ts'
import { BadAnswer, complete, serviceAddress, type Client } from './client.ts'
import { lookUp, type Wanted } from './databases.ts'
import type { Keychain } from './keys.ts'
import { readAnswer, requestBody, type Question } from './tasks.ts'
import { existsSync } from 'node:fs'

const FILE = z.strictObject({
  reelabel: z.literal('services'),
  version: z.literal(1),
  /** Signs consents, so that a project of somebody else brings none. */
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  services: z.record(z.string(), SERVICE),
})
type File = z.output<typeof FILE>

export interface ServicesOptions {
  readonly path: string
  readonly keychain: Keychain
  readonly env: Env
  /** @throws UserError `offline` */
  readonly assertOnline: () => void
  /** Asks the analyst outside of the page whether a new address may be used, where there is such a place. @returns false: no */
  readonly confirm?: ((host: string) => Promise<boolean>) | undefined
  /** Replaced in tests. */
  readonly wait?: Wait | undefined
}

/** The request of a test: nothing of a project is in it. */
const TEST: Question = { title: 'A test', plot: 'Two friends laugh all day.', genres: ['Comedy', 'War'], words: 10, language: '' }
/** A movie that every database has. */
const TEST_MOVIE: Wanted = { title: 'The Matrix', year: 1999, imdb: 'tt0133093', tmdb: null }

export class Services {
  readonly keychain: Keychain
  readonly #options: ServicesOptions
  constructor(options: ServicesOptions) {
    this.#options = options
    this.keychain = options.keychain
    useProxies(options.env)
  }
  /** The file as it is now, because another program may have changed it. @throws UserError `services-damaged` */
  #file(): File {
    const { path } = this.#options
    const file = existsSync(path) ? jsonIn(path, FILE) : { reelabel: 'services' as const, version: 1 as const, secret: '', services: {} }
    if (file) return file
    throw new UserError(
      'services-damaged',
      `The settings of services in ${path} cannot be read: delete the file and set the services again.`,
    )
  }
  async #write({ secret, ...file }: File): Promise<void> {
    const { path } = this.#options
    const text = JSON.stringify({ ...file, secret: secret || randomBytes(32).toString('hex') }, null, 1)
    await withDiskErrors(path, () => writeFileAtomically(path, `${text}\n`, 0o600))
  }
  async list(): Promise<ServiceEntry[]> {
    const entries = Object.entries(this.#file().services).sort(([a], [b]) => (a < b ? -1 : 1))
    return Promise.all(entries.map(async ([name, service]) => ({ name, ...service, key: await this.#placeOfKey(name, service) })))
  }
  async #placeOfKey(name: string, service: Service): Promise<ServiceEntry['key']> {
    if (service.keyVariable !== null) return this.#options.env[service.keyVariable] ? 'variable' : 'missing'
    // why a keychain cannot be read is said once, in the list's own problem
    const key = await this.keychain.get(keyId(name, service)).catch(() => undefined)
    return key === undefined ? 'unknown' : key === null ? 'none' : 'keychain'
  }
  /** @throws UserError `no-service` */
  get(name: string): Service {
    const { services } = this.#file()
    const service = Object.hasOwn(services, name) ? services[name] : undefined
    if (service) return service
    const known = Object.keys(services).join(', ')
    throw new UserError(
      'no-service',
      `There is no service ${quoted(name)}${known && `, only ${known}`}: set one in the settings or with \`reelabel services set\`.`,
    )
  }
  /** @throws UserError `bad-service-address`, `service-incomplete`, `address-refused` */
  async set(name: string, values: { readonly [K in keyof Service]?: Service[K] | undefined }): Promise<void> {
    const file = this.#file()
    const before = Object.hasOwn(file.services, name) ? file.services[name] : undefined
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
    const { defaults } = KIND_TABLE[values.kind ?? before?.kind ?? 'openai']
    // another kind has another address and another model
    const kept = values.kind === undefined || values.kind === before?.kind ? before : undefined
    const { data: service } = SERVICE.safeParse({ ...defaults, ...kept, ...given })
    if (!service) throw new UserError('service-incomplete', `The service ${name} needs an address and a model: give --url and --model.`)
    const url = serviceAddress(service.url)
    if (before?.url !== service.url || before.keyVariable !== service.keyVariable) await this.#confirm(url.host)
    await this.#write({ ...file, services: { ...file.services, [name]: service } })
    // the key of another address is of no more use
    if (before && keyId(name, before) !== keyId(name, service)) await this.keychain.remove(keyId(name, before)).catch(() => undefined)
  }
  async #confirm(host: string): Promise<void> {
    if ((await this.#options.confirm?.(host)) === false)
      throw new UserError('address-refused', `The address ${host} was not confirmed: the service is as it was.`)
  }
  /** @throws UserError `no-service`, `no-keychain` */
  async setKey(name: string, key: string): Promise<void> {
    const service = this.get(name)
    if (service.keyVariable !== null)
      throw new UserError(
        'key-in-variable',
        `The key of ${name} is in the environment variable ${service.keyVariable}: remove that from its settings first.`,
      )
    await this.keychain.set(keyId(name, service), key)
  }
  /** @throws UserError `no-service` */
  async forget(name: string): Promise<void> {
    const service = this.get(name)
    const file = this.#file()
    const others = Object.entries(file.services).filter(([other]) => other !== name)
    await this.#write({ ...file, services: Object.fromEntries(others) })
    await this.keychain.remove(keyId(name, service)).catch(() => undefined)
  }
  /** A client of a service, which may be used now. @throws UserError `offline`, `no-service`, `missing-key`, `no-keychain` */
  async client(name: string): Promise<Client> {
    const { assertOnline, env, wait } = this.#options
    assertOnline()
    const service = this.get(name)
    const { keyVariable } = service
    const key = keyVariable === null ? await this.#storedKey(name, service) : (env[keyVariable]?.trim() ?? '')
    if (key === '')
      throw new UserError(
        'missing-key',
        `The environment variable ${keyVariable}, which should hold the key of ${name}, is not set: set it and start Reelabel again.`,
      )
    return { name, service, key, wait, assertOnline }
  }
  /** A service on this machine needs no keychain. */
  async #storedKey(name: string, service: Service): Promise<string | null> {
    try {
      return await this.keychain.get(keyId(name, service))
    } catch (error) {
      if (serviceAddress(service.url).protocol === 'http:') return null
      throw error
    }
  }
  /** Asks one fixed question. @throws UserError `offline`, `service-…` */
  async test(name: string, signal: AbortSignal): Promise<ServiceTest> {
    const client = await this.client(name)
    const { kind, model, logProbabilities } = client.service
    const startedAt = performance.now()
    try {
      if (kind !== 'openai') {
        await lookUp(client, TEST_MOVIE, signal)
        return { elapsedMs: Math.round(performance.now() - startedAt), logProbabilities: null }
      }
      const completion = await complete(client, requestBody('zero-shot', TEST, model, logProbabilities), signal)
      const answer = readAnswer('zero-shot', TEST, completion)
      if (answer?.task !== 'zero-shot') throw new BadAnswer('its answer does not have the form that was asked for')
      return { elapsedMs: Math.round(performance.now() - startedAt), logProbabilities: answer.probabilities !== null }
    } catch (error) {
      throw error instanceof BadAnswer ? unusable(name, error.message) : error
    }
  }
  /** Signature of the consent that the movies of a project may be sent to a service at its address; null: none was ever given here. */
  consent(name: string): string | null {
    const { secret } = this.#file()
    return secret === ''
      ? null
      : createHmac('sha256', secret)
          .update(`${name} ${serviceAddress(this.get(name).url).origin}`)
          .digest('hex')
  }
}

/** A key is kept for one address: a service that moves does not take it along. */
const keyId = (name: string, { url }: Pick<Service, 'url'>): string => `${name} ${serviceAddress(url).origin}`

/** The error for a service whose answers cannot be used. */
export const unusable = (name: string, why: string): UserError =>
  new UserError(
    'service-unusable',
    `The service ${name} cannot be used: ${why}. Try another model, or switch log-probabilities off for this service.`,
  )
