import { UserError } from '../../../contract/errors.ts'
import { modelBytes } from '../../store/reader.ts'
import { explainLinear } from '../linear/explain.ts'
import { predictProba } from '../linear/predict.ts'
import { deserialise } from '../linear/serialise.ts'
import type { LoadedModel } from './model-cache.ts'

/** Loads the linear model of a run. @throws UserError `no-model`, `model-damaged` */
export function loadLinear(project: string, run: number): LoadedModel {
  const bytes = modelBytes(project, run)
  if (!bytes) throw new UserError('no-model', `The model of run ${run} is not in the project: train again.`)
  const model = deserialise(bytes)
  return {
    // an n-gram takes a string and a map entry
    bytes: model.weights.byteLength + model.vocabulary.length * 120,
    predict: (texts) => Promise.resolve(predictProba(model, texts)),
    explain: (text, genre) => Promise.resolve({ ...explainLinear(model, text, genre), note: '' }),
    export: () => Promise.reject(new UserError('no-export', `Run ${run} is a linear model: only transformers are exported so.`)),
    release: () => Promise.resolve(),
  }
}
