/** The original columns of the imported files, as values that a filter compares. */
import { isAnyValue, type Operator, type Word } from '../../contract/filter.ts'
import type { ColumnType, OriginalColumn } from '../../contract/review.ts'
import { runToEnd } from '../analysis/steps.ts'
import { recordCells } from '../data/import/files/tables.ts'
import { fold } from '../store/search/matcher.ts'
import type { SourceFile } from '../store/sources.ts'
import type { Store } from '../store/store.ts'
import { Bits, type Range, type RowTest } from './bits.ts'
import type { Catalogue } from './catalogue.ts'

/** Runs steps, between which other calls are handled. */
export type RunSteps = <T>(steps: Generator<undefined, T>) => Promise<T>
export const WITHOUT_PAUSE: RunSteps = (steps) => Promise.resolve(runToEnd(steps))
/** Number of columns in memory, each of at most 8 bytes per movie: 64 MB at 1,000,000 movies. */
const KEPT = 8
/** Number of records, evenly spread over a file, by which a column's type is detected. */
const SAMPLE = 1000
/** Share of the cells with a value that must be numbers, or dates. */
const MIN_TYPED_SHARE = 0.95
/** A column is a category if its values occur so often on average. */
const REPEATED = 5
/** Number of a category's values that the filter field offers. */
const OFFERED = 100
/** Records or plots that are read in one step. */
const STEP = 200

/** A column of the files. */
export type Column = OriginalColumn & Detected

/** A column in memory; code 0 is an empty cell. */
type Values =
  | { readonly t: 'numbers'; readonly values: Float64Array }
  | { readonly t: 'codes'; readonly codes: Uint32Array; readonly labels: readonly string[] }

const NUMBER = /^(?=.*\d)[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:e[-+]?\d+)?$/i
const ISO = /^(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ].*)?$/
const SHORT = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})$/
const MONTH_IN_WORDS = /^(?=.*\b\d{4}$)(?:\d{1,2} )?[A-Za-z]{3,9}\.? (?:\d{1,2},? )?\d{4}$/
const numberOf = (text: string): number => (NUMBER.test(text) ? Number(text.replaceAll(',', '')) : NaN)
/** A year of two digits is one of the hundred years that end with the next one. */
function fullYear(digits: string): number {
  const latest = new Date().getUTCFullYear() + 1
  return digits.length === 4 ? Number(digits) : latest - ((((latest - Number(digits)) % 100) + 100) % 100)
}
/** Milliseconds since 1970, in UTC, of `2010-05-21`, `May 21, 2010`, or `5/21/10` (21/5/10 if the day is first); NaN for other texts. */
const dateOf =
  (dayFirst: boolean) =>
  (text: string): number => {
    const [, first, second, short] = SHORT.exec(text) ?? []
    const [day = '1', month, year] =
      short === undefined ? (ISO.exec(text) ?? []).slice(1).reverse().slice(-3) : dayFirst ? [first, second, short] : [second, first, short]
    if (year === undefined) return MONTH_IN_WORDS.test(text) ? Date.parse(`${text} UTC`) : NaN
    const [d, m] = [Number(day), Number(month)]
    return m >= 1 && m <= 12 && d >= 1 && d <= 31 ? Date.UTC(fullYear(year), m - 1, d) : NaN
  }
/** How cells of numbers and dates are read; the first that reads nearly all of them is used. */
const READERS: readonly { readonly type: 'number' | 'date'; readonly read: (text: string) => number }[] = [
  { type: 'number', read: numberOf },
  { type: 'date', read: dateOf(false) },
  { type: 'date', read: dateOf(true) },
]
interface Detected extends Omit<OriginalColumn, 'name'> {
  /** The number of a cell; NaN for one that has none, and in other types. */
  readonly read: (text: string) => number
}

/** The type of a column by some of its cells, and the values of a category, the most frequent first. */
export function typeOf(cells: readonly string[]): Detected {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  const counts = new Map<string, number>()
  for (const cell of filled) counts.set(cell, (counts.get(cell) ?? 0) + 1)
  const share = (read: (text: string) => number): number => filled.filter((cell) => !Number.isNaN(read(cell))).length / filled.length
  const reader = READERS.map((reader) => ({ ...reader, share: share(reader.read) })).sort((a, b) => b.share - a.share)[0]
  if (reader && reader.share >= MIN_TYPED_SHARE) return { type: reader.type, values: [], read: reader.read }
  const read = (): number => NaN
  if (counts.size * REPEATED > filled.length) return { type: 'text', values: [], read }
  const values = [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value)
  return { type: 'category', values: values.slice(0, OFFERED), read }
}

/** The first value and the value after the last one of a date such as `2010`, `2010-05` or `2010-05-21`. */
function spanOf(text: string): readonly [from: number, to: number] {
  const [year = 0, month, day] = text.split('-').map(Number)
  const begin = (y: number, m: number, d: number): number => Date.UTC(y, m, d)
  if (month === undefined) return [begin(year, 0, 1), begin(year + 1, 0, 1)]
  return day === undefined
    ? [begin(year, month - 1, 1), begin(year, month, 1)]
    : [begin(year, month - 1, day), begin(year, month - 1, day + 1)]
}

/** The next number above, so that `x > a` is `x >= above(a)`. */
function above(x: number): number {
  if (!Number.isFinite(x)) return x
  const [float, bits] = [new Float64Array([x === 0 ? 0 : x]), new BigInt64Array(1)]
  const view = new BigInt64Array(float.buffer)
  bits[0] = x >= 0 ? view[0]! + 1n : view[0]! - 1n
  return new Float64Array(bits.buffer)[0]!
}
const below = (x: number): number => -above(-x)

/** The numbers, or dates in milliseconds, that a comparison accepts: both ends included. A missing value (NaN) is in no range. */
export function comparison(operator: Operator, value: Word, upTo: Word | null, isDate: boolean): Range {
  if (isAnyValue(value)) return [-Infinity, Infinity]
  // a date ends before the first moment of the next one
  const range = ({ text }: Word): Range => {
    if (!isDate) return [numberOf(text), numberOf(text)]
    const [from, to] = spanOf(text)
    return [from, below(to)]
  }
  const [from, to] = range(value)
  if (operator === '<') return [-Infinity, below(from)]
  if (operator === '<=') return [-Infinity, to]
  if (operator === '>') return [above(to), Infinity]
  if (operator === '>=') return [from, Infinity]
  return [from, upTo ? range(upTo)[1] : to]
}

/** Names as they are compared: `Release_Date` is `release date`. */
const plainName = (name: string): string => fold(name).replace(/[\s_]+/g, ' ')

/** Reads original columns when a filter first names them, in steps, and keeps the last ones in memory. */
export class OriginalColumns {
  readonly #store
  readonly #catalogue
  readonly #run
  readonly #kept = new Map<string, Values | Bits>()
  readonly #underWay = new Map<string, Promise<void>>()
  #list: readonly Column[] | null = null
  constructor(store: Store, catalogue: Catalogue, run: RunSteps = WITHOUT_PAUSE) {
    this.#store = store
    this.#catalogue = catalogue
    this.#run = run
  }
  /** All columns of the current files, with types by a sample of their cells. */
  list(): readonly Column[] {
    if (this.#list) return this.#list
    const cells = new Map<string, string[]>()
    for (const file of this.#store.sources.currentFiles()) {
      const rows = this.#store.sources.sample(file.id, SAMPLE).map((raw) => recordCells(raw, file))
      file.columns.forEach((name, i) => cells.set(name, [...(cells.get(name) ?? []), ...rows.map((row) => row[i] ?? '')]))
    }
    return (this.#list = [...cells].filter(([name]) => name !== '').map(([name, values]) => ({ name, ...typeOf(values) })))
  }
  /** The column of a name: as it is written, else in any case. Without a column `year`, that is the year of the first date. */
  named(name: string): Column | undefined {
    const [all, plain] = [this.list(), plainName(name)]
    const found = all.find((column) => column.name === name) ?? all.find((column) => plainName(column.name) === plain)
    return found ?? (plain === 'year' ? all.find(({ type }) => type === 'date') : undefined)
  }
  /** The value that is compared with a column must suit its type. Returns the problem, or null. */
  problem({ name, type, values }: OriginalColumn, operator: Operator, given: readonly Word[]): string | null {
    const [first] = given
    if (first && isAnyValue(first) && given.length === 1)
      return operator === ':' || operator === '=' ? null : `write ${name}:* for any value`
    const wrong = given.find(({ text }) =>
      type === 'number' ? Number.isNaN(numberOf(text)) : type === 'date' && !/^\d{4}(-\d\d){0,2}$/.test(text),
    )
    if (wrong && type === 'number') return `${name} holds numbers: compare it with one, such as ${name}>5`
    if (wrong) return `${name} holds dates: compare it with one, such as ${name}>2010 or ${name}:2010-05-21`
    if (type === 'number' || type === 'date' || (given.length === 1 && (operator === ':' || operator === '='))) return null
    return `${name} holds words, which have no order: write ${name}:${values[0] ?? 'word'}`
  }
  /**
   * The test of a row; undefined while the column is not in memory: see {@link load}. Categories are compared as a whole, texts by whether
   * they contain the value (with `=`: are it), both without case and accents.
   */
  test(column: OriginalColumn, operator: Operator, value: Word, upTo: Word | null): RowTest | Bits | undefined {
    const held = this.#kept.get(keyOf(column, operator, value))
    if (!held) return undefined
    if (held instanceof Bits) return held
    if (held.t === 'numbers') return { values: held.values, range: comparison(operator, value, upTo, column.type === 'date') }
    const matches = textTest(column.type, operator, value)
    const right = Uint8Array.from(held.labels, (label) => (matches(label) ? 1 : 0))
    return (row) => right[held.codes[row]!] === 1
  }
  /** Reads a column; of a text only which rows match. */
  load(column: Column, operator: Operator, value: Word): Promise<void> {
    return this.#once(keyOf(column, operator, value), () => this.#read(column, operator, value))
  }
  /** Words of each plot as it is cleaned; undefined before {@link loadLengths}. */
  get lengths(): Float64Array | undefined {
    const held = this.#kept.get(LENGTHS)
    return held && 't' in held && held.t === 'numbers' ? held.values : undefined
  }
  loadLengths(): Promise<void> {
    return this.#once(LENGTHS, () => this.#readLengths())
  }
  async #once(key: string, read: () => Generator<undefined, Values | Bits>): Promise<void> {
    const held = this.#kept.get(key)
    if (held) {
      this.#kept.delete(key)
      this.#kept.set(key, held)
      return
    }
    let reading = this.#underWay.get(key)
    if (!reading) {
      reading = this.#run(read())
        .then((values) => {
          const [oldest] = this.#kept.keys()
          if (this.#kept.size >= KEPT) this.#kept.delete(oldest!)
          this.#kept.set(key, values)
        })
        .finally(() => this.#underWay.delete(key))
      this.#underWay.set(key, reading)
    }
    await reading
  }
  *#read({ name, type, read }: Column, operator: Operator, value: Word): Generator<undefined, Values | Bits> {
    const { n } = this.#catalogue
    if (type === 'text') {
      const [bits, matches] = [new Bits(n), textTest(type, operator, value)]
      yield* this.#each(name, (row, cell) => bits.set(row, matches(cell)))
      return bits
    }
    if (type === 'category') {
      const [codes, places] = [new Uint32Array(n), new Map([['', 0]])]
      yield* this.#each(name, (row, cell) => {
        const place = places.get(cell) ?? places.size
        places.set(cell, place)
        codes[row] = place
      })
      return { t: 'codes', codes, labels: [...places.keys()] }
    }
    const values = new Float64Array(n).fill(NaN)
    yield* this.#each(name, (row, cell) => (values[row] = read(cell)))
    return { t: 'numbers', values }
  }
  /** The cell of every movie's first record in a file that has the column. */
  *#each(name: string, visit: (row: number, cell: string) => void): Generator<undefined, void> {
    const seen = new Bits(this.#catalogue.n)
    const files = this.#store.sources.currentFiles().filter(({ columns }) => columns.includes(name))
    for (const file of files) yield* this.#eachOf(file, file.columns.indexOf(name), seen, visit)
  }
  *#eachOf(file: SourceFile, at: number, seen: Bits, visit: (row: number, cell: string) => void): Generator<undefined, void> {
    let count = 0
    for (const { movie, raw } of this.#store.sources.records(file.id)) {
      const row = movie === null ? -1 : this.#catalogue.row(movie)
      if (row >= 0 && !seen.has(row)) {
        seen.set(row, true)
        visit(row, recordCells(raw, file)[at]?.trim() ?? '')
      }
      if (++count % STEP === 0) yield
    }
  }
  *#readLengths(): Generator<undefined, Values> {
    const values = new Float64Array(this.#catalogue.n)
    let count = 0
    for (const { id, plot } of this.#store.movies.plots()) {
      const row = this.#catalogue.row(id)
      if (row >= 0) values[row] = plot.match(/\S+/g)?.length ?? 0
      if (++count % STEP === 0) yield
    }
    return { t: 'numbers', values }
  }
}

/** Key of the cached lengths. No column has this key. */
const LENGTHS = 'length'
/** Columns of text are not kept: only which rows match. */
const keyOf = ({ name, type }: OriginalColumn, operator: Operator, value: Word): string =>
  type === 'text' ? `text ${JSON.stringify([name, operator, isAnyValue(value), value.text])}` : `column ${name}`

function textTest(type: ColumnType, operator: Operator, value: Word): (cell: string) => boolean {
  const wanted = fold(value.text)
  if (isAnyValue(value)) return (cell) => cell !== ''
  return type === 'text' && operator === ':' ? (cell) => fold(cell).includes(wanted) : (cell) => fold(cell) === wanted
}
