/** Estimates for the whole catalogue from an audit's answers. */
import {
  MIN_AUDITED,
  type AuditAnswers,
  type AuditDesign,
  type AuditRate,
  type AuditResult,
  type AuditState,
  type Interval,
} from '../../../contract/audit.ts'
import { anyWrong } from '../suspects/learn.ts'
import { anytimeMultiplier, estimateMean, unitsFor, Z95, type Estimate } from './estimate.ts'

/** Units of `AuditDraw.wrong`. */
export const WRONG_UNIT = 1e-4
/** Genres of fewer labelled movies have no estimate worth relying on. */
const RELIABLE_CARRIERS = 20
const [MOVIES, MISSING, SPURIOUS, CELLS, FIRST_GENRE] = [0, 1, 2, 3, 4]

/**
 * The estimates of a movie: whether any of its labels is wrong, how many are missing, spurious and wrong at all, and whether each
 * genre's is. The same sums of probabilities predict it. (4 + k)
 * @param wrong (k) 0, 1 or P(wrong)
 */
export function quantitiesOf(wrong: ArrayLike<number>, isGiven: (column: number) => boolean): Float64Array {
  const out = new Float64Array(FIRST_GENRE + wrong.length)
  for (let column = 0; column < wrong.length; column++) {
    out[isGiven(column) ? SPURIOUS : MISSING]! += wrong[column]!
    out[FIRST_GENRE + column] = wrong[column]!
  }
  out[CELLS] = out[MISSING]! + out[SPURIOUS]!
  out[MOVIES] = anyWrong(wrong.length, (column) => wrong[column]!)
  return out
}

/** The largest number of movies to label. */
export const limitOf = ({ draws, size, width }: AuditDesign): number => (width === null ? Math.min(size, draws.length) : draws.length)

/** Movies at the beginning of the sample that are all labelled: later answers wait, because a chosen movie is not a random one. */
export function answeredOf(design: AuditDesign, answers: AuditAnswers): number {
  const open = design.draws.findIndex(({ movie }, i) => i >= limitOf(design) || answers[movie] === undefined)
  return open < 0 ? design.draws.length : open
}

type Rates = Omit<AuditResult, keyof AuditState | 'reviewed'>
/** Results of the answers so far. Computing `rates` takes a while in a large audit. */
export interface Figures extends Pick<AuditState, 'more'> {
  readonly rates: () => Rates
}

/** The estimates; null before {@link MIN_AUDITED} answers. @param names of the design's genres */
export function auditFigures(design: AuditDesign, answers: AuditAnswers, names: readonly string[]): Figures | null {
  const { draws, strata, genres, size, width } = design
  const n = answeredOf(design, answers)
  if (n < MIN_AUDITED && n < draws.length) return null
  const [k, sizes] = [genres.length, strata.map(({ movies }) => movies)]
  const population = sizes.reduce((a, b) => a + b, 0)
  const taken = draws.slice(0, n)
  const stratum = taken.map((draw) => draw.stratum)
  const given = (i: number, column: number): boolean => taken[i]!.labels.includes(genres[column]!)
  const answered = (i: number, column: number): boolean => answers[taken[i]!.movie]!.includes(genres[column]!)
  const found = taken.map((_, i) =>
    quantitiesOf(
      genres.map((_, column) => (given(i, column) === answered(i, column) ? 0 : 1)),
      (column) => given(i, column),
    ),
  )
  const predicted = taken.every(({ wrong }) => wrong !== null && wrong.length === k)
    ? taken.map(({ wrong }, i) =>
        quantitiesOf(
          wrong!.map((units) => units * WRONG_UNIT),
          (column) => given(i, column),
        ),
      )
    : null
  const fixed = width === null && n === limitOf(design)
  const anytime = anytimeMultiplier(n, population, size)
  const estimates = (quantity: number): { plain: Estimate; best: Estimate } => {
    const sampled = { stratum, sizes, y: found.map((of) => of[quantity]!) }
    const plain = estimateMean(sampled)
    if (!predicted) return { plain, best: plain }
    const means = strata.map(({ movies, sums }) => (sums[quantity] ?? 0) / Math.max(1, movies))
    return { plain, best: estimateMean(sampled, { f: predicted.map((of) => of[quantity]!), means }) }
  }
  const rateOf = (quantity: number, scale = 1): AuditRate => {
    const { plain, best } = estimates(quantity)
    const share = (x: number): number => Math.min(1, Math.max(0, x / scale))
    const around = ({ mean, errorAt }: Estimate, reach: number): Interval => ({
      rate: share(mean),
      low: share(mean - reach * errorAt(n)),
      high: share(mean + reach * errorAt(n)),
    })
    const [always, once] = [around(best, anytime), around(best, Z95)]
    return { ...(fixed ? once : always), anytime: always, fixed: once, stratified: around(plain, fixed ? Z95 : anytime) }
  }
  const predictedSum = (quantity: number): number => strata.reduce((sum, { sums }) => sum + (sums[quantity] ?? 0), 0)
  const rates = (): Rates => ({
    search: predicted && { movies: predictedSum(MOVIES) / population, cells: predictedSum(CELLS) / (population * k) },
    population: { movies: population, cells: population * k },
    estimator: predicted ? 'ppi' : 'stratified',
    interval: fixed ? 'fixed' : 'anytime',
    movies: rateOf(MOVIES),
    cells: rateOf(CELLS, k),
    missing: rateOf(MISSING, k),
    spurious: rateOf(SPURIOUS, k),
    genres: genres.map((_, column) => {
      const carriers = taken.filter((_, i) => given(i, column) || answered(i, column)).length
      return { name: names[column] ?? '', ...rateOf(FIRST_GENRE + column), carriers, reliable: carriers >= RELIABLE_CARRIERS }
    }),
  })
  return { rates, more: width === null ? null : unitsFor(width, estimates(MOVIES).best, n, population, size) - n }
}
