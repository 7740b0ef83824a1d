/** Checks that configurations of several families share. */
import { unsupported } from '../config.ts'

export type Raw = Readonly<Record<string, unknown>>

/** Heads of an encoder: as many of keys as of queries. */
export function evenHeads(dim: number, heads: number): { heads: number; keyHeads: number; headDim: number } {
  if (dim % heads !== 0) throw unsupported(`Its config.json asks for ${heads} attention heads of width ${dim}, which does not divide.`)
  return { heads, keyHeads: heads, headDim: dim / heads }
}
