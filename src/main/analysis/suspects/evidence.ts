/** The sources of evidence on labels, a row for each: how its values are computed, its reason in words, and what its proof opens. */
import type { Proof } from '../../../contract/records.ts'
import { count, many, percent } from '../../../contract/words.ts'
import { logit, sigmoid } from '../matrix.ts'
import { contextOf, type Context } from './context.ts'

/** The most similar movies of n movies. */
export interface Neighbours {
  readonly count: number
  /** (n, count) rows, most similar first; -1 where there are fewer */
  readonly rows: Int32Array
  /** (n, count) cosine, 0 where there are fewer */
  readonly cosines: Float32Array
}

/** One labelling of n movies with k genres, and what was fitted on it. Logits are (n, k). */
export interface Pass {
  readonly k: number
  readonly labels: Uint8Array
  /** (n) 0 … folds - 1 */
  readonly fold: Uint8Array
  readonly folds: number
  readonly text: Float32Array
  readonly bayes: Float32Array
  readonly neighbours: Neighbours
  /** Logits of a run of another family, fitted on the labels as they are; null: there is no such run. */
  readonly family: Float32Array | null
}
/** Logits (n, k) by the name of the source: those that the project has. */
export type Evidence = Readonly<Record<string, ArrayLike<number>>>

/** A cell of the catalogue as reasons describe it. */
export interface CellFacts {
  readonly genre: string
  readonly given: boolean
  /** The logits of the cell's genre; null for a source that the project does not have. */
  readonly logit: (source: string) => number | null
  readonly nearest: readonly { readonly movie: number; readonly similarity: number; readonly has: boolean }[]
  /** Describes a movie by its id and labels. */
  readonly named: (movie: number) => { readonly key: string; readonly labels: readonly string[] }
  /** The run of another family. */
  readonly family: { readonly run: number; readonly name: string } | null
  /** The most informative other label of the movie: how many other movies have it, and how many of them have this genre as well. */
  readonly pair: Rule | null
  /** The same for two other labels, where they are more informative than each alone. */
  readonly rule: Rule | null
  /** Rules of the codebook that the cell breaks with another one: the rule in words, and the other genre. */
  readonly broken: readonly { readonly rule: string; readonly other: number }[]
  /** Records that the movie was merged from: their files, and whether they name the genre. */
  readonly records: readonly { readonly file: string; readonly has: boolean }[]
  readonly opinion: OpinionFacts | null
}
/** Movies with these genres, and those of them that have one more. */
export interface Rule {
  readonly genres: readonly { readonly genre: number; readonly name: string }[]
  readonly together: number
  readonly movies: number
}
/**
 * A service's opinion against the label. `checked`: its opinions against labels of the source that a person decided since, and `right`, how
 * many of them that person agreed with.
 */
export interface OpinionFacts {
  readonly service: string
  readonly model: string
  readonly fits: boolean
  readonly checked: number
  readonly right: number
}
interface WordedReason {
  readonly text: string
  readonly proof: Proof
}
interface Source {
  /** How its values are computed, for the recipe. */
  readonly how: string
  /**
   * (n, k) log-odds of each genre, from models that did not learn from the movie; null: the project has no such source. `earlier`: those of
   * the rows above. Absent: the source is not weighed, or is a part of others.
   */
  readonly logits?: (pass: Pass, earlier: Readonly<Record<string, Float32Array>>) => Float32Array | Context | null
  /** Returns the reason in words and its proof, or null where the source says nothing. A string names the source whose reason includes this one. */
  readonly reason: string | ((cell: CellFacts) => WordedReason | null)
}

/** Shares are clipped to this distance from 0 and 1, because thirty neighbours cannot support a more extreme probability. */
const MIN_SHARE = 0.002
/** Movies with this cosine have nearly the same words. */
export const DUPLICATE = 0.9

/**
 * The table. Each row's weight is learnt, see `learn.ts`; a row without logits has the weight of the others' part that it explains
 * (`genres`), or none: evidence that planted errors cannot test, or that has proved to add nothing, is shown without a weight.
 */
export const SOURCES: Readonly<Record<string, Source>> = {
  text: {
    how: 'logit of the text model, the mean over the divisions into folds',
    logits: ({ text }) => text,
    reason: ({ genre, logit: of }) => ({
      text: `title and plot say ${genre} ${percent(sigmoid(of('text') ?? 0))}`,
      proof: { show: 'words' },
    }),
  },
  bayes: { how: 'logit of naive Bayes on words', logits: ({ bayes }) => bayes, reason: 'text' },
  neighbours: {
    how: 'logit of the share of the most similar movies that have the genre, weighted by the squared cosine',
    logits: ({ neighbours, labels, k }) => neighbourShares(neighbours, labels, k).map((share) => logit(share, MIN_SHARE)),
    reason: ({ given, nearest }) => {
      const having = nearest.filter(({ has }) => has).length
      const [part, verb] = given ? [nearest.length - having, 'lack'] : [having, 'have']
      return nearest.length === 0
        ? null
        : { text: `${part} of ${nearest.length} most similar movies ${verb} it`, proof: { show: 'neighbours' } }
    },
  },
  duplicates: {
    how: `logit of the share of the movies with nearly the same words (cosine from ${DUPLICATE} on) that have the genre, 0 where there are none`,
    logits: duplicateLogits,
    reason: ({ given, nearest, named }) => {
      const other = nearest.find(({ similarity, has }) => similarity >= DUPLICATE && has !== given)
      if (!other) return null
      const { key, labels } = named(other.movie)
      return {
        text: `nearly the same text as ${key}, labelled ${labels.join(', ') || 'with no genre'}`,
        proof: { show: 'movie', movie: other.movie },
      }
    },
  },
  family: {
    how: 'logit of the newest run of another family, out of fold',
    logits: ({ family }) => family,
    reason: ({ genre, family, logit: of }) =>
      family && { text: `${family.name} says ${genre} ${percent(sigmoid(of('family') ?? 0))}`, proof: { show: 'run', run: family.run } },
  },
  context: {
    how: 'log-odds of the label by the text model and the movie’s other labels',
    logits: ({ labels, text, fold, folds, k }) => contextOf(labels, { text }, fold, folds, k).logits,
    reason: 'text',
  },
  contextOfAll: {
    how: 'log-odds of the label by all opinions (text, naive Bayes, similar movies, the other family) and the movie’s other labels',
    logits: ({ labels, fold, folds, k }, { text, bayes, neighbours, family }) => {
      const opinions = { text, bayes, neighbours, family }
      return contextOf(labels, Object.fromEntries(Object.entries(opinions).flatMap(([name, z]) => (z ? [[name, z]] : []))), fold, folds, k)
    },
    reason: 'text',
  },
  genres: {
    how: 'the part of both log-odds that comes from the other labels',
    reason: ({ pair }) => pair && { text: besideText(pair), proof: { show: 'genres', genres: pair.genres.map(({ genre }) => genre) } },
  },
  rules: {
    how: 'two other labels of the movie that tell more than each alone; not weighed: the labels’ part says it already',
    reason: ({ rule }) => rule && { text: besideText(rule), proof: { show: 'genres', genres: rule.genres.map(({ genre }) => genre) } },
  },
  codebook: {
    how: 'rules of the codebook that the label breaks with another one; not weighed: one of the labels is wrong by the rule',
    reason: ({ broken: [first, ...more] }) =>
      first
        ? {
            text: `the codebook says: ${[first, ...more].map(({ rule }) => rule).join(', ')}`,
            proof: { show: 'genres', genres: [first.other] },
          }
        : null,
  },
  records: {
    how: 'records of the movie in the imported files that disagree; not weighed: planted errors cannot show what it is worth',
    reason: ({ given, records }) => {
      const against = records.filter(({ has }) => has !== given)
      if (against.length === 0) return null
      const files = [...new Set(against.map(({ file }) => file))].join(', ')
      return {
        text: `${against.length} of ${records.length} imported records ${given ? 'lack' : 'have'} it (${files})`,
        proof: { show: 'records' },
      }
    },
  },
  opinion: {
    how: 'second opinion of a service; not weighed: planted errors would have to be sent to it',
    reason: ({ genre, opinion }) =>
      opinion && {
        text: `${opinion.service} (${opinion.model}) says that ${genre} ${opinion.fits ? 'fits' : 'does not fit'}; ${provedText(opinion)}`,
        proof: { show: 'answers' },
      },
  },
}

const provedText = ({ checked, right }: OpinionFacts): string =>
  checked === 0
    ? 'none of its opinions against a label has been checked yet'
    : `it was right in ${count(right)} of ${many(checked, 'label')} that were checked`

const besideText = ({ genres, together, movies }: Rule): string => {
  const names = genres.map(({ name }) => name).join(' and ')
  const of = many(movies, 'other movie')
  return together === 0 ? `never beside ${names} (${of})` : `beside ${names} in ${count(together)} of ${of}`
}

/** Share (n, k) of each genre among a row's neighbours, weighted by their squared cosine. */
export function neighbourShares({ count: each, rows, cosines }: Neighbours, y: Uint8Array, k: number): Float32Array {
  const n = rows.length / each
  const out = new Float32Array(n * k)
  for (let row = 0; row < n; row++) {
    let sum = 0
    for (let i = row * each; i < (row + 1) * each && rows[i]! >= 0; i++) {
      const weight = cosines[i]! ** 2
      sum += weight
      for (let g = 0, cell = rows[i]! * k; g < k; g++, cell++) if (y[cell] === 1) out[row * k + g]! += weight
    }
    if (sum > 0) for (let cell = row * k; cell < (row + 1) * k; cell++) out[cell]! /= sum
  }
  return out
}

/** Log-odds (n, k) of each genre among the movies with nearly the same words, by Laplace's rule; 0 for a movie without such movies. */
function duplicateLogits({ neighbours: { count: each, rows, cosines }, labels, k }: Pass): Float32Array {
  const out = new Float32Array(labels.length)
  for (let row = 0, at = 0; at < rows.length; row++, at += each) {
    let same = 0
    while (same < each && cosines[at + same]! >= DUPLICATE) same++
    if (same === 0) continue
    const having = (g: number): number => rows.subarray(at, at + same).reduce((sum, other) => sum + labels[other * k + g]!, 0)
    for (let g = 0; g < k; g++) out[row * k + g] = logit((having(g) + 0.5) / (same + 1))
  }
  return out
}
