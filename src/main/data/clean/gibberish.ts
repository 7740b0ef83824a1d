/**
 * How little a text looks like the catalogue's own language: the mean surprise of its letters, in bits, under a model of
 * three letters that is counted over the catalogue itself (interpolated as by Witten and Bell with a fixed weight). English
 * plots lie near 3 bits in a catalogue of English ones, keys hit at random above 5.5.
 */

/** 0: anything between words; 1 to 26: a to z, accents aside; 27: a letter of another script, which is not judged. */
const CLASSES = 28
const BETWEEN = 0
const FOREIGN = 27
/** Letters needed before the model says anything. */
const LEAST_LETTERS = 20_000
/** Of the shorter context, in letters. */
const WEIGHT = 4

const ASCII = Uint8Array.from({ length: 128 }, (_, c) => {
  const lower = c | 32
  return lower >= 97 && lower <= 122 && c >= 65 ? lower - 96 : BETWEEN
})
const others = new Map<number, number>()
function classOf(code: number): number {
  if (code < 128) return ASCII[code]!
  let known = others.get(code)
  if (known === undefined) {
    const character = String.fromCharCode(code)
    const base = character.normalize('NFD').toLowerCase().charCodeAt(0)
    known = base < 128 && ASCII[base]! > 0 ? ASCII[base]! : /[\p{L}\p{M}\p{Cs}]/u.test(character) ? FOREIGN : BETWEEN
    others.set(code, known)
  }
  return known
}
/** Signs inside words, which are no letters: `don't`, accents on their own, the hyphen that may break a line. */
const isSilent = (code: number): boolean => code === 39 || code === 0x2019 || code === 0xad || (code >= 0x300 && code < 0x370)

/** Calls back with each letter's class and the two before it; spaces and signs in a row count once. */
function walk(text: string, visit: (cell: number, letter: number) => void): void {
  let first = BETWEEN
  let second = BETWEEN
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isSilent(code)) continue
    const c = classOf(code)
    if (c === BETWEEN && second === BETWEEN) continue
    visit((first * CLASSES + second) * CLASSES + c, c)
    first = second
    second = c
  }
}

export class LetterModel {
  readonly #counts = new Float64Array(CLASSES ** 3)
  readonly #bits = new Float32Array(CLASSES ** 3)
  #letters = 0
  /** For each three of letters, the last text that was measured and has it. */
  readonly #seenIn = new Int32Array(CLASSES ** 3)
  #text = 0

  add(text: string): void {
    walk(text, (cell) => {
      this.#counts[cell]!++
      this.#letters++
    })
  }
  /** Turns counts into bits; call it when everything was added. */
  finish(): void {
    const one = new Float64Array(CLASSES)
    const two = new Float64Array(CLASSES ** 2)
    this.#counts.forEach((n, cell) => {
      one[cell % CLASSES]! += n
      two[cell % CLASSES ** 2]! += n
    })
    const context = new Float64Array(CLASSES) // letters after each letter
    two.forEach((n, cell) => (context[Math.floor(cell / CLASSES)]! += n))
    const context2 = new Float64Array(CLASSES ** 2)
    this.#counts.forEach((n, cell) => (context2[Math.floor(cell / CLASSES)]! += n))
    for (let cell = 0; cell < this.#bits.length; cell++) {
      const c = cell % CLASSES
      const bc = cell % CLASSES ** 2
      const p1 = (one[c]! + 1) / (this.#letters + CLASSES)
      const p2 = (two[bc]! + WEIGHT * p1) / (context[Math.floor(bc / CLASSES)]! + WEIGHT)
      const p3 = (this.#counts[cell]! + WEIGHT * p2) / (context2[Math.floor(cell / CLASSES)]! + WEIGHT)
      this.#bits[cell] = -Math.log2(p3)
    }
  }
  get judges(): boolean {
    return this.#letters >= LEAST_LETTERS
  }
  /** What can be said of a text. */
  measure(text: string): Measures {
    let bits = 0
    let letters = 0
    let foreign = 0
    let different = 0
    let cells = 0
    this.#text++
    walk(text, (cell, letter) => {
      cells++
      if (this.#seenIn[cell] !== this.#text) {
        this.#seenIn[cell] = this.#text
        different++
      }
      if (letter === FOREIGN) foreign++
      else {
        bits += this.#bits[cell]!
        if (letter !== BETWEEN) letters++
      }
    })
    const signs = text.length - (text.match(/\s/g)?.length ?? 0)
    return {
      letters,
      surprise: cells - foreign === 0 ? 0 : bits / (cells - foreign),
      letterShare: signs === 0 ? 1 : (letters + foreign) / signs,
      variety: cells === 0 ? 1 : different / Math.min(cells, 400),
    }
  }
}
export interface Measures {
  /** Latin letters. */
  readonly letters: number
  /** Bits a Latin letter, the gaps between words included. */
  readonly surprise: number
  /** Letters of any script among all signs but white space. */
  readonly letterShare: number
  /** Different threes of letters in a text, as a share of its length (of 400 letters at most): low where it repeats itself. */
  readonly variety: number
}
