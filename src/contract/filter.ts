/**
 * The filter language: text that selects movies, such as `genre:Horror -genre:Thriller p(Comedy)>0.4 year<1960`. docs/filters.md has the
 * grammar and all terms. This file knows the syntax; names of genres, columns and people are looked up in the engine.
 */
import { z } from 'zod'
import { BUCKETS } from './records.ts'
import { UserError } from './errors.ts'

/** Characters of a filter. */
export const MAX_CHARACTERS = 4000
/** Parentheses and negations inside one another. */
const MAX_DEPTH = 50

/** Half-open range of the filter's text, in UTF-16 code units. */
export interface Place {
  readonly from: number
  readonly to: number
}
export interface Word extends Place {
  readonly text: string
  /** True for text in quotation marks where that makes a difference: exact words, one after the other. */
  readonly exact: boolean
}
export type Operator = ':' | '=' | '<' | '<=' | '>' | '>='
export interface Term extends Place {
  readonly t: 'term'
  /** A keyword of {@link FIELDS}; `text` for a word without a keyword; `column` for any other name. */
  readonly field: Field | 'column'
  /** The genre in parentheses, or the name of the column. */
  readonly of: Word | null
  readonly operator: Operator
  /** `*` without quotation marks: any value. */
  readonly value: Word
  /** The end of a range, included. */
  readonly upTo: Word | null
}
export interface Not extends Place {
  readonly t: 'not'
  readonly node: Node
}
export interface Group extends Place {
  readonly t: 'and' | 'or'
  /** At least two; none is a group of the same kind. */
  readonly nodes: readonly Node[]
}
export type Node = Term | Not | Group

/** The type of the value that a field is compared with: a list holds the possible words. */
type Kind = 'genre' | 'words' | 'number' | 'date' | 'name' | 'runs' | 'outline' | readonly string[]
interface FieldSpec {
  readonly kind: Kind
  /** Whether a genre follows in parentheses. */
  readonly of?: 'genre' | 'genre or nothing'
  /** `*` asks whether there is a value. */
  readonly any?: true
}
const KINDS = ['missing', 'spurious', 'swapped'] as const
const YES_NO = ['yes', 'no'] as const
/** The keywords of the language. */
export const FIELDS = {
  genre: { kind: 'genre' },
  predicted: { kind: 'genre' },
  suspected: { kind: 'genre' },
  /** The movie has the genre, or a prediction or a verdict is about it. */
  about: { kind: 'genre' },
  good: { kind: 'genre' },
  bad: { kind: 'genre' },
  impossible: { kind: 'genre' },
  missing: { kind: 'genre' },
  spurious: { kind: 'genre' },
  swapped: { kind: 'genre' },
  bucket: { kind: BUCKETS },
  kind: { kind: KINDS },
  p: { kind: 'number', of: 'genre' },
  pwrong: { kind: 'number', of: 'genre or nothing' },
  /** Its labels break a rule of the codebook about the genre. */
  breaks: { kind: 'genre', any: true },
  /** The genre was decided before its entry of the codebook got its meaning. */
  outdated: { kind: 'genre', any: true },
  split: { kind: ['train', 'valid', 'test'] },
  reviewed: { kind: YES_NO },
  skipped: { kind: YES_NO },
  flagged: { kind: YES_NO },
  /** People decided a genre differently, and nobody has settled it. */
  disputed: { kind: YES_NO },
  /** Decisions gave the movie other genres than cleaning did. */
  changed: { kind: YES_NO },
  verdict: { kind: ['keep', 'impossible'], of: 'genre or nothing', any: true },
  note: { kind: 'words', any: true },
  who: { kind: 'name', any: true },
  when: { kind: 'date', any: true },
  /** Somebody was asked to decide it. */
  assigned: { kind: 'name', any: true },
  /** It is assigned to a person who has not decided all of its genres. */
  todo: { kind: 'name' },
  text: { kind: 'words' },
  title: { kind: 'words' },
  plot: { kind: 'words' },
  id: { kind: 'name' },
  /** Words of the plot. */
  length: { kind: 'number' },
  /** Number of genres. */
  genres: { kind: 'number' },
  /** Number of predicted genres. */
  predictions: { kind: 'number' },
  duplicates: { kind: YES_NO },
  /** A run that predicts the movie otherwise than the current one, or two runs that differ: `3`, `2..3`. */
  run: { kind: 'runs', of: 'genre or nothing' },
  /** On the map, inside two corners or an outline of at least three: `0,0,2500,2500`. */
  map: { kind: 'outline' },
  /** In an area of the map, by its number. */
  area: { kind: 'name' },
  /** A saved filter. */
  slice: { kind: 'name' },
} as const satisfies Readonly<Record<string, FieldSpec>>
export type Field = keyof typeof FIELDS
const specOf = (field: Field): FieldSpec => FIELDS[field]
const isField = (name: string): name is Field => Object.hasOwn(FIELDS, name)

/** The problem of a filter, and its place. Its `details` are a {@link Place} and the problem without the place. */
export class FilterError extends UserError {
  constructor(problem: string, { from, to }: Place, text = '') {
    const piece = text.slice(from, to)
    const where = `character ${from + 1}${piece === '' || piece.length > 60 ? '' : ` (${piece})`}`
    super('bad-filter', `The filter is wrong at ${where}: ${problem}`, { from, to, problem })
  }
}
/** The `details` of a {@link FilterError}. */
export const FILTER_PROBLEM = z.object({ from: z.number(), to: z.number(), problem: z.string() })

/** Changes of one letter that turn one word into the other; adjacent letters may swap (Damerau, 1964). */
function distance(a: string, b: string): number {
  const of = (row: readonly number[], j: number): number => row[j] ?? Infinity
  let [older, old]: [readonly number[], readonly number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? of(older, j - 2) + 1 : Infinity
      row.push(Math.min(of(old, j) + 1, of(row, j - 1) + 1, of(old, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1), swapped))
    }
    ;[older, old] = [old, row]
  }
  return of(old, b.length)
}
/** `: did you mean Horror?`, or all names if there are few, or nothing. */
export function suggestion(wanted: string, names: readonly string[]): string {
  const short = wanted.slice(0, 40).toLowerCase()
  const near = names.map((name) => ({ name, far: distance(short, name.slice(0, 40).toLowerCase()) })).sort((a, b) => a.far - b.far)[0]
  if (near && near.far <= Math.max(1, Math.floor(short.length / 3))) return `: did you mean ${near.name}?`
  return names.length <= 10 ? `: write ${names.join(', ')}` : ''
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i
/** One run, or two. */
const RUNS = /^[1-9]\d{0,8}(?:\.\.[1-9]\d{0,8})?$/
/** Two numbers for each corner. */
const OUTLINE = /^\d{1,5},\d{1,5}(?:,\d{1,5},\d{1,5})+$/
const DATE = /^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/
const EXAMPLES = {
  genre: 'Horror',
  words: 'wolf',
  number: '0.5',
  date: '2026-11-01',
  name: 'anna',
  runs: '2..3',
  outline: '0,0,5000,5000',
} as const
/** A value that the field can be compared with. Numbers of a genre are probabilities, others count. */
function exampleOf(field: Field): string {
  const { kind, of } = specOf(field)
  if (kind === 'number' && !of) return '3'
  return typeof kind === 'string' ? EXAMPLES[kind] : (kind[0] ?? '')
}

/** Reads a filter; null: it has no condition. @throws FilterError */
export function parseFilter(text: string): Node | null {
  return new Parser(text).filter()
}

const SPACE = /\s*/y
const CONJUNCTION = /(AND|OR|NOT)(?=[\s()]|$)/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy
const NAME = /[^\s"()<>=:]+/y
const VALUE = /[^\s"()]+/y
const COLON = /:/y
const COMPARISON = /\s*(<=|>=|<|>|=)\s*/y

class Parser {
  readonly #text: string
  #at = 0
  #depth = 0
  constructor(text: string) {
    this.#text = text
  }
  filter(): Node | null {
    if (this.#text.length > MAX_CHARACTERS)
      this.#fail(`it is longer than ${MAX_CHARACTERS} characters: use fewer terms`, MAX_CHARACTERS, MAX_CHARACTERS)
    this.#take(SPACE)
    if (this.#at === this.#text.length) return null
    const node = this.#or()
    if (this.#at < this.#text.length) this.#fail('no parenthesis is open here: remove this one', this.#at, this.#at + 1)
    return node
  }
  #fail(problem: string, from: number, to: number): never {
    throw new FilterError(problem, { from, to }, this.#text)
  }
  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match) this.#at += match[0].length
    return match
  }
  #takeWord(word: string): boolean {
    const before = this.#at
    if (this.#take(CONJUNCTION)?.[1] === word) {
      this.#take(SPACE)
      return true
    }
    this.#at = before
    return false
  }
  #or(): Node {
    const nodes = [this.#and()]
    while (this.#takeWord('OR')) nodes.push(this.#and())
    return grouped('or', nodes)
  }
  #and(): Node {
    const nodes = [this.#not()]
    for (;;) {
      const joined = this.#takeWord('AND')
      CONJUNCTION.lastIndex = this.#at
      const ends = this.#at === this.#text.length || this.#text[this.#at] === ')' || CONJUNCTION.exec(this.#text)?.[1] === 'OR'
      if (ends && !joined) return grouped('and', nodes)
      nodes.push(this.#not())
    }
  }
  #not(): Node {
    const from = this.#at
    if (++this.#depth > MAX_DEPTH) this.#fail(`more than ${MAX_DEPTH} parentheses and negations are open: write it flatter`, from, from + 1)
    const minus = this.#text[from] === '-' && /\S/.test(this.#text[from + 1] ?? '')
    if (minus) this.#at++
    const node = minus || this.#takeWord('NOT') ? this.#negated(from) : this.#primary()
    this.#depth--
    this.#take(SPACE)
    return node
  }
  #negated(from: number): Node {
    const node = this.#not()
    return { t: 'not', node, from, to: node.to }
  }
  #primary(): Node {
    const from = this.#at
    CONJUNCTION.lastIndex = from
    const conjunction = CONJUNCTION.exec(this.#text)?.[1]
    if (conjunction)
      this.#fail(
        `${conjunction} stands between two conditions; for the word itself write "${conjunction}"`,
        from,
        from + conjunction.length,
      )
    if (this.#text[from] !== '(') return this.#term()
    this.#at++
    this.#take(SPACE)
    const node = this.#or()
    if (this.#text[this.#at] !== ')') this.#fail('this parenthesis is not closed: add )', from, from + 1)
    this.#at++
    return node
  }
  /** Text in quotation marks, or what the pattern takes. */
  #word(pattern: RegExp): Word | null {
    const from = this.#at
    if (this.#text[from] === '"') {
      const inside = this.#take(QUOTED)?.[1]
      if (inside === undefined) this.#fail('the quotation mark is not closed: add "', from, this.#text.length)
      return { text: inside.replaceAll(/\\(.)/gs, '$1'), exact: true, from, to: this.#at }
    }
    const text = this.#take(pattern)?.[0]
    return text === undefined ? null : { text, exact: false, from, to: this.#at }
  }
  #term(): Term {
    const from = this.#at
    const name = this.#word(NAME)
    if (!name)
      this.#fail('a condition is expected here, such as genre:Horror or a word of the plot', from, Math.min(from + 1, this.#text.length))
    const keyword = name.text.toLowerCase()
    const known = !name.exact && isField(keyword)
    const argument = !name.exact && this.#text[this.#at] === '(' ? this.#argument(name) : null
    if (argument && !known && keyword !== 'column')
      this.#fail(`nothing stands in parentheses after ${name.text}: write a space before a group`, from, name.to)
    const operator = (this.#take(COLON)?.[0] ?? this.#take(COMPARISON)?.[1]) as Operator | undefined
    if (operator === undefined && argument) this.#fail('a comparison is missing here, such as >0.5', this.#at, this.#at)
    if (operator === undefined)
      return this.#checked({ t: 'term', field: 'text', of: null, operator: ':', value: name, upTo: null, from, to: name.to })
    const value = this.#word(VALUE)
    if (!value) {
      const example = known ? exampleOf(keyword) : '2010'
      this.#fail(`a value is missing after ${name.text}${operator}, such as ${example}`, this.#at, this.#at)
    }
    const about = { t: 'term' as const, operator, ...rangeOf(value, operator), from, to: this.#at }
    if (known) return this.#checked({ ...about, field: keyword, of: argument })
    return { ...about, field: 'column', of: argument ?? { ...name, exact: false } }
  }
  #argument({ text }: Word): Word {
    const open = this.#at++
    this.#take(SPACE)
    const word = this.#word(/[^"()]+/y)
    this.#take(SPACE)
    if (!word?.text.trim() || this.#text[this.#at] !== ')')
      this.#fail(`write one name in parentheses after ${text}, such as ${text}(Horror)>0.5`, open, this.#at)
    this.#at++
    return { ...word, text: word.text.trim(), exact: false }
  }
  /** @throws FilterError if the operator or the value does not suit the field */
  #checked(term: Term & { readonly field: Field }): Term {
    const { field, of, operator, value, upTo } = term
    const { kind, of: takes, any } = specOf(field)
    const values = upTo ? [value, upTo] : [value]
    if (of && !takes) this.#fail(`${field} takes nothing in parentheses: write ${field}:${exampleOf(field)}`, of.from, of.to)
    if (!of && takes === 'genre') this.#fail(`say which genre: ${field}(Horror)>0.5`, term.from, term.to)
    const isOrdered = kind === 'number' || kind === 'date'
    if (!isOrdered && operator !== ':' && operator !== '=')
      this.#fail(`${field} has no order: write ${field}:${exampleOf(field)}`, term.from, term.to)
    if (!isOrdered && upTo)
      return this.#checked({ ...term, value: { ...value, text: `${value.text}..${upTo.text}`, to: upTo.to }, upTo: null })
    const isAny = isAnyValue(value) && any && upTo === null && (operator === ':' || operator === '=')
    const same = { ...term, operator: isOrdered ? operator : (':' as const) }
    if (isAny) return same
    for (const { text, from, to } of values) {
      if (kind === 'number' && !NUMBER.test(text))
        this.#fail(`${field} is compared with a number, such as ${field}${of ? `(${of.text})` : ''}>${exampleOf(field)}`, from, to)
      if (kind === 'date' && !DATE.test(text))
        this.#fail(`${field} is compared with a date, such as ${field}>2026-11-01 or ${field}:2026`, from, to)
      if (kind === 'runs' && !RUNS.test(text)) this.#fail('run is a number of a run, or two of them, such as run:3 or run:2..3', from, to)
      if (kind === 'words' && !/[\p{L}\p{N}]/u.test(text)) this.#fail('it holds no letter and no digit to search for', from, to)
      if (kind === 'outline' && !OUTLINE.test(text))
        this.#fail('map is two corners or an outline, as numbers from 0 to 10000 with commas, such as map:0,0,5000,5000', from, to)
      if (typeof kind !== 'string' && !kind.includes(text.toLowerCase()))
        this.#fail(`${field} is never ${text || 'empty'}${suggestion(text, kind)}`, from, to)
    }
    const plain = ({ text, ...place }: Word): Word => ({
      ...place,
      text: typeof kind === 'string' ? text : text.toLowerCase(),
      exact: text === '*',
    })
    return kind === 'words' ? same : { ...same, value: plain(value), upTo: upTo && plain(upTo) }
  }
}

/** `1950..1959` as two words. */
function rangeOf(value: Word, operator: Operator): Pick<Term, 'value' | 'upTo'> {
  const at = value.exact || (operator !== ':' && operator !== '=') ? -1 : value.text.indexOf('..')
  if (at < 1 || at + 2 === value.text.length) return { value, upTo: null }
  const cut = (from: number, to: number): Word => ({
    text: value.text.slice(from, to),
    exact: false,
    from: value.from + from,
    to: value.from + to,
  })
  return { value: cut(0, at), upTo: cut(at + 2, value.text.length) }
}
/** True for `*`, which stands for any value. */
export const isAnyValue = ({ text, exact }: Word): boolean => text === '*' && !exact

/** A group of nodes; groups of the same kind inside it become part of it. */
function grouped(t: Group['t'], nodes: readonly Node[]): Node {
  const flat = nodes.flatMap((node) => (node.t === t ? node.nodes : [node]))
  const [first] = flat
  const last = flat.at(-1)
  if (!first || !last) throw new Error('a group of nothing')
  return flat.length === 1 ? first : { t, nodes: flat, from: first.from, to: last.to }
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
const isWhole = (text: string, pattern: RegExp): boolean => {
  pattern.lastIndex = 0
  return pattern.exec(text)?.[0].length === text.length
}
/** A value as a filter writes it. */
export const valueText = (text: string): string => (isWhole(text, VALUE) ? text : quoted(text))
const writtenWord = ({ text, exact }: Word): string => (exact ? quoted(text) : valueText(text))
/** True for text that is one word at the beginning of a term. */
const isPlain = (text: string): boolean => isWhole(text, NAME) && !/^(?:-.*|AND|OR|NOT)$/s.test(text)
function headOf({ field, of }: Term): string {
  if (!of) return field
  if (field !== 'column') return `${field}(${/["()]/.test(of.text) ? quoted(of.text) : of.text})`
  return quoteIfNeeded(of.text)
}

/** The canonical text of a filter; {@link parseFilter} reads it as the same filter. */
export function printFilter(node: Node | null): string {
  if (node === null) return ''
  const inside = (part: Node): string => ('nodes' in part ? `(${printFilter(part)})` : printFilter(part))
  if ('nodes' in node) return node.nodes.map(inside).join(node.t === 'or' ? ' OR ' : ' ')
  if (node.t === 'not') return `-${inside(node.node)}`
  const { field, operator, value, upTo } = node
  if (field === 'text' && (value.exact || isPlain(value.text))) return writtenWord(value)
  return `${headOf(node)}${operator}${writtenWord(value)}${upTo ? `..${writtenWord(upTo)}` : ''}`
}

/** The parts of a filter that all hold: chips of the window. */
export const partsOf = (node: Node | null): readonly Node[] => (node === null ? [] : node.t === 'and' ? node.nodes : [node])
/** The name of a column as a filter writes it. */
export const quoteIfNeeded = (text: string): string => (isPlain(text) && !isField(text.toLowerCase()) ? text : quoted(text))
/** The filter of which all these hold. */
export const allOf = (nodes: readonly Node[]): Node | null => (nodes.length === 0 ? null : grouped('and', nodes))
/** A term about a genre as text: `genre:"Science Fiction"`. */
export const genreTerm = (field: Field, genre: string): string => `${field}:${valueText(genre)}`
/** The term of the movies for which two runs differ, in one genre or in any. */
export const runsTerm = (a: number, b: number, genre?: string): string =>
  printFilter({ t: 'term', field: 'run', of: genre === undefined ? null : word(genre), operator: ':', value: word(`${a}..${b}`), upTo: null, from: 0, to: 0 }) // prettier-ignore
const word = (text: string): Word => ({ text, exact: false, from: 0, to: 0 })
/** The genre that a term names, as it is written; null if it names none. */
const genreOf = ({ field, of, value }: Term): string | null =>
  field === 'column' ? null : specOf(field).kind !== 'genre' ? (of?.text ?? null) : isAnyValue(value) ? null : value.text
/**
 * The genre that a filter is about: the first one that a part names which is not negated. The list's buckets and its order by probability
 * are those of this genre's cells.
 */
export const genreAbout = (node: Node | null): string | null =>
  partsOf(node).reduce<string | null>((found, part) => found ?? (part.t === 'term' ? genreOf(part) : null), null)
