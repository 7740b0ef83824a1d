/** Arithmetic on dimensions that may be symbols. A product is written with its number first and its symbols in order. */
import type { Dim, Shape } from './types.ts'

interface Factors {
  readonly number: number
  readonly symbols: readonly string[]
}

const factorsOf = (dim: Dim): Factors => {
  if (typeof dim === 'number') return { number: dim, symbols: [] }
  const parts = dim.split('*')
  const number = parts.filter((p) => /^\d/.test(p)).reduce((n, p) => n * Number(p), 1)
  return { number, symbols: parts.filter((p) => !/^\d/.test(p)) }
}
const dimOf = ({ number, symbols }: Factors): Dim =>
  symbols.length === 0 ? number : [...(number === 1 ? [] : [String(number)]), ...[...symbols].sort()].join('*')

/** The product; 1 for an empty list. */
export function product(dims: Shape): Dim {
  const all = dims.map(factorsOf)
  if (all.some((f) => f.number === 0)) return 0
  return dimOf({ number: all.reduce((n, f) => n * f.number, 1), symbols: all.flatMap((f) => f.symbols) })
}

/** Number of elements of a tensor whose dimensions are known. */
export const elements = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1)

/** a / b if b divides a; null if it does not, or if that depends on the symbols. */
export function quotient(a: Dim, b: Dim): Dim | null {
  const [over, under] = [factorsOf(a), factorsOf(b)]
  const left = [...over.symbols]
  for (const symbol of under.symbols) {
    const at = left.indexOf(symbol)
    if (at < 0) return null
    left.splice(at, 1)
  }
  if (under.number === 0 || over.number % under.number !== 0) return null
  return dimOf({ number: over.number / under.number, symbols: left })
}

/** The dimension that two dimensions broadcast to; null if they cannot. A symbol never stands for 1 here. */
const broadcastDim = (a: Dim, b: Dim): Dim | null => (a === b ? a : a === 1 ? b : b === 1 ? a : null)

/** Broadcasts like NumPy; null if the shapes do not match. */
export function broadcast(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length)
  const shape: Dim[] = []
  for (let i = 0; i < rank; i++) {
    const dim = broadcastDim(a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1)
    if (dim === null) return null
    shape.push(dim)
  }
  return shape
}

/** True if two shapes are written alike: a symbol equals only itself. */
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i])

/** The value of a dimension. @throws Error for a symbol without a value */
export function resolve(dim: Dim, symbols: Readonly<Record<string, number>>): number {
  const { number, symbols: names } = factorsOf(dim)
  return names.reduce((n, name) => {
    const value = symbols[name]
    if (value === undefined) throw new Error(`no value for the dimension "${name}"`)
    return n * value
  }, number)
}

export const shapeText = (shape: Shape): string => `(${shape.join(', ')})`
