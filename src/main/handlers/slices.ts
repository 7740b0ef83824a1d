import { FilterError } from '../../contract/filter.ts'
import type { SLICE_METHODS, SliceReport, SliceRow } from '../../contract/slices.ts'
import { figuresOf, findSlices, errorSums, type Predicate, type RowErrors } from '../analysis/slices.ts'
import { benjaminiHochberg, fromZero } from '../analysis/t-test.ts'
import { Bits } from '../catalogue/bits.ts'
import { rowErrorsSteps, scopeOf } from '../catalogue/scoring.ts'
import { plainPredicates, wordPredicates } from '../catalogue/slice-predicates.ts'
import { inSlices } from '../jobs/slices.ts'
import type { Args } from '../../contract/api.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { emptyPart, scoresOf } from './runs.ts'

/** A found slice has at least this many movies, and this share of them. */
const MIN_MOVIES = 10
const MIN_SHARE = 0.01

export function sliceHandlers(c: Context): Handlers<typeof SLICE_METHODS> {
  return { 'slices.find': (args) => sliceReport(c.workspace(), args) }
}

async function sliceReport(w: Workspace, { run, against, part, top, alpha }: Args<'slices.find'>): Promise<SliceReport> {
  const { catalogue, index, store } = w
  const scores = run === null ? w.trained() : scoresOf(w, run)
  const older = against === null ? null : scoresOf(w, against)
  const scope = scopeOf(catalogue, part, scores, ...(older ? [older] : []))
  if (scope.rows.length === 0) throw emptyPart(w, scope, older ? `Runs ${against} and ${scores.run} have both` : `Run ${scores.run} has`)
  const scored = new Bits(catalogue.n)
  for (const row of scope.rows) scored.set(row, true)
  const rowsOf = async (where: string): Promise<Bits> => {
    // hundreds of filters take a millisecond each, so let other calls be handled in between
    await new Promise((resolve) => setImmediate(resolve))
    return (await index.matching(where)).copy().and(scored)
  }

  const now = await inSlices(rowErrorsSteps(catalogue, scores, scope))
  const before = older && (await inSlices(rowErrorsSteps(catalogue, older, scope)))
  // a slice that improved was bad before
  const errors = before ?? now
  const least = Math.max(MIN_MOVIES, Math.ceil(MIN_SHARE * scope.rows.length))
  const share = least / scope.rows.length
  const { words, tried } = await inSlices(wordPredicates(store, catalogue, scope, errors, { share, alpha }))
  const predicates: Predicate[] = []
  for (const where of [...(await plainPredicates(catalogue, index.columns, scope)), ...words])
    if (index.isMeaningful(where)) predicates.push({ where, rows: await rowsOf(where) })
  const options = { alpha, least, top, leftOut: tried - words.length }
  const { tests, slices } = await inSlices(findSlices(errors, scored, predicates, options))

  const all = errorSums(errors, scored, scored)
  const problems: { name: string; problem: string }[] = []
  const saved: Omit<SliceRow, 'q' | 'change'>[] = []
  for (const { name, where } of store.meta.get('slices') ?? []) {
    try {
      const sums = errorSums(errors, await rowsOf(where), scored)
      if (sums.count > 0 && sums.count < all.count) saved.push({ name, where, ...figuresOf(sums, all, alpha) })
      else problems.push({ name, problem: sums.count === 0 ? 'It has no movie of this part.' : 'It has every movie of this part.' })
    } catch (error) {
      if (!(error instanceof FilterError)) throw error
      problems.push({ name, problem: error.message })
    }
  }
  const savedQ = benjaminiHochberg(saved.map(({ p }) => p))
  const rows: SliceRow[] = [
    ...slices.map((slice) => ({ name: null, ...slice, change: null })),
    ...saved.map((slice, i) => ({ ...slice, q: savedQ[i] ?? 1, change: null })),
  ]
  const compared = before ? await withChanges(rows, before, now, rowsOf) : rows
  return {
    run: scores.run,
    against,
    part,
    movies: all.count,
    error: all.sum / all.count,
    microF1: (2 * all.hits) / (2 * all.hits + all.wrong),
    least,
    tests,
    found: compared.filter(({ name }) => name === null),
    saved: compared.filter(({ name }) => name !== null),
    problems,
  }
}

/** The rows with what changed from one run's errors to another's. */
async function withChanges(
  rows: readonly SliceRow[],
  before: RowErrors,
  now: RowErrors,
  rowsOf: (where: string) => Promise<Bits>,
): Promise<SliceRow[]> {
  const differences = { ...now, error: now.error.map((error, row) => error - (before.error[row] ?? 0)) }
  const changes: Omit<NonNullable<SliceRow['change']>, 'q'>[] = []
  for (const { where, error } of rows) {
    const bits = await rowsOf(where)
    const sums = errorSums(differences, bits, bits)
    changes.push({ before: error, after: error + sums.sum / sums.count, p: fromZero(sums) })
  }
  const q = benjaminiHochberg(changes.map(({ p }) => p))
  return rows.map((row, i) => {
    const change = changes[i]
    return { ...row, change: change ? { ...change, q: q[i] ?? 1 } : null }
  })
}
