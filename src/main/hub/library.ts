/** The models of this machine: folders that were added, and those that were downloaded, in the `models` folder of the data folder. */
import type { LibrarySettings, ModelEntry } from '../../contract/models.ts'
import { UserError } from '../../contract/errors.ts'

const missing = (): never => {
  throw new UserError('not-yet', 'This is not built yet.')
}

export interface LibraryOptions {
  /** The `models` folder; need not be there yet. */
  readonly dir: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

export class Library {
  readonly dir: string
  constructor(options: LibraryOptions) {
    this.dir = options.dir
  }
  /** Downloaded and added models by name, without `scratch`; `problem` is set where one cannot be used any more. */
  list(): ModelEntry[] {
    return missing()
  }
  /** @throws UserError `no-model` */
  get(id: string): ModelEntry {
    return missing()
  }
  /** A model that can be used now. @throws UserError `no-model`, `model-unusable` with its problem */
  usable(id: string): ModelEntry & { readonly path: string } {
    return missing()
  }
  /** Takes a folder in by reference. @throws UserError where it cannot be used, with advice */
  add(path: string): Promise<ModelEntry> {
    return missing()
  }
  /** What {@link remove} will do, in a sentence, to be shown before. @throws UserError `no-model` */
  removal(id: string): string {
    return missing()
  }
  /** Deletes a downloaded model from the disk, or forgets an added folder. Answers what was done, in a sentence. @throws UserError `no-model` */
  remove(id: string): Promise<string> {
    return missing()
  }
  settings(): LibrarySettings {
    return missing()
  }
  /** Answers the settings as they are then. */
  set(changes: { readonly offline?: boolean | undefined }): Promise<LibrarySettings> {
    return missing()
  }
}
