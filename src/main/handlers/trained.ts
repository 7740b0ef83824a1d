/** Where the files of a finished run's model are, for the inference process. */
import { UserError } from '../../contract/errors.ts'
import type { TrainedModel } from '../../contract/jobs.ts'
import { modelDigest } from '../model-folder/digest.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Workspace } from '../workspace.ts'
import type { Context } from './context.ts'
import { ensembleModel } from './ensemble.ts'
import { usableModel } from './recipes.ts'
import { genresOf } from './runs.ts'

/**
 * @throws UserError `no-model` and `model-missing` for the run's own files; `no-model`, `model-unusable` and `model-changed` for its base
 * model
 */
export async function trainedModel(c: Context, w: Workspace, run: StoredRun): Promise<TrainedModel> {
  const { store } = w
  const { id, config, createdAt } = run
  const genreNames = genresOf(w, run).map((g) => g.name)
  if (config.family === 'linear') return { family: 'linear', project: store.path, run: id, createdAt }
  if (config.family === 'ensemble') return ensembleModel(w, run, config, (member) => trainedModel(c, w, member))
  const folder = await c.artifacts.open(store, id)
  if (config.model.source === 'scratch' || config.mode === 'full')
    return { family: 'transformer', config, folder, genreNames, modelFolder: null, adapterFolder: null }
  const { files } = await usableModel(c, config.model.id)
  if ((await modelDigest(files)) !== config.model.digest)
    throw new UserError(
      'model-changed',
      `Run ${id} was trained from other weights than those ${config.model.id} has now: put the old ones back, or train again.`,
    )
  return { family: 'transformer', config, folder, genreNames, ...files }
}
