/** Helpers to list the tensors of a family. */
import type { Part, TensorSpec } from './family.ts'

/** The part of the model that a list of tensors belongs to. */
export interface Place {
  readonly part: Part
  readonly layer: number | null
}

/** An embedding: (rows, dim). */
export const table = ({ part, layer }: Place, name: string, rows: number, dim: number): TensorSpec[] => [
  { name, shape: [rows, dim], part, layer, initial: 'normal', linear: false },
]
/** One number for each of `size` features. */
export const vector = ({ part, layer }: Place, name: string, size: number, initial: 'zeros' | 'ones'): TensorSpec => ({
  name,
  shape: [size],
  part,
  layer,
  initial,
  linear: false,
})
/** Weight [out, in] and, by default, bias. */
export const linearOf = ({ part, layer }: Place, name: string, from: number, to: number, bias = true): TensorSpec[] => [
  { name: `${name}.weight`, shape: [to, from], part, layer, initial: 'normal', linear: true },
  ...(bias ? [vector({ part, layer }, `${name}.bias`, to, 'zeros')] : []),
]
/** Weight and bias of a layer norm. */
export const normOf = (place: Place, name: string, size: number): TensorSpec[] => [
  vector(place, `${name}.weight`, size, 'ones'),
  vector(place, `${name}.bias`, size, 'zeros'),
]
