/** The files of models, as the reader process reads them. */
import { isTrainable, TRANSFORMER_CONFIG, type ModelEntry, type UsableModel } from '../../contract/models.ts'
import { UserError } from '../../contract/errors.ts'
import { quoted } from '../../contract/words.ts'
import { checkModel, loraSettingsOf } from '../compute/models/lora/begin.ts'
import { readConfig } from '../compute/models/open-model.ts'
import { Library } from '../hub/library.ts'

export { readModelFolder } from '../model-folder/facts.ts'

/** Libraries by their folder: they remember what they have read of folders that did not change. */
const libraries = new Map<string, Library>()
function libraryIn(dir: string): Library {
  const library = libraries.get(dir) ?? new Library({ dir })
  libraries.set(dir, library)
  return library
}

export const listModels = (library: string): readonly ModelEntry[] => libraryIn(library).list()

/** Adds a folder that a training can use. @throws UserError with advice if none can */
export const addModel = (library: string, path: string, base: string | null): Promise<ModelEntry> =>
  libraryIn(library).add(path, base, checkModel)

/** @throws UserError `no-model`, `model-unusable` with its problem */
export function usableModel(library: string, id: string): UsableModel {
  const { architecture } = libraryIn(library).usable(id)
  if (!isTrainable(architecture))
    throw new UserError('model-unusable', `${quoted(id)} holds vectors of words, which nothing trains: name it as "vectors" of a classical model in a recipe.`, { id }) // prettier-ignore
  const files = libraryIn(library).files(id)
  const settings = { ...readConfig(files.modelFolder), raw: {} }
  return { id, architecture, files, settings, lora: TRANSFORMER_CONFIG.shape.lora.safeParse(loraSettingsOf(files)).data ?? null }
}
