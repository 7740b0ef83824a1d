/** Handles the requests to the reader process. */
import type { ReplyKinds, ReaderReply, ReaderRequest } from '../../contract/jobs.ts'
import { givenSource } from '../data/import/detect/choices.ts'
import { readGenreNames } from '../data/import/detect/genre-names-file.ts'
import { inspect } from '../data/import/detect/inspect.ts'
import { ImportMemory } from '../data/import/detect/memory.ts'

type Bare<T> = T extends unknown ? Omit<T, 'id' | 'full'> : never
export type ReaderResult = Bare<ReaderReply>

/** The code of models takes longer to load than a small table to read. */
const models = () => import('./models.ts')

const READERS: {
  readonly [T in keyof ReplyKinds['reader']]: (request: Extract<ReaderRequest, { readonly t: T }>) => Promise<ReaderResult>
} = {
  inspect: async ({ source, memory, characters }) => ({
    t: 'inspected',
    plan: await inspect(source.paths, givenSource(source), new ImportMemory(memory), characters),
  }),
  'genre-names': async ({ path }) => ({ t: 'genre-names', names: await readGenreNames(path) }),
  models: async ({ library }) => ({ t: 'models', models: (await models()).listModels(library) }),
  'add-model': async ({ library, path, base }) => ({ t: 'model-added', model: await (await models()).addModel(library, path, base) }),
  model: async ({ library, model }) => ({ t: 'model', model: (await models()).usableModel(library, model) }),
  'model-folder': async ({ path }) => ({ t: 'model-folder', facts: (await models()).readModelFolder(path) }),
}

/** Reads what a request names. @throws UserError and any other error of the readers */
export function read(request: ReaderRequest): Promise<ReaderResult> {
  return (READERS[request.t] as (request: ReaderRequest) => Promise<ReaderResult>)(request)
}
