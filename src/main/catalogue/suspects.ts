/** The result of a search for suspects, seen from the catalogue in memory. */
import { z } from 'zod'
import type { Reason, Suggestion, Suspect, SuspectCell } from '../../contract/records.ts'
import type { Health, Neighbour, SuspectMovie, IntervalEstimate } from '../../contract/suspects.ts'
import { required } from '../../contract/required.ts'
import { cooccurrence } from '../analysis/confusion.ts'
import { learnOffsets, type Answer } from '../analysis/suspects/decisions.ts'
import { backgroundLevels, IMPOSSIBLE } from '../analysis/impossible.ts'
import { sigmoid } from '../analysis/matrix.ts'
import type { Steps } from '../analysis/steps.ts'
import { SOURCES, type CellFacts, type Rule } from '../analysis/suspects/evidence.ts'
import { anyWrong, featuresOf } from '../analysis/suspects/learn.ts'
import type { Store } from '../store/store.ts'
import { ruleText } from '../../contract/codebook.ts'
import { CodebookRules, type ColumnRule } from './codebook.ts'
import { Opinions } from './opinions.ts'
import { genresByRecord } from './record-genres.ts'
import { isDecided, type Catalogue } from './catalogue.ts'
import { readSuspects, type SuspectResult } from './suspect-result.ts'

/** Name of what was learnt from later decisions, among the derived data. */
const LEARNT_NAME = 'suspects learnt'
/** Answers to suspects after which the order is computed again. */
const ANSWERS_PER_UPDATE = 25
/** Cells are suspects from this P(wrong) on. */
const SUSPECT_FROM = 0.2
/** P(wrong) of a label that a rule of the codebook excludes. */
const SURE = 0.99

/** Movies below this P(a label is wrong) are left out of the ranking. */
const RANKED_FROM = 0.01
/** Genres of fewer movies than this have no estimate worth relying on. */
const RELIABLE_SUPPORT = 50
/** Largest number of first movies whose share of the wrong labels is reported; in small catalogues, a tenth of the movies. */
const FIRST = 500
/** Log-odds that a piece of evidence must add to be listed as a reason. */
const MIN_WEIGHT = 0.1

/** Other movies that must have two genres before they are a rule, and catalogues of more genres have no such rules. */
const [RULE_SUPPORT, MAX_GENRES] = [20, 100]

const list = z.array(z.number())
/** The correction learnt from answers to suspects. `search`: the last batch that it included; `offsets`: (k, 2), see `learnOffsets`. */
const LEARNT = z.object({ search: z.int(), answers: z.int(), wrong: z.int(), genres: list, offsets: list })
type Learnt = z.infer<typeof LEARNT>

/** P(wrong) of the catalogue's cells, and the reasons. */
export class Suspects {
  readonly result: SuspectResult
  readonly #catalogue: Catalogue
  readonly #store: Store
  /** Place of each catalogue row and column in the result, or -1. */
  readonly #rows: Int32Array
  readonly #columns: Int32Array
  /** (k, k) movies that have both genres, as when it was first asked for. */
  #together: Int32Array | null = null
  /** (k, k, k) the same for three genres. */
  #triples: Int32Array | null = null
  readonly #rules: CodebookRules
  readonly #opinions: Opinions
  #learnt: Learnt
  /** (k, 2) factors on the odds that absent and present labels are wrong, learnt from decisions */
  #odds = new Float64Array()
  /** The last ranking that was asked for. */
  #ranked: { readonly column: number | null; readonly lastBatch: number; readonly rows: Int32Array } | null = null

  private constructor(catalogue: Catalogue, store: Store, result: SuspectResult) {
    this.#store = store
    this.result = result
    this.#catalogue = catalogue
    this.#rules = CodebookRules.of(store, catalogue)
    this.#opinions = new Opinions(store, catalogue)
    // both lists of ids ascend
    let at = 0
    this.#rows = catalogue.ids.map((movie) => {
      while (at < result.movies.length && result.movies[at]! < movie) at++
      return result.movies[at] === movie ? at : -1
    })
    this.#columns = Int32Array.from(catalogue.genres, ({ id }) => result.genres.indexOf(id))
    this.#learnt = this.#use(this.#stored() ?? this.#learn([]))
    if (this.#learnt.answers === 0) this.#learnIfEnough()
  }
  /** The stored result of the current cleaning; null if there is none, or it cannot be read: a search replaces it. */
  static load(catalogue: Catalogue, store: Store): Suspects | null {
    try {
      const result = readSuspects(store, catalogue.generation)
      return result && new Suspects(catalogue, store, result)
    } catch {
      return null
    }
  }
  /** P(the label is wrong) of a catalogue cell; 0 if a person decided it, or if it breaks no rule and the search did not see it. */
  wrong(row: number, column: number): number {
    return Math.max(this.#estimated(row, column), this.#byRules(row, column))
  }
  /** The result of the search, with the decisions. */
  #estimated(row: number, column: number): number {
    return this.#adjusted(this.#searched(row, column), row, column)
  }
  /**
   * One of the two labels of a broken rule is wrong. While nobody has decided either, each label that excludes the other, or the label that
   * another one implies, is with one half; if one was decided, the other one is surely wrong.
   */
  #byRules(row: number, column: number): number {
    const broken = this.#rules.broken(row, column)
    const isOpen = (of: number): boolean => !isDecided(this.#catalogue, row * this.#catalogue.k + of)
    if (broken.length === 0 || !isOpen(column)) return 0
    const wrongBy = ({ a, b, kind }: ColumnRule): number =>
      !isOpen(a === column ? b : a) ? SURE : kind === 'implies' && column === a ? 0 : 0.5
    return Math.max(...broken.map(wrongBy))
  }
  /** {@link wrong} by the search alone. */
  #searched(row: number, column: number): number {
    const [from, at] = [this.#rows[row]!, this.#columns[column]!]
    if (from < 0 || at < 0 || isDecided(this.#catalogue, row * this.#catalogue.k + column)) return 0
    return this.result.wrong[from * this.result.genres.length + at]!
  }
  /** P(wrong) of the search, adjusted by what was learnt from decisions. */
  #adjusted(searched: number, row: number, column: number): number {
    const odds = this.#odds[2 * column + this.#catalogue.source[row * this.#catalogue.k + column]!]!
    return (searched * odds) / (1 - searched + searched * odds)
  }
  /** Answers to suspects: labels that a person changed or kept, and those left as they are in a movie that was reviewed. */
  #answers(): Answer[] {
    const { k, n, source, labels, lastTouch, marks } = this.#catalogue
    const answers: Answer[] = []
    for (let row = 0; row < n; row++) {
      if (lastTouch[row] === 0 || this.#rows[row]! < 0) continue
      for (let genre = 0, cell = row * k; genre < k; genre++, cell++) {
        const searched = this.result.wrong[this.#rows[row]! * this.result.genres.length + this.#columns[genre]!] ?? 0
        if (searched < SUSPECT_FROM || (marks.reviewed[row] === 0 && !isDecided(this.#catalogue, cell))) continue
        answers.push({ genre, present: source[cell] === 1 ? 1 : 0, searched, wrong: labels[cell] === source[cell] ? 0 : 1 })
      }
    }
    return answers
  }
  #use(learnt: Learnt): Learnt {
    this.#odds = Float64Array.from(learnt.offsets, Math.exp)
    return (this.#learnt = learnt)
  }
  #learn(answers: readonly Answer[]): Learnt {
    const { genres, k } = this.#catalogue
    return {
      search: this.result.lastBatch,
      answers: answers.length,
      wrong: answers.reduce((sum, { wrong }) => sum + wrong, 0),
      genres: genres.map(({ id }) => id),
      offsets: [...learnOffsets(answers, k)],
    }
  }
  /** The last correction learnt for this search, so that a restart changes no order. */
  #stored(): Learnt | null {
    const bytes = this.#store.columns.derived(this.#catalogue.generation, LEARNT_NAME)
    try {
      const learnt = bytes && LEARNT.parse(JSON.parse(new TextDecoder().decode(bytes)))
      const isOfThis =
        learnt?.search === this.result.lastBatch && learnt.genres.join() === this.#catalogue.genres.map(({ id }) => id).join()
      return learnt && isOfThis ? learnt : null
    } catch {
      // a damaged one is learnt again
      return null
    }
  }
  #learnIfEnough(): boolean {
    const answers = this.#answers()
    if (Math.abs(answers.length - this.#learnt.answers) < ANSWERS_PER_UPDATE) return false
    this.#use(this.#learn(answers))
    this.#ranked = null
    return true
  }
  /** Learns again if enough suspects were answered since. Returns true if probabilities have changed. */
  learnWhenDue(): boolean {
    if (!this.#learnIfEnough()) return false
    const bytes = new TextEncoder().encode(JSON.stringify(this.#learnt))
    try {
      this.#store.transaction(() => this.#store.columns.putDerived(this.#catalogue.generation, LEARNT_NAME, bytes))
    } catch {
      // the file is read-only or gone, or another program is writing to it: it is learnt again when the project is opened
    }
    return true
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
      const rows = Int32Array.from(score.keys()).filter((row) => score[row]! >= RANKED_FROM)
      this.#ranked = { column, lastBatch, rows: rows.sort((a, b) => score[b]! - score[a]! || a - b) }
    }
    return this.#ranked.rows
  }
  /**
   * How many labels are probably wrong. Answers lower the sum of the probabilities, and never raise it above the sum of the search:
   * suspects that are wrong more often than expected say little about the other labels, which nobody reviewed.
   */
  health(): Omit<Health, 'left' | 'recentYield' | 'history'> {
    const { n, k, labels, genres } = this.#catalogue
    const [perMovie, perGenre, support] = [new Float64Array(n), new Float64Array(k), new Int32Array(k)]
    let searched = 0
    for (let row = 0, cell = 0; row < n; row++)
      for (let column = 0; column < k; column++, cell++) {
        const wrong = this.#estimated(row, column)
        perMovie[row]! += wrong
        perGenre[column]! += wrong
        support[column]! += labels[cell]!
        searched += this.#searched(row, column)
      }
    const sum = perGenre.reduce((a, b) => a + b, 0)
    const believed = sum > searched ? searched / sum : 1
    const { config, model, lastBatch } = this.result
    const { expected, low, high } = model.estimate
    // decided cells count no more, and the bounds fall with the estimate
    const estimateOf = (wrong: number, at: number): IntervalEstimate => ({
      expected: wrong,
      low: expected > 0 ? (wrong * low) / expected : 0,
      high: expected > 0 ? (wrong * high) / expected : 0,
      interval: { low: wrong * (model.intervals[at]?.[0] ?? 0), high: wrong * (model.intervals[at]?.[1] ?? 0) },
    })
    const all = estimateOf(believed * sum, this.result.genres.length)
    const first = Math.min(FIRST, Math.ceil(n / 10))
    const held = this.ranking(null)
      .slice(0, first)
      .reduce((sum, row) => sum + perMovie[row]!, 0)
    return {
      ...all,
      labels: support.reduce((a, b) => a + b, 0),
      cells: n * k,
      first,
      share: sum > 0 ? held / sum : 0,
      genres: genres.map(({ name }, column) => ({
        name,
        ...estimateOf(believed * perGenre[column]!, this.#columns[column]!),
        support: support[column]!,
        reliable: support[column]! >= RELIABLE_SUPPORT,
      })),
      decisionsSince: this.#store.changes.lastBatch() - lastBatch,
      config,
      model: {
        intercept: model.intercept,
        weights: Object.fromEntries(featuresOf(model.sources).map((name, i) => [name, model.weights[i]!])),
        sources: Object.fromEntries(model.sources.map((name) => [name, SOURCES[name]?.how ?? ''])),
        planted: model.planted,
        decisions: {
          answers: this.#learnt.answers,
          wrong: this.#learnt.wrong,
          offsets: genres.map(({ name }, column) => ({
            name,
            absent: this.#learnt.offsets[2 * column]!,
            present: this.#learnt.offsets[2 * column + 1]!,
          })),
        },
      },
    }
  }
  /** True for a cell whose label is probably enough wrong to be asked about. */
  isSuspect(row: number, column: number): boolean {
    return this.wrong(row, column) >= SUSPECT_FROM
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
      .filter(({ wrong }, i) => i < least || wrong >= SUSPECT_FROM)
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
  describe(row: number): SuspectMovie {
    const { ids } = this.#catalogue
    const movie = required(ids[row], 'the movie of a row')
    return {
      movie,
      ...this.#store.movies.head(movie),
      score: this.movie(row),
      labels: this.#labelsOf(row),
      cells: this.explained(row, 1),
    }
  }
  #labelsOf(row: number): string[] {
    const { k, genres, labels } = this.#catalogue
    return genres.filter((_, column) => labels[row * k + column] === 1).map(({ name }) => name)
  }
  /** Evidence against a cell's label: a rule of the codebook, then the strongest first; what is not weighed comes last. */
  reasons(row: number, column: number): Reason[] {
    const [from, at] = [this.#rows[row]!, this.#columns[column]!]
    if (from < 0 || at < 0) return []
    const cell = from * this.result.genres.length + at
    const facts = this.#factsOf(row, column, from, cell)
    return Object.entries(SOURCES)
      .flatMap(([kind, { reason }]): Reason[] => {
        const weight = this.#weightOf(kind, cell, facts.given)
        // list a weighed reason only if it speaks against the label with at least the minimum weight
        const said = typeof reason === 'string' || (weight !== null && weight <= MIN_WEIGHT) ? null : reason(facts)
        return said ? [{ kind, weight: weight ?? 0, ...said }] : []
      })
      .sort((a, b) => Number(b.kind === 'codebook') - Number(a.kind === 'codebook') || b.weight - a.weight)
  }
  /**
   * The terms of a source, and of those that its reason includes, in the log-odds that the label is wrong, against the average cell;
   * null for one that is not weighed.
   */
  #weightOf(kind: string, cell: number, given: boolean): number | null {
    const { model, evidence, parts } = this.result
    const turn = given ? 1 : -1
    const slope = (name: string): number => model.weights[model.sources.indexOf(name)] ?? 0
    /** The weight of a part of the context of all opinions; the part of the labels is nearly the same in the context of the text model. */
    const partOf = (name: string): number =>
      parts[name]
        ? (slope('contextOfAll') + (name === 'genres' ? slope('context') : 0)) * (turn * parts[name][cell]! - (model.partMeans[name] ?? 0))
        : 0
    if (kind === 'genres') return partOf(kind)
    if (!SOURCES[kind]?.logits) return null
    const own = model.sources.filter((name) => name === kind || SOURCES[name]?.reason === kind)
    const add = (sum: number, name: string): number =>
      sum + slope(name) * (turn * required(evidence[name], name)[cell]! - model.means[model.sources.indexOf(name)]!)
    // the contexts are among the text's; what has a reason of its own is not
    return own.reduce(add, kind === 'text' ? -Object.keys(parts).reduce((sum, name) => sum + partOf(name), 0) : partOf(kind))
  }
  #factsOf(row: number, column: number, from: number, cell: number): CellFacts {
    const { labels, k, genres, ids } = this.#catalogue
    const { evidence, config } = this.result
    const [pair, rule] = this.#tellingGenres(row, column)
    return {
      genre: required(genres[column], 'a genre').name,
      given: labels[row * k + column] === 1,
      logit: (source) => evidence[source]?.[cell] ?? null,
      nearest: this.#nearestOf(from).map(({ row: other, similarity }) => ({
        movie: required(ids[other], 'the movie of a row'),
        similarity,
        has: labels[other * k + column] === 1,
      })),
      named: (movie) => ({ key: this.#store.movies.head(movie).key, labels: this.#labelsOf(this.#catalogue.row(movie)) }),
      family: config.family,
      pair,
      rule,
      broken: this.#rules.broken(row, column).map((broken) => ({
        rule: ruleText(broken),
        other: required(genres[broken.a === column ? broken.b : broken.a], 'a genre').id,
      })),
      records: genresByRecord(this.#store, required(ids[row], 'the movie of a row')).map(({ file, genres: named }) => ({
        file,
        has: named.some((genre) => this.#catalogue.column(genre) === column),
      })),
      opinion: this.#opinions.against(row, column),
    }
  }
  /** The most similar movies of the catalogue. */
  neighbours(row: number): Neighbour[] {
    const { ids } = this.#catalogue
    const from = this.#rows[row]!
    if (from < 0) return []
    return this.#nearestOf(from).map(({ row: other, similarity }) => {
      const movie = required(ids[other], 'the movie of a row')
      return { movie, ...this.#store.movies.head(movie), similarity, labels: this.#labelsOf(other) }
    })
  }
  /**
   * Cells whose label is probably right and whose neighbours have the genre no more often than those of most movies without it, as bits like
   * those of `silentCells`; so are cells that the search did not see.
   */
  *silentNeighbours(): Steps<Uint32Array> {
    const { n, k, source } = this.#catalogue
    const evidence = required(this.result.evidence['neighbours'], 'neighbours')
    const share = new Float32Array(n * k)
    for (let row = 0, cell = 0; row < n; row++) {
      const from = this.#rows[row]! * this.result.genres.length
      for (let column = 0; column < k; column++, cell++) {
        const at = this.#columns[column]!
        if (from >= 0 && at >= 0) share[cell] = sigmoid(evidence[from + at]!)
      }
      if (row % 16_384 === 0) yield
    }
    const levels = backgroundLevels(source, share, n, k, IMPOSSIBLE.background)
    const bits = new Uint32Array(Math.ceil((n * k) / 32))
    for (let row = 0, cell = 0; row < n; row++) {
      for (let column = 0; column < k; column++, cell++)
        if (share[cell]! <= levels[column]! && this.wrong(row, column) < 0.5) bits[cell >>> 5]! |= 1 << (cell & 31)
      if (row % 16_384 === 0) yield
    }
    return bits
  }
  /**
   * Share of the most similar movies of a movie with one genre (row) that have another one (column), in steps: (columns, columns). Genres
   * with a high share are hard to tell apart.
   */
  *overlap(columns: Int32Array): Steps<Float32Array> {
    const { n, k, labels } = this.#catalogue
    const width = columns.length
    const [shares, of] = [new Float32Array(width * width), new Float64Array(width)]
    for (let row = 0; row < n; row++) {
      if (row % 4096 === 0) yield
      const from = this.#rows[row]!
      const own = from < 0 ? [] : Array.from(columns.keys()).filter((i) => labels[row * k + columns[i]!] === 1)
      if (own.length === 0) continue
      for (const { row: other } of this.#nearestOf(from)) {
        for (const i of own) of[i]!++
        for (let j = 0; j < width; j++) if (labels[other * k + columns[j]!] === 1) for (const i of own) shares[i * width + j]!++
      }
    }
    return shares.map((count, at) => (of[Math.floor(at / width)] === 0 ? 0 : count / of[Math.floor(at / width)]!))
  }
  /** How many of a movie's most similar movies have a genre. */
  similarHaving(row: number, column: number): { readonly having: number; readonly of: number } {
    const { labels, k } = this.#catalogue
    const nearest = this.nearest(row)
    return { having: nearest.filter(({ row: other }) => labels[other * k + column] === 1).length, of: nearest.length }
  }
  /** The rows of the most similar movies. */
  nearest(row: number): readonly { readonly row: number; readonly similarity: number }[] {
    const from = this.#rows[row]!
    return from < 0 ? [] : this.#nearestOf(from)
  }
  #nearestOf(from: number): { readonly row: number; readonly similarity: number }[] {
    const { movies, nearest, cosines } = this.result
    const count = nearest.length / Math.max(1, movies.length)
    return Array.from({ length: count }, (_, i) => from * count + i)
      .map((at) => ({ row: this.#catalogue.row(nearest[at]!), similarity: cosines[at]! }))
      .filter(({ row, similarity }) => row >= 0 && similarity > 0)
  }
  /**
   * The movie's other genre that contradicts the label most, by the share of its movies that have this genre as well: the smallest share
   * where the label is given, the largest where it is not. Then the same for two other genres, if they are half as informative again.
   */
  #tellingGenres(row: number, column: number): readonly [pair: Rule | null, rule: Rule | null] {
    const { labels, genres, n, k } = this.#catalogue
    const counts = (this.#together ??= cooccurrence(labels, n, k))
    const given = labels[row * k + column] === 1
    const mine = genres.flatMap((_, other) => (other !== column && labels[row * k + other] === 1 ? [other] : []))
    // without this movie, whose own label would count as evidence for it
    const others = (count: number, self: boolean): number => Math.max(0, self ? count - 1 : count)
    const ruleOf = (columns: readonly number[], movies: number, together: number): Rule => ({
      genres: columns.map((at) => {
        const { id, name } = required(genres[at], 'a genre')
        return { genre: id, name }
      }),
      movies: others(movies, true),
      together: others(together, given),
    })
    const share = ({ together, movies }: Rule): number => together / Math.max(1, movies)
    /** How far the rule's share is from what the label says. */
    const agreement = (rule: Rule): number => (given ? share(rule) : 1 - share(rule))
    const most = (rules: readonly Rule[]): Rule | null =>
      rules.reduce<Rule | null>((best, rule) => (best && agreement(best) <= agreement(rule) ? best : rule), null)
    const pair = most(mine.map((other) => ruleOf([other], counts[other * k + other]!, counts[other * k + column]!)))
    if (!pair || k > MAX_GENRES || agreement(pair) === 0) return [pair, null]
    const three = (this.#triples ??= triples(labels, n, k))
    const rule = most(
      mine.flatMap((a, i) =>
        mine.slice(i + 1).map((b) => ruleOf([a, b], three[(a * k + b) * k + b]!, three[(a * k + b) * k + column]!)),
      ).filter(({ movies }) => movies >= RULE_SUPPORT), // prettier-ignore
    )
    return [pair, rule && agreement(rule) <= agreement(pair) / 2 ? rule : null]
  }
}

/** (k, k, k) movies that have all three genres. */
function triples(labels: Uint8Array, n: number, k: number): Int32Array {
  const out = new Int32Array(k ** 3)
  for (let row = 0; row < n; row++) {
    const mine: number[] = []
    for (let column = 0; column < k; column++) if (labels[row * k + column] === 1) mine.push(column)
    for (const a of mine) for (const b of mine) for (const c of mine) out[(a * k + b) * k + c]!++
  }
  return out
}
