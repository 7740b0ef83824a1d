/**
 * Explains a prediction for one genre: logit = intercept + sum over n-grams of value * weight, exactly. Each n-gram's contribution is
 * spread evenly over its occurrences, and within an occurrence over the words of a word n-gram or the characters of a character n-gram.
 * The contributions to one word (a run of characters without white space) form one span.
 */
import type { Explanation, Span } from '../../../contract/records.ts'
import { isKept } from './features.ts'
import type { LinearModel } from './predict.ts'
import { chunkNgrams, locateChunks, locateWords, lowerWithOffsets, offsetsOfCodePoints, type Lowered } from './tokens.ts'
import { transform, type Block } from './vectorise.ts'

export type LinearExplanation = Pick<Explanation, 'spans' | 'features' | 'intercept' | 'logit'>

const MOST_FEATURES = 20

/** A half-open range of the lower-cased text. */
type Range = readonly [start: number, end: number]
/** One occurrence of an n-gram: the parts (words or characters) that share its contribution. */
type Occurrence = readonly Range[]

/**
 * Spans are half-open ranges of UTF-16 code units of `plot`, in order, without overlap; their scores and the intercept add up to the
 * logit.
 * @throws RangeError for a genre that the model does not have
 */
export function explainLinear(model: LinearModel, plot: string, genre: number): LinearExplanation {
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
  const features = [...contributions]
    .map(([column, contribution]) => ({ feature: model.vocabulary[column]!, contribution }))
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
  const logit = features.reduce((sum, { contribution }) => sum + contribution, intercept)
  return { spans: wordSpans(lowered, scores), features: features.slice(0, MOST_FEATURES), intercept, logit }
}

/** value * weight of every n-gram of the plot, by column. */
function contributionsOf(model: LinearModel, plot: string, genre: number): Map<number, number> {
  const { indices, values } = transform(model.vectoriser, [plot])
  const offset = genre * model.vectoriser.columns
  return new Map(Array.from(indices, (column, i) => [column, values[i]! * model.weights[offset + column]!]))
}

/** Every known n-gram of a block in a lower-cased text, with all its occurrences. */
type Finder = (block: Block, lower: string, model: LinearModel) => Map<number, Occurrence[]>

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
function wordSpans({ lower, from, to }: Lowered, scores: Float64Array): Span[] {
  return locateChunks(lower)
    .map(({ start, end }) => trim({ lower, from, to }, scores, start, end))
    .filter((span) => span !== null)
}

/** Trims punctuation and other characters without a contribution at both ends; null if nothing is left. */
function trim({ from, to }: Lowered, scores: Float64Array, start: number, end: number): Span | null {
  let [first, last] = [start, end]
  while (first < last && scores[first] === 0) first++
  while (last > first && scores[last - 1] === 0) last--
  if (first === last) return null
  return { start: from[first]!, end: to[last - 1]!, score: scores.subarray(first, last).reduce((sum, score) => sum + score, 0) }
}
