/** Scores that depend on how far two tokens are apart. */
import type { Value } from '../../graph/types.ts'
import type { Net, Rows } from '../family.ts'
import { once, places, queryPlaces } from './basic.ts'

/** Buckets of distances: Raffel et al., arXiv:1910.10683, section 2.1, with the constants of MPNet. */
export const BUCKETS = 32
const FARTHEST = 128

/** The bucket of the key's position less the query's: half of the buckets for each direction, single distances first, then logarithmic. */
export function bucketOf(offset: number): number {
  const half = BUCKETS / 2
  const exact = half / 2
  const distance = Math.abs(offset)
  const direction = offset > 0 ? half : 0
  if (distance < exact) return direction + distance
  const { fround, log } = Math
  // rounded to float32 where PyTorch rounds, because a bucket begins at a whole number
  const steps = fround(fround(fround(log(fround(distance / exact))) / fround(log(FARTHEST / exact))) * (half - exact))
  return direction + Math.min(half - 1, exact + Math.trunc(steps))
}

/** A number for each head, row and token, the same in all layers: (1, heads, places, tokens). @param name of a table (buckets, heads) */
export const distanceBias = (net: Net, name: string, rows: Rows): Value =>
  once(net, `distances ${rows}`, () => {
    const { b, p, config } = net
    const most = config.positions - 1
    const buckets = b.constant(
      Array.from({ length: 2 * most + 1 }, (_, i) => bucketOf(i - most)),
      'int32',
    )
    const offsets = b.op('Sub', [places(net), b.op('Sub', [queryPlaces(net, rows), b.constant(most)])]) // (tokens, tokens) or (tokens)
    const at = b.op('Gather', [buckets, b.op('Cast', [offsets], { to: 6 })], { axis: 0 })
    const numbers = b.op('Gather', [p.get(name), at], { axis: 0 }) // (…, tokens, heads)
    return rows === 'all'
      ? b.op('Unsqueeze', [b.op('Transpose', [numbers], { perm: [2, 0, 1] }), b.ints(0)])
      : b.op('Unsqueeze', [b.op('Transpose', [numbers], { perm: [1, 0] }), b.ints(0, 2)])
  })
