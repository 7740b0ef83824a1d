/** A filter's text, evaluated: the rows that it selects. */
import {
  FIELDS,
  FILTER_PROBLEM,
  FilterError,
  genreAbout,
  isAnyValue,
  parseFilter,
  suggestion,
  type Node,
  type Term,
  type Word,
} from '../../contract/filter.ts'
import { MAP_SIZE } from '../../contract/map.ts'
import { SPLITS, type Bucket, type Split } from '../../contract/records.ts'
import { VERDICT_IMPOSSIBLE, VERDICT_KEEP } from '../analysis/triage.ts'
import { genreCalled } from '../data/clean/aliases.ts'
import { fold } from '../store/search/matcher.ts'
import type { Store } from '../store/store.ts'
import { Bits, isRow, type RowTest } from './bits.ts'
import type { Catalogue } from './catalogue.ts'
import { CodebookRules, meaningSince } from './codebook.ts'
import { comparison, type OriginalColumns } from './original-columns.ts'
import type { Disputes } from './disputes.ts'
import type { Disagreements } from './disagreements.ts'
import type { MovieMap, PlacedMap } from './movie-map.ts'
import type { CellPlanes, Planes } from './planes.ts'
import type { Predictions } from './predictions.ts'
import type { Suspects } from './suspects.ts'
import type { TextSearch } from './text-search.ts'

/** Results that are kept, of the last filters. */
const KEPT = 16
/** Conditions of a filter with those of its slices: each may hold a bit for every movie. */
const MAX_CONDITIONS = 200

const unknown = (what: string, word: Word, names: readonly string[], text: string): FilterError =>
  new FilterError(`there is no ${what} ${word.text}${suggestion(word.text, names)}`, word, text)

/** One condition. */
interface Leaf {
  readonly t: 'leaf'
  /** The rows, which the caller must not change, or their test; undefined while {@link load} has to run first. */
  readonly rows: () => Bits | RowTest | undefined
  /** The test of one row that is possible before {@link load}; null: only the index of texts can tell. */
  readonly test?: () => ((row: number) => boolean) | null
  readonly load?: () => Promise<unknown>
}
type Tree = Leaf | { readonly t: 'not'; readonly tree: Tree } | { readonly t: 'and' | 'or'; readonly trees: readonly Tree[] }
const leaf = (rows: Leaf['rows'], more: Omit<Leaf, 't' | 'rows'> = {}): Leaf => ({ t: 'leaf', rows, ...more })

function setOf(n: number, rows: readonly number[]): Bits {
  const bits = new Bits(n)
  for (const row of rows) bits.set(row, true)
  return bits
}

/** Genres of a row of 0/1 cells. */
function countIn(cells: Uint8Array, row: number, k: number): number {
  let count = 0
  for (let at = row * k; at < (row + 1) * k; at++) count += cells[at]!
  return count
}

/** The data that a filter reads. */
export interface WhereParts {
  readonly store: Store
  readonly catalogue: Catalogue
  readonly planes: Planes
  readonly predictions: Predictions | null
  readonly suspects: Suspects | null
  readonly text: TextSearch
  readonly columns: OriginalColumns
  readonly disagreements: Disagreements
  readonly map: MovieMap
  readonly disputes: Disputes
}

/** A filter whose names are known. */
export class Condition {
  /** Column of the genre that the filter is about; -1: of none. */
  readonly column: number
  readonly #tree: Tree | null
  readonly #n: number
  /** Rows of what was loaded for this filter: the caches of columns and searches may be too small for all of them. */
  readonly #loaded = new Map<Leaf, Bits>()
  constructor(tree: Tree | null, n: number, column: number) {
    this.#tree = tree
    this.#n = n
    this.column = column
  }
  /** Reads what the conditions need. */
  async load(): Promise<void> {
    for (const one of leaves(this.#tree)) {
      if (!one.load) continue
      if (!this.#rowsOf(one)) await one.load()
      const rows = this.#rowsOf(one)
      if (rows) this.#loaded.set(one, rows)
    }
  }
  /** The rows; undefined while something has to be read first. The caller must not change them. */
  now(): Bits | undefined {
    return this.#evaluate(this.#tree, null)
  }
  /** Rows that may match: those for which what is known already does not say otherwise. */
  possible(): Bits {
    return this.#evaluate(this.#tree, true) ?? Bits.all(this.#n)
  }
  /** The test of one row; null if it has to wait for {@link load}. */
  test(): ((row: number) => boolean) | null {
    return this.#tree ? testOf(this.#tree) : () => true
  }
  /** @param unknown what rows of an unknown condition count as; null: the whole is unknown */
  #evaluate(tree: Tree | null, unknown: boolean | null): Bits | undefined {
    const n = this.#n
    if (tree === null) return Bits.all(n)
    if (tree.t === 'leaf') return this.#rowsOf(tree) ?? (unknown === null ? undefined : unknown ? Bits.all(n) : new Bits(n))
    if (tree.t === 'not') {
      const inner = this.#evaluate(tree.tree, unknown === null ? null : !unknown)
      return inner && Bits.all(n).andNot(inner)
    }
    let all: Bits | undefined
    for (const part of tree.trees) {
      const bits = this.#evaluate(part, unknown)
      if (!bits) return undefined
      all = all ? (tree.t === 'and' ? all.and(bits) : all.or(bits)) : bits.copy()
    }
    return all
  }
  #rowsOf(one: Leaf): Bits | undefined {
    const rows = this.#loaded.get(one) ?? one.rows()
    return rows instanceof Bits ? rows : rows && Bits.where(this.#n, rows)
  }
}
const leaves = (tree: Tree | null): Leaf[] =>
  tree === null ? [] : tree.t === 'leaf' ? [tree] : tree.t === 'not' ? leaves(tree.tree) : tree.trees.flatMap(leaves)
function testOf(tree: Tree): ((row: number) => boolean) | null {
  if (tree.t === 'leaf') {
    const rows = tree.rows()
    if (rows instanceof Bits) return (row) => rows.has(row)
    return rows ? (row) => isRow(rows, row) : (tree.test?.() ?? null)
  }
  if (tree.t === 'not') {
    const inner = testOf(tree.tree)
    return inner && ((row) => !inner(row))
  }
  const tests = tree.trees.map(testOf).filter((test) => test !== null)
  if (tests.length < tree.trees.length) return null
  return tree.t === 'and' ? (row) => tests.every((test) => test(row)) : (row) => tests.some((test) => test(row))
}

/** Looks up the names of filters, and keeps the rows of the last ones until something changes. */
export class Where {
  readonly #parts
  readonly #kept = new Map<string, Bits>()
  /** Counts the conditions of the filter that is being looked up. */
  #conditions = 0
  /** Rows with a prediction. */
  #seen: Bits | null = null
  #batches: { readonly last: number; readonly byId: ReadonlyMap<number, { readonly who: string; readonly at: number }> } | null = null
  constructor(parts: WhereParts) {
    this.#parts = parts
  }
  /** Labels, verdicts, notes or slices have changed. */
  forget(): void {
    this.#kept.clear()
  }
  /** @throws FilterError */
  condition(where: string): Condition {
    const node = parseFilter(where)
    const { catalogue } = this.#parts
    this.#conditions = 0
    const about = genreAbout(node)
    const genre = about === null ? undefined : genreCalled(catalogue.genres, about)
    return new Condition(node && this.#tree(node, where, []), catalogue.n, genre ? catalogue.column(genre.id) : -1)
  }
  /** The rows of a filter, which the caller must not change; undefined while something has to be read first. @throws FilterError */
  now(where: string): Bits | undefined {
    return this.#kept.get(where) ?? this.#keep(where, this.condition(where).now())
  }
  /** {@link now}, after what it needs was read. */
  async rows(where: string): Promise<Bits> {
    const rows = this.now(where)
    if (rows) return rows
    const condition = this.condition(where)
    await condition.load()
    const read = this.#keep(where, condition.now())
    if (!read) throw new Error('a condition is not known after it was read')
    return read
  }
  #keep(where: string, rows: Bits | undefined): Bits | undefined {
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT) this.#kept.delete(oldest!)
    if (rows) this.#kept.set(where, rows)
    return rows
  }
  /** @param within the slices around it */
  #tree(node: Node, text: string, within: readonly string[]): Tree {
    if (node.t === 'not') return { t: 'not', tree: this.#tree(node.node, text, within) }
    if ('nodes' in node) return { t: node.t, trees: node.nodes.map((part) => this.#tree(part, text, within)) }
    return node.field === 'slice' ? this.#slice(node, text, within) : this.#leaf(node, text)
  }
  #slice({ value }: Term, text: string, within: readonly string[]): Tree {
    const slices = this.#parts.store.meta.get('slices') ?? []
    const slice = slices.find(({ name }) => fold(name) === fold(value.text))
    if (!slice) throw unknown('slice', value, slices.map((one) => one.name), text) // prettier-ignore
    try {
      if (within.includes(slice.name)) throw new FilterError('it contains itself', value)
      const node = parseFilter(slice.where)
      return node ? this.#tree(node, slice.where, [...within, slice.name]) : leaf(() => () => true)
    } catch (error) {
      // places within the slice say nothing about this filter
      const said = FILTER_PROBLEM.safeParse(error instanceof FilterError ? error.details : null)
      throw said.success ? new FilterError(`the slice ${slice.name} is wrong: ${said.data.problem}`, value, text) : error
    }
  }
  /** Column of a genre: by its very name, else by another spelling. */
  #genre(word: Word, text: string): number {
    const { catalogue } = this.#parts
    const { genres } = catalogue
    const genre = genres.find(({ name }) => name === word.text) ?? genreCalled(genres, word.text)
    if (!genre) throw unknown('genre', word, genres.map(({ name }) => name), text) // prettier-ignore
    return catalogue.column(genre.id)
  }
  #leaf(term: Term, text: string): Leaf {
    if (++this.#conditions > MAX_CONDITIONS)
      throw new FilterError(`there are more than ${MAX_CONDITIONS} conditions: use fewer`, term, text)
    const { catalogue, planes, columns, text: search } = this.#parts
    const { field, of, operator, value, upTo } = term
    const { n, k, source, labels, verdicts, lastTouch } = catalogue
    const genre = (): number => this.#genre(of ?? value, text)
    const cell = (): CellPlanes => planes.cells[genre()]!
    const known = (rows: Bits): Leaf => leaf(() => rows)
    const trained = (): Predictions => {
      if (this.#parts.predictions) return this.#parts.predictions
      throw new FilterError(`${field} needs a trained model: train one first`, term, text)
    }
    const searched = (): Suspects => {
      if (this.#parts.suspects) return this.#parts.suspects
      throw new FilterError(`${field} needs a search for suspects: train a model, or search on Overview`, term, text)
    }
    const placed = (): PlacedMap => {
      if (this.#parts.map.placed) return this.#parts.map.placed
      throw new FilterError(`${field} needs a map: compute one on the Map screen, or with \`reelabel map PROJECT.reel\``, term, text)
    }
    const range = comparison(operator, value, upTo, field === 'when')
    const isWithin = (x: number): boolean => x >= range[0] && x <= range[1]
    switch (field) {
      case 'genre':
        return known(cell().carried)
      case 'about':
        return known(cell().inPlay)
      case 'bad':
      case 'impossible':
      case 'missing':
      case 'spurious':
      case 'swapped':
        trained()
        return known(cell()[field])
      case 'good': {
        trained()
        const { inPlay, bad, impossible } = cell()
        return leaf(() => inPlay.copy().andNot(bad).andNot(impossible))
      }
      case 'bucket':
        trained()
        return known(planes.buckets[value.text as Bucket])
      case 'kind':
        trained()
        return leaf(() => planes.cells.reduce((all, one) => all.or(one[value.text as 'missing']), new Bits(n)))
      case 'predicted':
      case 'p': {
        const [p, column] = [trained(), genre()]
        if (!p.known[column]) return known(new Bits(n))
        const test = field === 'p' ? { values: p.p, range, step: k, from: column } : (row: number) => p.predicted[row * k + column] === 1
        const seen = (this.#seen ??= Bits.where(n, (row) => p.has[row] === 1))
        return leaf(() => Bits.where(n, test).and(seen))
      }
      case 'suspected': {
        const [suspects, column] = [searched(), genre()]
        return leaf(() => (row) => suspects.isSuspect(row, column))
      }
      case 'pwrong': {
        const [suspects, column] = [searched(), of ? genre() : -1]
        if (of) return leaf(() => (row) => isWithin(suspects.wrong(row, column)))
        // a movie with a prediction has this as its score
        const score = this.#parts.predictions?.score
        return leaf(() => (row) => isWithin(score && !Number.isNaN(score[row]!) ? 1 - score[row]! : suspects.movie(row)))
      }
      case 'breaks': {
        const [rules, column] = [CodebookRules.of(this.#parts.store, catalogue), isAnyValue(value) ? -1 : genre()]
        return leaf(() => (row) => rules.broken(row, column).length > 0)
      }
      case 'outdated': {
        const since = meaningSince(this.#parts.store.meta.get('codebook') ?? [], catalogue.genres)
        const columns = isAnyValue(value) ? [...since.keys()] : [genre()]
        return leaf(() => {
          const { times } = this.#parts.disputes.decisions
          const isOld = (time: number, column: number): boolean => time > 0 && time < (since.get(column) ?? 0)
          return (row) => columns.some((column) => isOld(times.get(row)?.[column] ?? 0, column))
        })
      }
      case 'split':
        return known(planes.splits[SPLITS.indexOf(value.text as Split)]!)
      case 'reviewed':
      case 'skipped':
      case 'flagged': {
        const marked = planes.marks[field]
        return value.text === 'yes' ? known(marked) : leaf(() => Bits.all(n).andNot(marked))
      }
      case 'disputed':
        return leaf(() => {
          const disputed = setOf(n, this.#parts.disputes.rows())
          return value.text === 'yes' ? disputed : Bits.all(n).andNot(disputed)
        })
      case 'changed':
        return leaf(() => (row) => {
          const differs = source.subarray(row * k, (row + 1) * k).some((label, j) => label !== labels[row * k + j])
          return differs === (value.text === 'yes')
        })
      case 'verdict': {
        const wanted = { keep: VERDICT_KEEP, impossible: VERDICT_IMPOSSIBLE }[value.text]
        const [first, count] = of ? [genre(), 1] : [0, k]
        const is = (verdict: number): boolean => (wanted === undefined ? verdict !== 0 : verdict === wanted)
        // only the change log gives verdicts
        return leaf(() => (row) => lastTouch[row] !== 0 && verdicts.subarray(row * k + first, row * k + first + count).some(is))
      }
      case 'who':
      case 'when': {
        const batches = this.#batchesById()
        const is = isAnyValue(value) ? () => true : (name: string) => fold(name) === fold(value.text)
        return leaf(() => (row) => {
          const batch = batches.get(lastTouch[row]!)
          return batch !== undefined && (field === 'who' ? is(batch.who) : isWithin(batch.at))
        })
      }
      case 'assigned':
      case 'todo': {
        const { disputes } = this.#parts
        const known = disputes.assignments.names.find((name) => fold(name) === fold(value.text)) ?? value.text
        return leaf(() => {
          const { assignments, decisions } = disputes
          return setOf(n, field === 'todo' ? assignments.open(decisions.people, known) : assignments.rows(isAnyValue(value) ? null : known))
        })
      }
      case 'genres':
        return leaf(() => (row) => isWithin(countIn(labels, row, k)))
      case 'predictions': {
        const p = trained()
        return leaf(() => (row) => p.has[row] === 1 && isWithin(countIn(p.predicted, row, k)))
      }
      case 'length':
        return leaf(() => columns.lengths && { values: columns.lengths, range }, { load: () => columns.loadLengths() })
      case 'duplicates':
        return leaf(() => (value.text === 'yes' ? this.#repeats() : Bits.all(n).andNot(this.#repeats())))
      case 'id': {
        const row = catalogue.row(this.#parts.store.movies.idOfKey(value.text) ?? 0)
        return leaf(() => (other) => other === row)
      }
      case 'note': {
        const every = (): number[] => Array.from(catalogue.notes.keys(), (movie) => catalogue.row(movie))
        const noted = new Set(isAnyValue(value) ? every() : search.noted({ text: value.text, part: 'all', exact: value.exact }))
        return leaf(() => (row) => noted.has(row))
      }
      case 'text':
      case 'title':
      case 'plot': {
        const query = { text: value.text, part: field === 'text' ? 'all' : field, exact: value.exact } as const
        return leaf(() => search.now(query), { test: () => search.test(query), load: () => search.rows(query) })
      }
      case 'run': {
        const { disagreements } = this.#parts
        const [a = 0, b = trained().run] = value.text.split('..').map(Number)
        const problem = a === b ? `that is run ${a} twice: name another run` : (disagreements.problem(a) ?? disagreements.problem(b))
        if (problem !== null) throw new FilterError(problem, value, text)
        const column = of ? genre() : -1
        return leaf(() => disagreements.rows(a, b, column), { load: () => disagreements.load(a, b) })
      }
      case 'map': {
        const outline = value.text.split(',').map((part) => Number(part) / MAP_SIZE)
        return leaf(placed().inside(outline))
      }
      case 'area': {
        const rows = placed().inArea(Number(value.text))
        if (!rows) throw new FilterError(`the map has no area ${value.text}: the Map screen lists them`, value, text)
        return leaf(rows)
      }
      case 'column':
        return this.#column(term, text)
      case 'slice':
        throw new Error('a slice is not a condition of its own')
    }
  }
  #column(term: Term, text: string): Leaf {
    const { of, operator, value, upTo } = term
    const { columns } = this.#parts
    const column = of ? columns.named(of.text) : undefined
    if (!of || !column) throw unknown('column or keyword', of ?? term.value, [...Object.keys(FIELDS), ...columns.list().map(({ name }) => name)], text) // prettier-ignore
    const problem = columns.problem(column, operator, upTo ? [value, upTo] : [value])
    if (problem !== null) throw new FilterError(problem, { from: value.from, to: (upTo ?? value).to }, text)
    return leaf(() => columns.test(column, operator, value, upTo), { load: () => columns.load(column, operator, value) })
  }
  #batchesById(): ReadonlyMap<number, { readonly who: string; readonly at: number }> {
    const { store, catalogue } = this.#parts
    if (this.#batches?.last !== catalogue.lastBatch) {
      const byId = new Map(store.changes.batches().map(({ id, who, at }) => [id, { who, at: Date.parse(at) }]))
      this.#batches = { last: catalogue.lastBatch, byId }
    }
    return this.#batches.byId
  }
  /** Rows of movies that repeat another one or are repeated, by the rules for duplicates, whether or not these removed some. */
  #repeats(): Bits {
    const { store, catalogue } = this.#parts
    const repeated = store.columns.whole(catalogue.generation, 'duplicate', store.movies.lastId() + 1)
    const bits = new Bits(catalogue.n)
    repeated.forEach((other, movie) => {
      if (other > 0) for (const row of [catalogue.row(movie), catalogue.row(other)]) if (row >= 0) bits.set(row, true)
    })
    return bits
  }
}
