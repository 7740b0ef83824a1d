/**
 * Measures how unlike the catalogue's own language a text is: the mean surprisal of its letters, in bits, under a
 * letter trigram model of the other texts of the catalogue (interpolated with shorter contexts of a fixed weight).
 * English plots have about 2.8 bits in a catalogue of English ones, other languages 4 to 5, random keys about 8.
 */

/** Classes of characters. 0: between words; 1 to 26: a to z without accents; 27: a letter of another script, which is not measured. */
const CLASSES = 28
const BETWEEN = 0
const FOREIGN = 27
/** Letters that the model needs before it gives a result. */
const MIN_LETTERS = 20_000
/** Weight of the shorter context, in letters. */
const WEIGHT = 4

const ASCII = Uint8Array.from({ length: 128 }, (_, c) => {
  const lower = c | 32
  return lower >= 97 && lower <= 122 && c >= 65 ? lower - 96 : BETWEEN
})
const classes = new Map<number, number>()
function classOf(code: number): number {
  if (code < 128) return ASCII[code]!
  let known = classes.get(code)
  if (known === undefined) {
    const character = String.fromCharCode(code)
    const base = character.normalize('NFD').toLowerCase().charCodeAt(0)
    known = base < 128 && ASCII[base]! > 0 ? ASCII[base]! : /[\p{L}\p{M}\p{Cs}]/u.test(character) ? FOREIGN : BETWEEN
    classes.set(code, known)
  }
  return known
}
/** Characters inside words that are not letters: `don't`, accents on their own, the hyphen that may break a line. */
const isSilent = (code: number): boolean => code === 39 || code === 0x2019 || code === 0xad || (code >= 0x300 && code < 0x370)

/** Calls back with each letter's class and the two before it; a run of spaces and signs counts once. */
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

/** Counts of single letters, bigrams and trigrams. */
class Counts {
  readonly one = new Float64Array(CLASSES)
  readonly two = new Float64Array(CLASSES ** 2)
  readonly three = new Float64Array(CLASSES ** 3)
  add(cell: number, n: number): void {
    this.three[cell]! += n
    this.two[cell % CLASSES ** 2]! += n
    this.one[cell % CLASSES]! += n
  }
}

/** The model of all texts except one. */
const others = (all: Float64Array, own: Float64Array, at: number): number => Math.max(0, all[at]! - own[at]!)

export class LetterModel {
  readonly #all = new Counts()
  /** Counts of the text that is being measured, which are subtracted. */
  readonly #own = new Counts()
  #letters = 0
  /** How often any letter follows a letter, and a pair of letters. */
  readonly #after = new Float64Array(CLASSES)
  readonly #after2 = new Float64Array(CLASSES ** 2)
  #cells = new Int32Array(1024)

  add(text: string): void {
    walk(text, (cell) => {
      this.#all.add(cell, 1)
      this.#letters++
    })
  }
  /** Call it when all texts were added. */
  finish(): void {
    this.#all.two.forEach((n, cell) => (this.#after[Math.floor(cell / CLASSES)]! += n))
    this.#all.three.forEach((n, cell) => (this.#after2[Math.floor(cell / CLASSES)]! += n))
  }
  /** True if the model has read enough letters to measure texts. */
  get isReady(): boolean {
    return this.#letters >= MIN_LETTERS
  }
  /** The measures of a text that was added. */
  measure(text: string): Measures {
    if (this.#cells.length < text.length) this.#cells = new Int32Array(text.length * 2)
    let n = 0
    let foreign = 0
    let different = 0
    walk(text, (cell, letter) => {
      this.#cells[n++] = cell
      if (letter === FOREIGN) foreign++
      if (this.#own.three[cell] === 0) different++
      this.#own.add(cell, 1)
    })
    let bits = 0
    let letters = 0
    for (let i = 0; i < n; i++) {
      const letter = this.#cells[i]! % CLASSES
      if (letter === FOREIGN) continue
      bits += this.#bits(this.#cells[i]!)
      if (letter !== BETWEEN) letters++
    }
    for (let i = 0; i < n; i++) this.#own.add(this.#cells[i]!, -1)
    const signs = text.length - (text.match(/\s/g)?.length ?? 0)
    return {
      letters,
      signs,
      surprise: n === foreign ? 0 : bits / (n - foreign),
      letterShare: signs === 0 ? 1 : (letters + foreign) / signs,
      variety: n === 0 ? 1 : different / Math.min(n, 400),
    }
  }
  #bits(cell: number): number {
    const [all, own] = [this.#all, this.#own]
    const pair = cell % CLASSES ** 2
    const before = Math.floor(pair / CLASSES)
    const before2 = Math.floor(cell / CLASSES)
    const p1 = (others(all.one, own.one, cell % CLASSES) + 1) / (this.#letters + CLASSES)
    // how often a letter was followed is nearly its count
    const p2 = (others(all.two, own.two, pair) + WEIGHT * p1) / (Math.max(0, this.#after[before]! - own.one[before]!) + WEIGHT)
    const p3 = (others(all.three, own.three, cell) + WEIGHT * p2) / (Math.max(0, this.#after2[before2]! - own.two[before2]!) + WEIGHT)
    return -Math.log2(Math.min(1, p3))
  }
}
export interface Measures {
  /** Latin letters. */
  readonly letters: number
  /** All characters but white space. */
  readonly signs: number
  /** Bits per Latin letter, including the gaps between words. */
  readonly surprise: number
  /** Share of letters of any script among all characters but white space. */
  readonly letterShare: number
  /** Distinct trigrams of a text as a share of its length (of 400 letters at most): low if it repeats itself. */
  readonly variety: number
}
