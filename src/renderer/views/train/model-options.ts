/** The options of the model picker. */
import { isTrainable, type ModelEntry } from '../../../contract/models.ts'
import { bytes } from '../../messages/format.ts'
import { m } from '../../messages/index.ts'
import { architectureInWords, LINEAR, parametersInWords } from '../../stores/recipe-logic.ts'

/** One model of the picker. */
export interface ModelOption {
  readonly choice: string
  readonly name: string
  readonly note: string
  /** Why the model cannot be chosen; null if it can. */
  readonly problem: string | null
  /** False for vectors, which recipes read. */
  readonly trainable: boolean
  /** The entry of the library, which can be removed; null for the built-in models. */
  readonly entry: ModelEntry | null
}
const LINEAR_OPTION: ModelOption = {
  choice: LINEAR,
  name: m.runs.linear,
  note: m.models.linear,
  problem: null,
  trainable: true,
  entry: null,
}
/** Known before the library is loaded. */
const SCRATCH_OPTION: ModelOption = {
  choice: 'scratch',
  name: m.runs.small,
  note: m.models.scratch,
  problem: null,
  trainable: true,
  entry: null,
}

const optionOf = (e: ModelEntry): ModelOption => ({
  choice: e.id,
  name: e.name,
  note: m.models.entry([
    architectureInWords(e.architecture),
    parametersInWords(e.parameters),
    bytes(e.bytes),
    m.models.licence(e.license),
    m.models.sources[e.source],
    ...(isTrainable(e.architecture) ? [] : [m.models.forRecipes]),
  ]),
  problem: e.problem,
  trainable: isTrainable(e.architecture),
  entry: e,
})
/** Linear first, then the small transformer, then the library in its own order. */
export const modelOptions = (list: readonly ModelEntry[]): readonly ModelOption[] => [
  LINEAR_OPTION,
  SCRATCH_OPTION,
  ...list.filter((e) => e.source !== 'scratch').map(optionOf),
]
