/** The stored result of a search for suspects, seen from the catalogue in memory. */
import { z } from 'zod'
import type { LinearConfig, Reason, Suggestion, Suspect, SuspectCell } from '../../contract/records.ts'
import type { Health, Neighbour, SuspectConfig, SuspectMovie, WrongEstimate } from '../../contract/suspects.ts'
import type { FoundSuspects } from '../../contract/jobs.ts'
import { required } from '../../contract/required.ts'
import { sigmoid } from '../analysis/matrix.ts'
import { cooccurrence } from '../analysis/confusion.ts'
import { anyWrong, EVIDENCE, FEATURES, type EvidenceName } from '../analysis/suspects/learn.ts'
import { packContainer, unpackContainer, type ContainerData } from '../model-folder/container.ts'
import type { Store } from '../store/store.ts'
import { isDecided, type Catalogue } from './catalogue.ts'

/** Name of the result among the derived data of a generation of cleaning. */
const NAME = 'suspects'
/** Cells are suspects from this probability on. */
const LISTED = 0.2

/** Movies below this probability are no suspects. */
const LEAST = 0.01
/** Genres of fewer movies than this have no estimate worth relying on. */
const RELIABLE_SUPPORT = 50
/** Movies whose share of the wrong labels is told: so many, or a tenth. */
const FIRST = 500
/** Log-odds that a piece of evidence must add to be told. */
const LEAST_WEIGHT = 0.1

/** What a search found, for some movies and genres. n movies, k genres. */
export interface SuspectResult extends FoundSuspects {
  readonly config: SuspectConfig
  /** The last batch of the change log that it included. */
  readonly lastBatch: number
  /** (n) ids */
  readonly movies: Int32Array
  /** (k) ids */
  readonly genres: Int32Array
}

const list = z.array(z.number())
const HEADER = z.object({
  config: z.object({ linear: z.looseObject({}), divisions: z.int(), neighbours: z.int(), plantedRate: z.number() }),
  model: z.object({
    weights: list.length(FEATURES.length),
    intercept: z.number(),
    means: list.length(FEATURES.length),
    estimate: z.object({ expected: z.number(), low: z.number(), high: z.number() }),
  }),
  lastBatch: z.int(),
})

/** Stores a result with the current cleaning. Evidence is kept in half precision: it only explains. */
export function storeSuspects(
  store: Store,
  { config, model, lastBatch, movies, genres, wrong, evidence, fromLabels, nearest, cosines }: SuspectResult,
): void {
  const bytes = packContainer({ config, model, lastBatch }, [
    ['movies', { data: movies }],
    ['genres', { data: genres }],
    ['wrong', { data: wrong }],
    ...EVIDENCE.map((name) => [name, { data: new Float16Array(required(evidence[name], name)) }] as const),
    ['fromLabels', { data: new Float16Array(fromLabels) }],
    ['nearest', { data: nearest }],
    ['cosines', { data: new Float16Array(cosines) }],
  ])
  store.transaction(() => store.columns.putDerived(store.cleanings.generation(), NAME, bytes))
}

/** Reads a stored result. @throws Error if it is not one */
function unpackSuspects(bytes: Uint8Array): SuspectResult {
  const { header, tensors } = unpackContainer(bytes)
  const { config, model, lastBatch } = HEADER.parse(header)
  const tensor = <T extends ContainerData>(name: string, type: abstract new () => T, length: number | null): T => {
    const data = tensors.get(name)?.data
    if (data instanceof type && (length === null || data.length === length)) return data
    throw new Error(`it has no ${name}`)
  }
  const [movies, genres] = [tensor('movies', Int32Array, null), tensor('genres', Int32Array, null)]
  const cells = movies.length * genres.length
  const evidence = Object.fromEntries(EVIDENCE.map((name) => [name, tensor(name, Float16Array, cells)]))
  const nearest = tensor('nearest', Int32Array, null)
  return {
    config: { ...config, linear: config.linear as unknown as LinearConfig },
    model,
    lastBatch,
    movies,
    genres,
    wrong: tensor('wrong', Float32Array, cells),
    evidence,
    fromLabels: tensor('fromLabels', Float16Array, cells),
    nearest,
    cosines: tensor('cosines', Float16Array, nearest.length),
  }
}

/** P(wrong) of the catalogue's cells, and the reasons. */
export class Suspects {
  readonly result: SuspectResult
  readonly #catalogue: Catalogue
  /** Place of each catalogue row and column in the result, or -1. */
  readonly #rows: Int32Array
  readonly #columns: Int32Array
  /** (k, k) movies that have both genres, as when it was first asked for. */
  #together: Int32Array | null = null
  /** The last ranking that was asked for. */
  #ranked: { readonly column: number | null; readonly lastBatch: number; readonly rows: Int32Array } | null = null

  private constructor(catalogue: Catalogue, result: SuspectResult) {
    this.result = result
    this.#catalogue = catalogue
    // both lists of ids ascend
    let at = 0
    this.#rows = catalogue.ids.map((movie) => {
      while (at < result.movies.length && result.movies[at]! < movie) at++
      return result.movies[at] === movie ? at : -1
    })
    this.#columns = Int32Array.from(catalogue.genres, ({ id }) => result.genres.indexOf(id))
  }
  /** The stored result of the current cleaning; null if there is none, or it cannot be read: a search replaces it. */
  static load(catalogue: Catalogue, store: Store): Suspects | null {
    const bytes = store.columns.derived(catalogue.generation, NAME)
    if (bytes === null) return null
    try {
      return new Suspects(catalogue, unpackSuspects(bytes))
    } catch {
      return null
    }
  }
  /** P(the label is wrong) of a catalogue cell; 0 if a person decided it or the search did not see it. */
  wrong(row: number, column: number): number {
    const [from, at] = [this.#rows[row]!, this.#columns[column]!]
    if (from < 0 || at < 0 || isDecided(this.#catalogue, row * this.#catalogue.k + column)) return 0
    return this.result.wrong[from * this.result.genres.length + at]!
  }
  /** P(at least one label of the movie is wrong); the cells are taken as independent. */
  movie(row: number): number {
    return anyWrong(this.#catalogue.k, (column) => this.wrong(row, column))
  }
  /** Rows by P(a label is wrong), or by that of one column's label; the worst first, equals in file order. Kept until the next decision. */
  ranking(column: number | null): Int32Array {
    const { n, lastBatch } = this.#catalogue
    if (this.#ranked?.column !== column || this.#ranked.lastBatch !== lastBatch) {
      const score = Float32Array.from({ length: n }, (_, row) => (column === null ? this.movie(row) : this.wrong(row, column)))
      const rows = Int32Array.from(score.keys()).filter((row) => score[row]! >= LEAST)
      this.#ranked = { column, lastBatch, rows: rows.sort((a, b) => score[b]! - score[a]! || a - b) }
    }
    return this.#ranked.rows
  }
  /** How many labels are probably wrong. */
  health(store: Store): Omit<Health, 'left' | 'lately' | 'history'> {
    const { n, k, labels, genres } = this.#catalogue
    const [perMovie, perGenre, support] = [new Float64Array(n), new Float64Array(k), new Int32Array(k)]
    for (let row = 0, cell = 0; row < n; row++)
      for (let column = 0; column < k; column++, cell++) {
        const wrong = this.wrong(row, column)
        perMovie[row]! += wrong
        perGenre[column]! += wrong
        support[column]! += labels[cell]!
      }
    const { config, model, lastBatch } = this.result
    const { expected, low, high } = model.estimate
    // decided cells count no more, and the bounds fall with the estimate
    const estimateOf = (sum: number): WrongEstimate => ({
      expected: sum,
      low: expected > 0 ? (sum * low) / expected : 0,
      high: expected > 0 ? (sum * high) / expected : 0,
    })
    const all = estimateOf(perGenre.reduce((a, b) => a + b, 0))
    const first = Math.min(FIRST, Math.ceil(n / 10))
    const held = this.ranking(null)
      .slice(0, first)
      .reduce((sum, row) => sum + perMovie[row]!, 0)
    return {
      ...all,
      labels: support.reduce((a, b) => a + b, 0),
      cells: n * k,
      first,
      share: all.expected > 0 ? held / all.expected : 0,
      genres: genres.map(({ name }, column) => ({
        name,
        ...estimateOf(perGenre[column]!),
        support: support[column]!,
        reliable: support[column]! >= RELIABLE_SUPPORT,
      })),
      decisionsSince: store.changes.lastBatch() - lastBatch,
      config,
      model: { intercept: model.intercept, weights: Object.fromEntries(FEATURES.map((name, i) => [name, model.weights[i]!])) },
    }
  }
  /** True for a cell whose label is probably enough wrong to be asked about. */
  isSuspect(row: number, column: number): boolean {
    return this.wrong(row, column) >= LISTED
  }
  /**
   * The suspicious cells of a movie, the most suspicious first. A genre that would replace another is part of that one's suggestion.
   * @param least how many cells are listed at least, suspicious or not
   */
  suspects(row: number, least = 0): Suspect[] {
    const { k, genres, labels } = this.#catalogue
    const listed = Array.from({ length: k }, (_, column) => ({ column, wrong: this.wrong(row, column) }))
      .filter(({ wrong }) => wrong > 0)
      .sort((a, b) => b.wrong - a.wrong)
      .filter(({ wrong }, i) => i < least || wrong >= LISTED)
    const given = (column: number): boolean => labels[row * k + column] === 1
    const added = listed.find(({ column }) => !given(column))
    const removed = listed.find(({ column }) => given(column))
    const suggestion = (column: number): Suggestion => {
      if (!given(column)) return { kind: 'add', by: null }
      const by = added && column === removed?.column ? required(genres[added.column], 'a genre') : null
      return by ? { kind: 'replace', by: { genre: by.id, name: by.name } } : { kind: 'remove', by: null }
    }
    return listed
      .filter(({ column }) => !(removed && column === added?.column))
      .map(({ column, wrong }) => {
        const { id, name } = required(genres[column], 'a genre')
        const fix = suggestion(column)
        // a replacement is right if either of its cells is wrong
        const both = [wrong, added?.wrong ?? 0]
        const pWrong = fix.kind === 'replace' ? anyWrong(both.length, (i) => both[i]!) : wrong
        return { genre: id, name, given: given(column), pWrong, suggestion: fix }
      })
      .sort((a, b) => b.pWrong - a.pWrong)
  }
  /** {@link suspects} with their reasons. */
  explained(row: number, least = 0): SuspectCell[] {
    return this.suspects(row, least).map((suspect) => ({ ...suspect, reasons: this.reasons(row, this.#catalogue.column(suspect.genre)) }))
  }
  /** A movie with its suspicious cells, at least one, and their reasons. */
  describe(store: Store, row: number): SuspectMovie {
    const { k, ids, genres, labels } = this.#catalogue
    const movie = required(ids[row], 'the movie of a row')
    return {
      movie,
      ...store.movies.head(movie),
      score: this.movie(row),
      labels: genres.filter((_, column) => labels[row * k + column] === 1).map(({ name }) => name),
      cells: this.explained(row, 1),
    }
  }
  /** Evidence against a cell's label, the strongest first. */
  reasons(row: number, column: number): Reason[] {
    const { model, genres, evidence } = this.result
    const [from, at] = [this.#rows[row]!, this.#columns[column]!]
    if (from < 0 || at < 0) return []
    const cell = from * genres.length + at
    const { labels, k } = this.#catalogue
    const turn = labels[row * k + column] === 1 ? 1 : -1
    const weight = (name: EvidenceName): number => {
      const i = FEATURES.indexOf(name)
      return model.weights[i]! * (turn * required(evidence[name], name)[cell]! - model.means[i]!)
    }
    const ofContext = ['context', 'contextOfAll'] as const
    const contextWeight = ofContext.reduce((sum, name) => sum + model.weights[FEATURES.indexOf(name)]!, 0)
    const fromLabels = contextWeight * turn * this.result.fromLabels[cell]!
    const fromText = [...ofContext, 'text' as const, 'bayes' as const].reduce((sum, name) => sum + weight(name), -fromLabels)
    const nearest = this.#nearestOf(from)
    const having = nearest.filter(({ row: other }) => labels[other * k + column] === 1).length
    const pair = this.#tellingGenre(row, column)
    const reasons: (Reason | null)[] = [
      { kind: 'text', probability: sigmoid(required(evidence['text'], 'text')[cell]!), weight: fromText },
      nearest.length > 0 ? { kind: 'neighbours', having, of: nearest.length, weight: weight('neighbours') } : null,
      pair && { kind: 'genres', ...pair, weight: fromLabels },
    ]
    return reasons.filter((reason) => reason !== null && reason.weight > LEAST_WEIGHT).sort((a, b) => b!.weight - a!.weight) as Reason[]
  }
  /** The most similar movies of the catalogue. */
  neighbours(store: Store, row: number): Neighbour[] {
    const { ids, genres, labels, k } = this.#catalogue
    const from = this.#rows[row]!
    if (from < 0) return []
    return this.#nearestOf(from).map(({ row: other, similarity }) => {
      const movie = required(ids[other], 'the movie of a row')
      const own = genres.filter((_, column) => labels[other * k + column] === 1).map(({ name }) => name)
      return { movie, ...store.movies.head(movie), similarity, labels: own }
    })
  }
  #nearestOf(from: number): { readonly row: number; readonly similarity: number }[] {
    const { movies, nearest, cosines } = this.result
    const count = nearest.length / Math.max(1, movies.length)
    return Array.from({ length: count }, (_, i) => from * count + i)
      .map((at) => ({ row: this.#catalogue.row(nearest[at]!), similarity: cosines[at]! }))
      .filter(({ row, similarity }) => row >= 0 && similarity > 0)
  }
  /**
   * The other genre of the movie that speaks most against the label, by the share of its movies that have this genre as well: the
   * smallest share where the label is given, the largest where it is not.
   */
  #tellingGenre(row: number, column: number): { readonly other: string; readonly together: number; readonly movies: number } | null {
    const { labels, genres, n, k } = this.#catalogue
    const counts = (this.#together ??= cooccurrence(labels, n, k))
    const given = labels[row * k + column] === 1
    // other movies: this one would speak for itself
    const others = (count: number, self: boolean): number => Math.max(0, self ? count - 1 : count)
    const moviesWith = (other: number): number => others(counts[other * k + other]!, true)
    const together = (other: number): number => others(counts[other * k + column]!, given)
    let found: { readonly other: number; readonly share: number } | null = null
    for (let other = 0; other < k; other++) {
      if (other === column || labels[row * k + other] === 0) continue
      const share = together(other) / Math.max(1, moviesWith(other))
      if (found === null || (given ? share < found.share : share > found.share)) found = { other, share }
    }
    if (found === null) return null
    const { other } = found
    return { other: required(genres[other], 'a genre').name, together: together(other), movies: moviesWith(other) }
  }
}
