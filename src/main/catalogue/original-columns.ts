/** The original columns of the imported files, as values that a filter compares. */
import { isAnyValue, type Operator, type Word } from '../../contract/filter.ts'
import type { ColumnType, OriginalColumn } from '../../contract/review.ts'
import { toTheEnd } from '../analysis/steps.ts'
import { recordCells } from '../data/import/files/tables.ts'
import { fold } from '../store/search/matcher.ts'
import type { SourceFile } from '../store/sources.ts'
import type { Store } from '../store/store.ts'
import { Bits } from './bits.ts'
import type { Catalogue } from './catalogue.ts'

/** Runs work in steps, between other calls. */
export type RunSteps = <T>(steps: Generator<undefined, T>) => Promise<T>
/** Columns in memory, 8 bytes for each movie at most: 64 MB at 1,000,000 movies. */
const KEPT = 8
/** Records that tell a column's type, evenly spread over a file. */
const SAMPLE = 1000
/** Share of the cells with a value that must be numbers, or dates. */
const NEARLY_ALL = 0.95
/** A column is a category if its values occur so often on average. */
const REPEATED = 5
/** Values of a category that are offered. */
const OFFERED = 100
/** Records or plots that are read in one step. */
const STEP = 200

/** A column in memory; code 0 is an empty cell. */
type Values =
  | { readonly t: 'numbers'; readonly values: Float64Array }
  | { readonly t: 'codes'; readonly codes: Uint32Array; readonly labels: readonly string[] }

const NUMBER = /^(?=.*\d)[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:e[-+]?\d+)?$/i
const ISO = /^(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ].*)?$/
const MONTH_IN_WORDS = /^(?=.*\b\d{4}$)(?:\d{1,2} )?[A-Za-z]{3,9}\.? (?:\d{1,2},? )?\d{4}$/
const numberOf = (text: string): number => (NUMBER.test(text) ? Number(text.replaceAll(',', '')) : NaN)
/** Milliseconds since 1970 of `2010-05-21` or `May 21, 2010`, in UTC; dates in digits only with the year first, because others are ambiguous. */
function dateOf(text: string): number {
  const [, year, month, day = '1'] = ISO.exec(text) ?? []
  if (year !== undefined) return Date.UTC(Number(year), Number(month) - 1, Number(day))
  return MONTH_IN_WORDS.test(text) ? Date.parse(`${text} UTC`) : NaN
}
const READ: Readonly<Record<'number' | 'date', (text: string) => number>> = { number: numberOf, date: dateOf }

/** The type of a column by some of its cells, and the values of a category, the most frequent first. */
export function typeOf(cells: readonly string[]): Omit<OriginalColumn, 'name'> {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  const counts = new Map<string, number>()
  for (const cell of filled) counts.set(cell, (counts.get(cell) ?? 0) + 1)
  const type = (['number', 'date'] as const).find(
    (type) => filled.length > 0 && filled.filter((cell) => !Number.isNaN(READ[type](cell))).length >= NEARLY_ALL * filled.length,
  )
  if (type) return { type, values: [] }
  if (counts.size * REPEATED > filled.length) return { type: 'text', values: [] }
  const values = [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value)
  return { type: 'category', values: values.slice(0, OFFERED) }
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

/** A comparison of numbers, or of dates in milliseconds. A missing value (NaN) never matches. */
export function comparison(operator: Operator, value: Word, upTo: Word | null, isDate: boolean): (x: number) => boolean {
  if (isAnyValue(value)) return (x) => !Number.isNaN(x)
  const range = (word: Word): readonly [number, number] => (isDate ? spanOf(word.text) : [numberOf(word.text), numberOf(word.text)])
  const [from, to] = range(value)
  const [, last] = upTo ? range(upTo) : [from, to]
  // a date ends before the first moment of the next one
  const within = isDate ? (x: number): boolean => x < last : (x: number): boolean => x <= last
  switch (operator) {
    case '<':
      return (x) => x < from
    case '<=':
      return within
    case '>':
      return isDate ? (x) => x >= to : (x) => x > to
    case '>=':
      return (x) => x >= from
    default:
      return (x) => x >= from && within(x)
  }
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
  #list: readonly OriginalColumn[] | null = null
  constructor(store: Store, catalogue: Catalogue, run: RunSteps = (steps) => Promise.resolve(toTheEnd(steps))) {
    this.#store = store
    this.#catalogue = catalogue
    this.#run = run
  }
  /** All columns of the current files, with types by a sample of their cells. */
  list(): readonly OriginalColumn[] {
    if (this.#list) return this.#list
    const cells = new Map<string, string[]>()
    for (const file of this.#store.sources.currentFiles()) {
      const rows = this.#store.sources.sample(file.id, SAMPLE).map((raw) => recordCells(raw, file))
      file.columns.forEach((name, i) => cells.set(name, [...(cells.get(name) ?? []), ...rows.map((row) => row[i] ?? '')]))
    }
    return (this.#list = [...cells].filter(([name]) => name !== '').map(([name, values]) => ({ name, ...typeOf(values) })))
  }
  /** The column of a name: as it is written, else in any case. */
  named(name: string): OriginalColumn | undefined {
    return this.list().find((column) => column.name === name) ?? this.list().find((column) => plainName(column.name) === plainName(name))
  }
  /** What is compared with a column must suit its type. Returns the problem, or null. */
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
  test(column: OriginalColumn, operator: Operator, value: Word, upTo: Word | null): ((row: number) => boolean) | undefined {
    const held = this.#kept.get(keyOf(column, operator, value))
    if (!held) return undefined
    if (held instanceof Bits) return (row) => held.has(row)
    if (held.t === 'numbers') {
      const matches = comparison(operator, value, upTo, column.type === 'date')
      return (row) => matches(held.values[row]!)
    }
    const matches = textTest(column.type, operator, value)
    const right = Uint8Array.from(held.labels, (label) => (matches(label) ? 1 : 0))
    return (row) => right[held.codes[row]!] === 1
  }
  /** Reads a column; of a text only which rows match. */
  load(column: OriginalColumn, operator: Operator, value: Word): Promise<void> {
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
  *#read({ name, type }: OriginalColumn, operator: Operator, value: Word): Generator<undefined, Values | Bits> {
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
    yield* this.#each(name, (row, cell) => (values[row] = READ[type](cell)))
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
    const { n, ids } = this.#catalogue
    const values = new Float64Array(n)
    for (let row = 0; row < n; row++) {
      values[row] = this.#store.movies.text(ids[row]!)?.plot.match(/\S+/g)?.length ?? 0
      if (row % STEP === 0) yield
    }
    return { t: 'numbers', values }
  }
}

/** No column has this key. */
const LENGTHS = 'length'
/** Columns of text are not kept: only which rows match. */
const keyOf = ({ name, type }: OriginalColumn, operator: Operator, value: Word): string =>
  type === 'text' ? `text ${JSON.stringify([name, operator, isAnyValue(value), value.text])}` : `column ${name}`

function textTest(type: ColumnType, operator: Operator, value: Word): (cell: string) => boolean {
  const wanted = fold(value.text)
  if (isAnyValue(value)) return (cell) => cell !== ''
  return type === 'text' && operator === ':' ? (cell) => fold(cell).includes(wanted) : (cell) => fold(cell) === wanted
}
