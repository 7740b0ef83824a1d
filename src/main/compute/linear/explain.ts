/**
 * Explains a prediction for one genre: logit = intercept + sum over n-grams of value * weight, exactly. Each n-gram's contribution is
 * spread evenly over its occurrences, and within an occurrence over the words of a word n-gram or the characters of a character n-gram.
 * The contributions to one word (a run of characters without white space) form one span.
 */
import type { Explanation, Span, Term } from '../../../contract/records.ts'
import { withoutPunctuation } from '../../analysis/error-words.ts'
import { isKept } from './features.ts'
import type { LinearModel } from './predict.ts'
import { chunkNgrams, locateChunks, locateWords, lowerWithOffsets, offsetsOfCodePoints, type Lowered } from './tokens.ts'
import { transform, type Block } from './vectorise.ts'

export type LinearExplanation = Pick<Explanation, 'spans' | 'terms' | 'rest' | 'intercept' | 'logit'>

/** A linear model whose weights may have half precision. */
export type Explainable = Omit<LinearModel, 'weights'> & { readonly weights: Float32Array | Float16Array }

/** A half-open range of the lower-cased text. */
type Range = readonly [start: number, end: number]
/** One occurrence of an n-gram: the parts (words or characters) that share its contribution. */
type Occurrence = readonly Range[]

/** The model that made the prediction of a movie: its fold's, or the final one for movies that it did not learn from. */
export function modelOf(model: LinearModel, movie: number): { readonly model: Explainable; readonly is: 'fold' | 'final' } {
  const { folds, genres } = model
  const at = folds?.rows.indexOf(movie) ?? -1
  if (folds === null || at < 0) return { model, is: 'final' }
  const [from, to] = [folds.fold[at]! * genres, (folds.fold[at]! + 1) * genres]
  const { columns } = model.vectoriser
  const weights = folds.weights.subarray(from * columns, to * columns)
  return { model: { ...model, weights, intercepts: folds.intercepts.subarray(from, to) }, is: 'fold' }
}

/**
 * Spans are half-open ranges of UTF-16 code units of `plot`, in order, without overlap; their scores and the intercept add up to the
 * logit.
 * @throws RangeError for a genre that the model does not have
 */
export function explainLinear(model: Explainable, plot: string, genre: number): LinearExplanation {
  const { spans, terms, intercept } = explainFully(model, plot, genre)
  return { spans, ...strongest(terms), intercept, logit: intercept + sumOf(terms) }
}

/** An explanation with all of its terms. */
export type FullExplanation = Pick<LinearExplanation, 'spans' | 'terms' | 'intercept'>

/** The terms of all n-grams; see {@link explainLinear}. */
export function explainFully(model: Explainable, plot: string, genre: number): FullExplanation {
  if (!(genre >= 0 && genre < model.genres)) throw new RangeError(`expected a genre below ${model.genres}, got ${genre}`)
  const contributions = contributionsOf(model, plot, genre)
  const lowered = lowerWithOffsets(plot)
  const scores = new Float64Array(lowered.lower.length) // by code unit of the lower-cased text
  for (const block of model.vectoriser.blocks) {
    for (const [id, occurrences] of OCCURRENCES[block.kind](block, lowered.lower, model)) {
      const contribution = contributions.get(block.offset + id)
      if (contribution !== undefined) for (const parts of occurrences) spread(scores, parts, contribution / occurrences.length)
    }
  }
  const intercept = model.intercepts[genre]!
  const kindOf = (column: number): Block['kind'] => model.vectoriser.blocks.findLast(({ offset }) => offset <= column)!.kind
  const all = Array.from(contributions, ([column, contribution]) => ({
    text: model.vocabulary[column]!,
    kind: kindOf(column),
    contribution,
  }))
  return { spans: wordSpans(plot, lowered, scores), terms: all, intercept }
}

/**
 * The linear model of one output that is a weighted sum of a model's logits, plus a constant.
 * @param factors (k)
 */
export function weightedSum(model: Explainable, factors: Float64Array, constant: number): Explainable {
  const { columns } = model.vectoriser
  const weights = new Float32Array(columns)
  let intercept = constant
  factors.forEach((factor, genre) => {
    if (factor === 0) return
    intercept += factor * model.intercepts[genre]!
    for (let column = 0; column < columns; column++) weights[column]! += factor * model.weights[genre * columns + column]!
  })
  return { ...model, genres: 1, weights, intercepts: Float64Array.of(intercept) }
}

/** The sum of explanations of one text by several members; each term has the share of each member. */
export function explainTogether(parts: readonly FullExplanation[]): LinearExplanation {
  const terms = new Map<string, Term & { readonly shares: number[] }>()
  const spans = new Map<number, Span>()
  parts.forEach((part, member) => {
    for (const { text, kind, contribution } of part.terms) {
      const key = `${kind} ${text}`
      const { shares } = terms.get(key) ?? { shares: parts.map(() => 0) }
      shares[member] = contribution
      terms.set(key, { text, kind, shares, contribution: shares.reduce((a, b) => a + b, 0) })
    }
    for (const span of part.spans) spans.set(span.start, { ...span, score: span.score + (spans.get(span.start)?.score ?? 0) })
  })
  const all = [...terms.values()]
  const intercept = parts.reduce((sum, part) => sum + part.intercept, 0)
  const inOrder = [...spans.values()].sort((a, b) => a.start - b.start)
  return { spans: inOrder, ...strongest(all), intercept, logit: intercept + sumOf(all) }
}

const MAX_TERMS = 20
const sumOf = (terms: readonly Term[]): number => terms.reduce((sum, { contribution }) => sum + contribution, 0)

/** The terms with the largest absolute contribution, and the sum of the others. */
export function strongest(all: readonly Term[]): Pick<Explanation, 'terms' | 'rest'> {
  const sorted = all.toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
  return { terms: sorted.slice(0, MAX_TERMS), rest: sumOf(sorted.slice(MAX_TERMS)) }
}

/**
 * The word n-grams with the largest weights of each genre.
 * @param sign 1: for the genre, -1: against it @returns for each genre, the strongest first
 */
export function strongestWords(
  { genres, vectoriser, vocabulary, weights }: LinearModel,
  count: number,
  sign: 1 | -1 = 1,
): { word: string; weight: number }[][] {
  const { columns } = vectoriser
  const words = vectoriser.blocks.filter(({ kind }) => kind === 'word').flatMap(({ offset, ids }) => Array.from({ length: ids.size }, (_, id) => offset + id)) // prettier-ignore
  return Array.from({ length: genres }, (_, genre) => {
    const strengthOf = (column: number): number => sign * weights[genre * columns + column]!
    const largest: number[] = []
    for (const column of words) {
      if (largest.length === count && strengthOf(column) <= strengthOf(largest.at(-1)!)) continue
      const at = largest.findIndex((other) => strengthOf(other) < strengthOf(column))
      largest.splice(at < 0 ? largest.length : at, 0, column)
      if (largest.length > count) largest.pop()
    }
    const strong = largest.filter((column) => strengthOf(column) > 0)
    return strong.map((column) => ({ word: vocabulary[column]!, weight: sign * strengthOf(column) }))
  })
}

/** value * weight of every n-gram of the plot, by column. */
function contributionsOf(model: Explainable, plot: string, genre: number): Map<number, number> {
  const { indices, values } = transform(model.vectoriser, [plot])
  const offset = genre * model.vectoriser.columns
  return new Map(Array.from(indices, (column, i) => [column, values[i]! * model.weights[offset + column]!]))
}

/** Every known n-gram of a block in a lower-cased text, with all its occurrences. */
type Finder = (block: Block, lower: string, model: Explainable) => Map<number, Occurrence[]>

const OCCURRENCES: Record<Block['kind'], Finder> = {
  word: (block, lower, { config }) => {
    const found = new Map<number, Occurrence[]>()
    const kept = locateWords(lower).filter((word) => isKept(config, word.text))
    kept.forEach((_, first) => {
      for (let n = 1; n <= config.wordNgrams && first + n <= kept.length; n++) {
        const parts = kept.slice(first, first + n)
        note(
          found,
          block.ids.get(parts.map((part) => part.text).join(' ')),
          parts.map(({ start, end }) => [start, end]),
        )
      }
    })
    return found
  },
  char: (block, lower, { config }) => {
    const found = new Map<number, Occurrence[]>()
    for (const { text, start } of locateChunks(lower)) {
      const points = offsetsOfCodePoints(text)
      chunkNgrams(text, config.charNgrams!, (ngram, first, end) => {
        // code points 1 … length of ` chunk ` are the chunk's own; a padding space alone counts for the adjacent character
        const length = points.length - 1
        const from = Math.min(Math.max(first - 1, 0), length - 1)
        const to = Math.max(Math.min(end - 1, length), from + 1)
        const parts = Array.from({ length: to - from }, (_, i): Range => [start + points[from + i]!, start + points[from + i + 1]!])
        note(found, block.ids.get(ngram), parts)
      })
    }
    return found
  },
}

function note(found: Map<number, Occurrence[]>, id: number | undefined, parts: Occurrence): void {
  if (id === undefined) return
  const known = found.get(id)
  if (known === undefined) found.set(id, [parts])
  else known.push(parts)
}

/** Adds `amount` to the scores, evenly over the parts and evenly over each part's code units. */
function spread(scores: Float64Array, parts: Occurrence, amount: number): void {
  for (const [start, end] of parts) for (let at = start; at < end; at++) scores[at]! += amount / parts.length / (end - start)
}

/** One span for each run without white space that has a contribution, in the coordinates of the plot. */
const wordSpans = (plot: string, { lower, from, to }: Lowered, scores: Float64Array): Span[] =>
  locateChunks(lower)
    .filter(({ start, end }) => scores.subarray(start, end).some((score) => score !== 0))
    .map(({ start, end }) => ({
      ...withoutPunctuation(plot, from[start]!, to[end - 1]!),
      score: scores.subarray(start, end).reduce((sum, score) => sum + score, 0),
    }))

/** Logits of one genre for several texts. */
export function logitsOf(model: Explainable, texts: readonly string[], genre: number): Float64Array {
  const { indptr, indices, values } = transform(model.vectoriser, texts)
  const offset = genre * model.vectoriser.columns
  return Float64Array.from(texts, (_, row) => {
    let logit = model.intercepts[genre]!
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) logit += values[i]! * model.weights[offset + indices[i]!]!
    return logit
  })
}
