/** The Hub of Hugging Face, or what stands at its address: the only place that talks to another machine, and only after consent. */
import { UserError } from '../../contract/errors.ts'
import type { HubFile, HubModel } from '../../contract/models.ts'
import { hubAddress, isRepoId } from './address.ts'
import { planDownload, searchModels, type Plan } from './api.ts'
import { download, type Download, type DownloadProgress } from './download.ts'
import { emptyTrash } from './downloaded.ts'
import type { FolderEntry, Library } from './library.ts'
import { Transport, type TransportOptions } from './transport.ts'
import { quoted } from '../../contract/words.ts'

// nothing is sent before the user has seen what goes to whom
const SENT = {
  search: (subject: string) => `the words ${quoted(subject)}`,
  describe: (subject: string) => `the name ${quoted(subject)}`,
  download: (subject: string) =>
    `the name ${quoted(subject)}, and the request for its files, which may come from other machines of theirs,`,
} as const
export type HubAction = keyof typeof SENT

/** What is sent to whom by an action, in one sentence. No plot, label or title is ever part of it. */
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

/** What is asked of the Hub: without `consent` nothing is sent, and the error `consent` says what would be sent to whom. */
export interface Asking {
  readonly consent: boolean
  readonly signal?: AbortSignal | undefined
}
/** What a download would fetch. */
export interface HubOffer {
  readonly id: string
  /** The commit it is of. */
  readonly revision: string
  readonly files: readonly HubFile[]
  readonly bytes: number
  readonly license: string | null
  /** Why it cannot be used here; null where it can. */
  readonly problem: string | null
}

export interface HubOptions extends Partial<Pick<TransportOptions, 'silenceMs' | 'wait'>>, Pick<Download, 'free'> {
  readonly library: Library
}

/** Search and download of models, each after a yes. */
export class Hub {
  readonly #options: HubOptions
  readonly #library: Library
  constructor(options: HubOptions) {
    this.#options = options
    this.#library = options.library
  }
  /** What is sent to whom, in one sentence: to be shown before consent. @throws UserError `bad-hub-address` */
  sends(action: HubAction, subject: string): string {
    const { hub, hasToken } = this.#transport()
    return whatIsSent(action, subject, hub, hasToken)
  }
  /**
   * At most 50 models with these words in their name, those that can be used here first, then by downloads.
   * @throws UserError `offline`, `consent`, `hub-…`
   */
  search(query: string, asking: Asking): Promise<HubModel[]> {
    return this.#asked('search', query, asking, (transport) => searchModels(transport, query, asking.signal))
  }
  /** Files that {@link download} would fetch. @throws UserError likewise, and `bad-model-name`, `hub-not-found`, `hub-gated` */
  describe(id: string, asking: Asking): Promise<HubOffer> {
    return this.#asked('describe', id, asking, async (transport) => offerOf(await planDownload(transport, id, asking.signal)))
  }
  /**
   * Fetches a model into the library, going on where an earlier try ended. It appears there once it is whole and checked;
   * one that is there already is answered as it is.
   * @throws UserError likewise, and `busy`, `disk-full`, `model-unusable`, `download-damaged`; the signal's reason where it was cancelled
   */
  async download(id: string, asking: Asking & { readonly progress?: (p: DownloadProgress) => void }): Promise<FolderEntry> {
    const there = this.#whole(id)
    if (there) return there
    return this.#asked('download', id, asking, async (transport) => {
      const plan = await planDownload(transport, id, asking.signal)
      if (plan.problem !== null) throw new UserError('model-unusable', `${plan.id} was not downloaded. ${plan.problem}`, { id: plan.id })
      // a model may have another name by now
      const renamed = this.#whole(plan.id)
      if (renamed) return renamed
      this.#refuseTaken(plan.id)
      const { signal, progress = () => undefined } = asking
      await emptyTrash(this.#library.downloads)
      await download({ transport, plan, dir: this.#library.downloads, signal, progress, free: this.#options.free })
      return this.#library.get(plan.id)
    })
  }
  #whole(id: string): FolderEntry | undefined {
    return this.#library.list().find((m) => m.id === id && m.source === 'hub' && m.problem === null)
  }
  /** A folder may be called what a model of the Hub without an owner is called. */
  #refuseTaken(id: string): void {
    const there = this.#library.list().find((m) => m.id === id)
    if (there?.source === 'folder')
      throw new UserError(
        'model-name-taken',
        `There is a folder ${quoted(id)} in the library (${there.path}): remove it from there, then download ${id}.`,
      )
  }
  async #asked<T>(action: HubAction, subject: string, { consent, signal }: Asking, ask: (transport: Transport) => Promise<T>): Promise<T> {
    this.#library.assertOnline()
    signal?.throwIfAborted()
    if (action !== 'search' && !isRepoId(subject))
      throw new UserError('bad-model-name', `${quoted(subject)} is no name of a model of the Hub: they look like "owner/name".`)
    const transport = this.#transport()
    assertConsent(consent, action, subject, transport.hub, transport.hasToken)
    return ask(transport)
  }
  #transport(): Transport {
    const { env } = this.#library
    const { silenceMs, wait } = this.#options
    return new Transport({ hub: hubAddress(env), env, ...(silenceMs === undefined ? {} : { silenceMs }), ...(wait ? { wait } : {}) })
  }
}

const offerOf = ({ id, revision, files, license, problem }: Plan): HubOffer => ({
  id,
  revision,
  files: files.map(({ name, bytes }) => ({ name, bytes })),
  bytes: files.reduce((sum, f) => sum + f.bytes, 0),
  license,
  problem,
})
