/** What the model picker offers. */
import type { ModelEntry } from '../../../contract/models.ts'
import { bytes } from '../../messages/format.ts'
import { architectureInWords, LINEAR, parametersInWords } from '../../stores/recipe-logic.ts'

export interface ModelOption {
  readonly choice: string
  readonly name: string
  readonly note: string
  /** Why it cannot be picked; null where it can. */
  readonly problem: string | null
  /** Can be taken off the list. */
  readonly entry: ModelEntry | null
}
const LINEAR_OPTION: ModelOption = {
  choice: LINEAR,
  name: 'Linear',
  note: 'Words and word parts. Nothing to download, exact explanations; a good start for every catalogue.',
  problem: null,
  entry: null,
}
/** Known before the library is read. */
const SCRATCH_OPTION: ModelOption = {
  choice: 'scratch',
  name: 'Small transformer',
  note: 'Learns its vocabulary and everything else from your plots. Nothing to download.',
  problem: null,
  entry: null,
}
const SOURCES: Readonly<Record<ModelEntry['source'], string>> = { scratch: '', folder: 'in a folder of this machine', hub: 'from the Hub' }
const license = (e: ModelEntry): string => (e.license === null ? 'no licence given' : `licence ${e.license}`)

const optionOf = (e: ModelEntry): ModelOption => ({
  choice: e.id,
  name: e.name,
  note: `${architectureInWords(e.architecture)}, ${parametersInWords(e.parameters)}, ${bytes(e.bytes)}, ${license(e)}, ${SOURCES[e.source]}`,
  problem: e.problem,
  entry: e,
})
/** Linear first, then the small one, then the library in its own order. */
export const modelOptions = (list: readonly ModelEntry[]): readonly ModelOption[] => [
  LINEAR_OPTION,
  SCRATCH_OPTION,
  ...list.filter((e) => e.source !== 'scratch').map(optionOf),
]
