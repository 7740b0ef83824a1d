/** Divides the movies of a job: which ones each training learns from, is validated on, and predicts. */
import { NOT_TRAINING } from '../../../contract/jobs.ts'
import type { TransformerConfig } from '../../../contract/models.ts'
import { mixSeed, PURPOSES, shuffled } from '../../analysis/random.ts'

export interface Division {
  /** null: the final model. */
  readonly fold: number | null
  readonly train: Int32Array
  /** Validation rows: they decide which epoch is kept. This training never predicts them out of fold. */
  readonly valid: Int32Array
  readonly predict: Int32Array
}
export interface Parts {
  /** (n) fold of the training rows, NOT_TRAINING of the others */
  readonly fold: Uint8Array
  /** (n) a row of its group of near-duplicates, the same for all of them; without it, no movie has any */
  readonly group?: Int32Array
  /** Rows of the catalogue's own validation split. */
  readonly valid: Int32Array
}
type Recipe = Pick<TransformerConfig, 'folds' | 'validation' | 'seed'>

/** Below this number of movies, validation scores are noise. */
export const MIN_VALIDATION = 20

/**
 * One training per fold, each predicting the rows that it does not see, then the final one, which predicts the movies outside the
 * training part.
 */
export function divide({ fold, group, valid }: Parts, recipe: Recipe): Division[] {
  const rows = Int32Array.from(fold.keys())
  const division = (excluded: number | null, predict: Int32Array): Division => {
    const seen = rows.filter((row) => fold[row] !== NOT_TRAINING && fold[row] !== excluded)
    return { fold: excluded, predict, ...holdBack(seen, { ...(group ? { group } : {}), valid }, recipe, excluded) }
  }
  const folds = Array.from({ length: recipe.folds }, (_, f) => division(f, rows.filter((row) => fold[row] === f))) // prettier-ignore
  return [...folds.filter(({ predict }) => predict.length > 0), division(null, rows.filter((row) => fold[row] === NOT_TRAINING))] // prettier-ignore
}

/** The catalogue's validation split; without one, a share of the training rows, in whole groups of near-duplicates; if those are too few, nothing. */
function holdBack(
  seen: Int32Array,
  { group, valid }: Omit<Parts, 'fold'>,
  { validation, seed }: Recipe,
  excluded: number | null,
): Pick<Division, 'train' | 'valid'> {
  if (valid.length >= MIN_VALIDATION) return { train: seen, valid }
  const count = Math.round(seen.length * validation)
  if (count < MIN_VALIDATION) return { train: seen, valid: new Int32Array() }
  const order = shuffled(seen, mixSeed(seed, PURPOSES.validation, excluded ?? NOT_TRAINING))
  const groupOf = (row: number): number => group?.[row] ?? row
  const held = new Set(order.subarray(0, count).map(groupOf))
  return { valid: seen.filter((row) => held.has(groupOf(row))), train: seen.filter((row) => !held.has(groupOf(row))) }
}
