/** Which tensors a mode trains, and where a step begins to compute. */
import type { TransformerConfig } from '../../../contract/models.ts'
import type { TensorSpec } from '../models/family.ts'

/** Input of a step: token ids, the inputs of a layer, or the vector that the head receives. What lies below is computed once. */
export type Begin = 'ids' | 'features' | { readonly layer: number }

export interface Plan {
  /** True for a tensor of the model itself that is trained. Adapters always are. */
  readonly trained: (spec: TensorSpec) => boolean
  readonly adapters: boolean
  readonly begin: Begin
}
type Sizes = { readonly layers: number }

/** Tensors of the language-model head are not part of a classifier. */
const classifies = ({ part }: TensorSpec): boolean => part !== 'language'

const PLANS: Record<TransformerConfig['mode'], (model: Sizes, topLayers: number) => Plan> = {
  full: () => ({ trained: classifies, adapters: false, begin: 'ids' }),
  lora: () => ({ trained: ({ part }) => part === 'head', adapters: true, begin: 'ids' }),
  top: ({ layers }, topLayers) => {
    const lowest = Math.max(0, layers - topLayers)
    const trained = ({ part, layer }: TensorSpec): boolean => part === 'head' || part === 'final' || (layer !== null && layer >= lowest)
    return { trained, adapters: false, begin: lowest === 0 ? 'ids' : { layer: lowest } }
  },
  head: () => ({ trained: ({ part }) => part === 'head', adapters: false, begin: 'features' }),
}

/** The plan of a recipe for a model. */
export const planOf = ({ mode, topLayers }: Pick<TransformerConfig, 'mode' | 'topLayers'>, model: Sizes): Plan =>
  PLANS[mode](model, topLayers)
