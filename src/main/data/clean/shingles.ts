/** Plots as sets of word shingles, and MinHash signatures of these sets (Broder 1997) cut into bands (Rajaraman and Ullman, ch. 3). */
import { mix32 } from './hashing.ts'

/** Characters of words: ASCII letters and digits. */
const WORD = Uint8Array.from({ length: 128 }, (_, c) => ((c >= 48 && c <= 57) || (c >= 97 && c <= 122) ? 1 : 0))
/** Scripts without spaces: a character is a word. */
const isUnspaced = (c: number): boolean => (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff)
/** Letters and marks above ASCII; typographic signs in that range are excluded. */
const isLetter = (c: number): boolean =>
  c >= 0xc0 && c !== 0xd7 && c !== 0xf7 && !(c >= 0x2000 && c < 0x2c00) && !(c >= 0x3000 && c < 0x3040)

/** Hashes of a text's words in their order, case and punctuation aside. `into` is used for the result if it is long enough. */
export function wordHashes(text: string, into: Uint32Array): Uint32Array {
  const lower = text.toLowerCase()
  const words = into.length > lower.length ? into : new Uint32Array(lower.length * 2 + 1)
  let n = 0
  let hash = 0 // of the current word; 0 between words
  for (let i = 0; i <= lower.length; i++) {
    const c = i < lower.length ? lower.charCodeAt(i) : 32
    const alone = c >= 0x0e00 && isUnspaced(c)
    if (!alone && (c < 128 ? WORD[c] === 1 : isLetter(c))) {
      hash = (Math.imul(hash === 0 ? 0x811c9dc5 : hash, 0x01000193) ^ c) | 0 || 1
      continue
    }
    // "don't" is one word
    if (c === 39 || c === 0x2019) continue
    if (hash !== 0) words[n++] = mix32(hash)
    hash = 0
    if (alone) words[n++] = mix32(c)
  }
  return words.subarray(0, n)
}

/** Hashes of every run of `length` words; or of all words together if there are fewer. */
export function shingles(words: Uint32Array, length: number): Uint32Array {
  if (words.length === 0) return words
  const n = Math.max(1, words.length - length + 1)
  const out = new Uint32Array(n)
  for (let i = 0; i < n; i++) {
    let hash = 0
    for (let j = i; j < i + length && j < words.length; j++) hash = Math.imul(hash ^ words[j]!, 0x5bd1e995) + 0x3c6ef372
    out[i] = mix32(hash)
  }
  return out
}

/** Ascending, each once. */
export function asSet(values: Uint32Array): Uint32Array {
  const sorted = values.slice().sort()
  let n = 0
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[n - 1]) sorted[n++] = sorted[i]!
  return sorted.slice(0, n)
}
/** |A and B| / |A or B| of two ascending sets. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let both = 0
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      both++
      i++
      j++
    } else if (a[i]! < b[j]!) i++
    else j++
  }
  const either = a.length + b.length - both
  return either === 0 ? 0 : both / either
}

export interface Bands {
  readonly bands: number
  readonly rows: number
}
const MAX_HASHES = 100
const MAX_BANDS = 32
/** Share of the pairs at the similarity threshold that must share a band. */
const RECALL = 0.9995

/**
 * Bands for a similarity: as many rows as possible, so that few other pairs share a band. A pair shares one with 1 - (1 - s^rows)^bands.
 */
export function bandsFor(similarity: number): Bands {
  for (let rows = 10; rows > 1; rows--) {
    const bands = Math.min(MAX_BANDS, Math.floor(MAX_HASHES / rows))
    if (1 - (1 - similarity ** rows) ** bands >= RECALL) return { bands, rows }
  }
  return { bands: MAX_BANDS, rows: 1 }
}

/** Makes the keys of a text's bands: two sets share each with the chance of their similarity to the power of `rows`. */
export class BandHasher {
  readonly #bands: Bands
  readonly #multiply: Int32Array
  readonly #add: Int32Array
  readonly #minima: Uint32Array
  readonly keys: Int32Array

  constructor(bands: Bands) {
    this.#bands = bands
    const hashes = bands.bands * bands.rows
    this.#multiply = Int32Array.from({ length: hashes }, (_, i) => mix32(2 * i + 1) | 1)
    this.#add = Int32Array.from({ length: hashes }, (_, i) => mix32(2 * i + 0x10001))
    this.#minima = new Uint32Array(hashes)
    this.keys = new Int32Array(bands.bands)
  }
  /** The keys of a set of shingles, valid until the next call. */
  hash(set: Uint32Array): Int32Array {
    const { bands, rows } = this.#bands
    for (let h = 0; h < this.#minima.length; h++) {
      const multiply = this.#multiply[h]!
      const add = this.#add[h]!
      let least = 0xffffffff
      for (let i = 0; i < set.length; i++) {
        const value = (Math.imul(set[i]!, multiply) + add) >>> 0
        if (value < least) least = value
      }
      this.#minima[h] = least
    }
    for (let band = 0; band < bands; band++) {
      let key = band
      for (let row = 0; row < rows; row++) key = mix32(key ^ this.#minima[band * rows + row]!)
      this.keys[band] = key
    }
    return this.keys
  }
}
