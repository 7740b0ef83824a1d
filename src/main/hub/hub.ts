/** The Hub of Hugging Face, or what stands at its address: the only place that talks to another machine, and only after consent. */
import { UserError } from '../../contract/errors.ts'
import type { HubFile, HubModel, ModelEntry } from '../../contract/models.ts'
import type { Library } from './library.ts'

const missing = (): never => {
  throw new UserError('not-yet', 'This is not built yet.')
}

/** What is asked of the Hub: without `consent` nothing is sent, and the error `consent` says what would be sent to whom. */
export interface Asking {
  readonly consent: boolean
  readonly signal?: AbortSignal
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
export interface DownloadProgress {
  /** Bytes that are there, those of an earlier try counted. */
  readonly done: number
  readonly total: number
  /** In words, such as `model.safetensors` or `checking model.safetensors`. */
  readonly phase: string
}

export interface HubOptions {
  readonly library: Library
  readonly env?: Readonly<Record<string, string | undefined>>
}

export class Hub {
  constructor(options: HubOptions) {
    void options
  }
  /** Models with these words in their name, usable ones first, then by downloads. @throws UserError `consent`, `offline`, `hub-…` */
  search(query: string, asking: Asking): Promise<HubModel[]> {
    return missing()
  }
  /** Files that {@link download} would fetch. @throws UserError likewise */
  describe(id: string, asking: Asking): Promise<HubOffer> {
    return missing()
  }
  /**
   * Fetches a model into the library, going on where an earlier try ended. It appears there once it is whole and checked.
   * @throws UserError `consent`, `offline`, `disk-full`, `model-unusable`, `hub-…`; the signal's reason where it was cancelled
   */
  download(id: string, asking: Asking & { readonly progress?: (p: DownloadProgress) => void }): Promise<ModelEntry> {
    return missing()
  }
}
