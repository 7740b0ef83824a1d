/** The Hub of Hugging Face, or a compatible server. It is contacted only after consent. */
import { UserError } from '../../contract/errors.ts'
import type { HubFile, HubModel } from '../../contract/models.ts'
import { hubAddress, isRepoId } from './address.ts'
import { planDownload, searchModels, type DownloadPlan } from './api.ts'
import { download, type Download, type DownloadProgress } from './download.ts'
import { emptyTrash } from './downloaded.ts'
import type { FolderEntry, Library } from './library.ts'
import { Transport, type TransportOptions } from './transport.ts'
import { quoted } from '../../contract/words.ts'

/** The data that each action sends. The user sees them before anything is sent. */
const SENT = {
  search: (subject: string) => `the words ${quoted(subject)}`,
  describe: (subject: string) => `the name ${quoted(subject)}`,
  download: (subject: string) => `the name ${quoted(subject)}, and the request for its files, which may come from its other servers,`,
} as const
export type HubAction = keyof typeof SENT

/** One sentence on what an action sends, and to which server. No plot, label or title is ever part of it. */
function whatIsSent(action: HubAction, subject: string, hub: string, hasToken: boolean): string {
  const token = hasToken ? ', with your access token (HF_TOKEN)' : ''
  return `${new URL(hub).host} gets ${SENT[action](subject)} and this machine's network address${token}; nothing of your project is sent.`
}

/** @throws UserError `consent` unless it was given */
function assertConsent(consent: boolean, action: HubAction, subject: string, hub: string, hasToken: boolean): void {
  if (consent) return
  const sends = whatIsSent(action, subject, hub, hasToken)
  throw new UserError('consent', `Nothing was sent. If you agree: ${sends}`, { action, subject, host: new URL(hub).host, sends })
}

/** Options of a request. Without `consent` nothing is sent, and the error `consent` says what would be sent. */
export interface RequestOptions {
  readonly consent: boolean
  readonly signal?: AbortSignal | undefined
}
/** The files of a model that a download would fetch. */
export interface HubOffer {
  readonly id: string
  /** Their commit. */
  readonly revision: string
  readonly files: readonly HubFile[]
  readonly bytes: number
  readonly license: string | null
  /** Why the model cannot be used here; null if it can. */
  readonly problem: string | null
}

export interface HubOptions extends Partial<Pick<TransportOptions, 'timeoutMs' | 'wait'>>, Pick<Download, 'free' | 'facts'> {
  readonly library: Library
}

/** Search and download of models, each after consent. */
export class Hub {
  readonly #options: HubOptions
  readonly #library: Library
  constructor(options: HubOptions) {
    this.#options = options
    this.#library = options.library
  }
  /** One sentence on what will be sent, to be shown before consent. @throws UserError `bad-hub-address` */
  sends(action: HubAction, subject: string): string {
    const { hub, hasToken } = this.#transport()
    return whatIsSent(action, subject, hub, hasToken)
  }
  /**
   * Returns at most 50 models with these words in their name: usable ones first, then by downloads.
   * @throws UserError `offline`, `consent`, `hub-…`
   */
  search(query: string, options: RequestOptions): Promise<HubModel[]> {
    return this.#request('search', query, options, (transport) => searchModels(transport, query, options.signal))
  }
  /** Files that {@link download} would fetch. @throws UserError as {@link search}, and `bad-model-name`, `hub-not-found`, `hub-gated` */
  describe(id: string, options: RequestOptions): Promise<HubOffer> {
    return this.#request('describe', id, options, async (transport) => offerOf(await planDownload(transport, id, options.signal)))
  }
  /**
   * Downloads a model into the library, resuming an earlier download. It appears there once it is complete and verified. A model that is
   * there already is returned as it is.
   * @throws UserError as {@link describe}, and `busy`, `disk-full`, `model-unusable`, `download-damaged`; the signal's reason if cancelled
   */
  async download(id: string, options: RequestOptions & { readonly progress?: (p: DownloadProgress) => void }): Promise<FolderEntry> {
    const there = this.#complete(id)
    if (there) return there
    return this.#request('download', id, options, async (transport) => {
      const plan = await planDownload(transport, id, options.signal)
      if (plan.problem !== null) throw new UserError('model-unusable', `${plan.id} was not downloaded. ${plan.problem}`, { id: plan.id })
      // the Hub may have renamed the model
      const renamed = this.#complete(plan.id)
      if (renamed) return renamed
      this.#refuseTaken(plan.id)
      const { signal, progress = () => undefined } = options
      await emptyTrash(this.#library.downloads)
      await download({
        transport,
        plan,
        dir: this.#library.downloads,
        signal,
        progress,
        free: this.#options.free,
        facts: this.#options.facts,
      })
      return this.#library.get(plan.id, this.#library.known())
    })
  }
  #complete(id: string): FolderEntry | undefined {
    return this.#library.known().find((m) => m.id === id && m.source === 'hub' && m.problem === null)
  }
  /** An added folder may have the id of a Hub model without an owner. */
  #refuseTaken(id: string): void {
    const there = this.#library.known().find((m) => m.id === id)
    if (there?.source === 'folder')
      throw new UserError(
        'model-name-taken',
        `There is a folder ${quoted(id)} in the library (${there.path}): remove it from the library, then download ${id}.`,
      )
  }
  async #request<T>(
    action: HubAction,
    subject: string,
    { consent, signal }: RequestOptions,
    ask: (transport: Transport) => Promise<T>,
  ): Promise<T> {
    this.#library.assertOnline()
    signal?.throwIfAborted()
    if (action !== 'search' && !isRepoId(subject))
      throw new UserError('bad-model-name', `${quoted(subject)} is not the name of a Hub model: such names look like "owner/name".`)
    const transport = this.#transport()
    assertConsent(consent, action, subject, transport.hub, transport.hasToken)
    return ask(transport)
  }
  #transport(): Transport {
    const { env } = this.#library
    const { timeoutMs, wait } = this.#options
    return new Transport({ hub: hubAddress(env), env, ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(wait ? { wait } : {}) })
  }
}

const offerOf = ({ id, revision, files, license, problem }: DownloadPlan): HubOffer => ({
  id,
  revision,
  files: files.map(({ name, bytes }) => ({ name, bytes })),
  bytes: files.reduce((sum, f) => sum + f.bytes, 0),
  license,
  problem,
})
