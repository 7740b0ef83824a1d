import type { Agreement, PairAgreement } from '../../contract/people.ts'
import { UNDECIDED } from '../analysis/crowdlab.ts'
import { cohensKappa, fleissKappa, krippendorffsAlpha, masiDistance } from '../analysis/agreement.ts'
import type { Catalogue } from './catalogue.ts'
import type { OwnDecisions } from './own-decisions.ts'

/**
 * Agreement of every two people, and of all, on what they both decided.
 * @param disputed how many movies have an open dispute
 */
export function agreementOf(decisions: OwnDecisions, catalogue: Catalogue, disputed: number): Agreement {
  const { k, genres } = catalogue
  const people = [...decisions.people].filter(([, decided]) => decided.size > 0).sort(([a], [b]) => (a < b ? -1 : 1))
  const pairs: PairAgreement[] = []
  for (const [i, [first, a]] of people.entries())
    for (const [second, b] of people.slice(i + 1)) {
      const answers = genres.map(() => [[], []] as [number[], number[]])
      const movies = new Set<number>()
      for (const [row, mine] of a)
        for (let j = 0; j < k; j++) {
          const [x, y] = [mine.labels[j]!, b.get(row)?.labels[j] ?? UNDECIDED]
          if (x === UNDECIDED || y === UNDECIDED) continue
          answers[j]![0].push(x)
          answers[j]![1].push(y)
          movies.add(row)
        }
      const rows = answers.flatMap(([x, y], j) => (x.length > 0 ? [{ genre: genres[j]!.name, ...figures(x, y) }] : []))
      if (rows.length > 0) pairs.push({ people: [first, second], movies: movies.size, genres: rows })
    }
  const isWhole = (cells: Uint8Array | undefined): cells is Uint8Array => cells !== undefined && !cells.includes(UNDECIDED)
  const rows = [...new Set(people.flatMap(([, decided]) => [...decided.keys()]))]
  const whole = rows.map((row) => people.map(([, decided]) => decided.get(row)?.labels).filter(isWhole)).filter((all) => all.length >= 2)
  const sets = whole.map((all) => all.map((cells) => new Set([...cells.keys()].filter((j) => cells[j] === 1))))
  const byAll = whole.filter((all) => all.length === people.length)
  const counts = (j: number): number[][] => byAll.map((all) => [0, 1].map((v) => all.filter((cells) => cells[j] === v).length))
  return {
    people: people.map(([who, decided]) => ({ who, movies: decided.size })),
    pairs,
    disputed,
    alpha: {
      movies: sets.length,
      value: finite(sets.length === 0 ? NaN : krippendorffsAlpha(sets, masiDistance, (set) => [...set].join())),
    },
    fleiss: {
      movies: byAll.length,
      genres: byAll.length === 0 ? [] : genres.map(({ name }, j) => ({ genre: name, value: finite(fleissKappa(counts(j))) })),
    },
  }
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null)
function figures(x: readonly number[], y: readonly number[]): Omit<PairAgreement['genres'][number], 'genre'> {
  const { kappa, low, high, agreement, n } = cohensKappa(x, y, 2)
  return { n, agreement, differ: x.filter((v, i) => v !== y[i]).length, kappa: finite(kappa), low: finite(low), high: finite(high) }
}
