/** What the reader process does. */
import type { Answers, ReaderReply, ReaderRequest } from '../../contract/jobs.ts'
import { TRANSFORMER_CONFIG, type UsableModel } from '../../contract/models.ts'
import { checkModel, wishOf } from '../compute/models/lora/begin.ts'
import { readConfig } from '../compute/models/open-model.ts'
import { givenSource } from '../data/import/detect/choices.ts'
import { readGenreNames } from '../data/import/detect/genre-names-file.ts'
import { inspect } from '../data/import/detect/inspect.ts'
import { ImportMemory } from '../data/import/detect/memory.ts'
import { Library } from '../hub/library.ts'
import { readModelFolder } from '../model-folder/facts.ts'

type Bare<T> = T extends unknown ? Omit<T, 'id' | 'full'> : never
export type ReaderAnswer = Bare<ReaderReply>
const READERS: {
  readonly [T in keyof Answers['reader']]: (request: Extract<ReaderRequest, { readonly t: T }>) => ReaderAnswer | Promise<ReaderAnswer>
} = {
  inspect: async ({ source, memory, characters }) => ({
    t: 'inspected',
    plan: await inspect(source.paths, givenSource(source), new ImportMemory(memory), characters),
  }),
  'genre-names': async ({ path }) => ({ t: 'genre-names', names: await readGenreNames(path) }),
  models: ({ library }) => ({ t: 'models', models: libraryIn(library).list() }),
  'add-model': async ({ library, path, base }) => ({ t: 'model-added', model: await libraryIn(library).add(path, base, checkModel) }),
  model: ({ library, model }) => ({ t: 'model', model: usableModel(libraryIn(library), model) }),
  'model-folder': ({ path }) => ({ t: 'model-folder', facts: readModelFolder(path) }),
}

/** Libraries by their folder: they remember what they have read of folders that did not change. */
const libraries = new Map<string, Library>()
function libraryIn(dir: string): Library {
  const library = libraries.get(dir) ?? new Library({ dir })
  libraries.set(dir, library)
  return library
}

function usableModel(library: Library, id: string): UsableModel {
  const { architecture } = library.usable(id)
  const files = library.files(id)
  const settings = { ...readConfig(files.modelFolder), raw: {} }
  return { id, architecture, files, settings, lora: TRANSFORMER_CONFIG.shape.lora.safeParse(wishOf(files)).data ?? null }
}

/** Reads what a request names. @throws UserError and any other error of the readers */
export async function read(request: ReaderRequest): Promise<ReaderAnswer> {
  return (READERS[request.t] as (request: ReaderRequest) => ReaderAnswer | Promise<ReaderAnswer>)(request)
}
