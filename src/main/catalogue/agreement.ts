import { MERGED_BY_PERSON, MERGED_BY_RULE } from '../../contract/people.ts'
import type { Agreement, PairAgreement } from '../../contract/people.ts'
import { cohensKappa, fleissKappa, krippendorffsAlpha, masiDistance } from '../analysis/agreement.ts'
import type { LogChange } from '../store/changes.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

const UNDECIDED = 255
/** Labels that a person decided, by row of the catalogue: (k) 0, 1 or {@link UNDECIDED}. */
type Decided = Map<number, Uint8Array>

/**
 * The last own decision of each person on each cell, from the batches in force. A verdict decides for the label that its writer saw; a movie
 * marked as reviewed is decided in all cells. Batches of a merge decide between people, so they are no one's own. Whoever worked on a copy
 * did not see what stands before it in a merged log: if a change does not continue the value before it, the source's label or the person's
 * own is taken instead.
 */
export function ownDecisions(store: Store, catalogue: Catalogue): Map<string, Decided> {
  const { k, source } = catalogue
  const inForce = store.changes.inForce()
  const batches = new Map(store.changes.batches().map((b) => [b.id, b]))
  const people = new Map<string, Decided>()
  /** Values after the changes so far, by the name of the place. */
  const now = new Map<string, string>()
  const labelOf = (row: number, column: number): number => Number(now.get(`label ${row} ${column}`) ?? source[row * k + column])
  const decide = (batch: number, changes: readonly LogChange[]): void => {
    const { who, why } = batches.get(batch) ?? { who: '', why: MERGED_BY_RULE }
    const isOwn = why !== MERGED_BY_RULE && why !== MERGED_BY_PERSON
    const mine: Decided = people.get(who) ?? new Map<number, Uint8Array>()
    if (isOwn) people.set(who, mine)
    const cellsOf = (row: number): Uint8Array => {
      const cells = mine.get(row) ?? new Uint8Array(k).fill(UNDECIDED)
      mine.set(row, cells)
      return cells
    }
    const labelled = new Set(changes.filter((c) => c.field === 'label').map((c) => `${c.movie} ${c.genre}`))
    for (const c of changes) {
      const row = catalogue.row(c.movie)
      const column = catalogue.column(c.genre ?? 0)
      if (row < 0 || (c.genre !== null && column < 0)) continue
      const place = `${c.field} ${row} ${c.genre === null ? '' : column}`
      const saw = c.was === (now.get(place) ?? (c.field === 'label' ? String(source[row * k + column]) : c.field === 'verdict' ? '' : '0'))
      if (isOwn && c.field === 'label') cellsOf(row)[column] = Number(c.becomes)
      if (isOwn && c.field === 'verdict' && !labelled.has(`${c.movie} ${c.genre}`)) {
        const cells = cellsOf(row)
        const own = cells[column] === UNDECIDED ? source[row * k + column]! : cells[column]!
        cells[column] = c.becomes === '' ? UNDECIDED : saw ? labelOf(row, column) : own
      }
      if (isOwn && c.field === 'reviewed' && c.becomes === '1') {
        const cells = cellsOf(row)
        for (let j = 0; j < k; j++) if (cells[j] === UNDECIDED) cells[j] = saw ? labelOf(row, j) : source[row * k + j]!
      }
      now.set(place, c.becomes)
    }
  }
  let [batch, changes]: [number, LogChange[]] = [0, []]
  for (const change of store.changes.all()) {
    if (!inForce.has(change.batch)) continue
    if (change.batch !== batch) {
      decide(batch, changes)
      ;[batch, changes] = [change.batch, []]
    }
    changes.push(change)
  }
  decide(batch, changes)
  return people
}

/** Agreement of every two people, and of all, on what they both decided. */
export function agreementOf(store: Store, catalogue: Catalogue): Agreement {
  const { k, genres } = catalogue
  const people = [...ownDecisions(store, catalogue)].filter(([, decided]) => decided.size > 0).sort(([a], [b]) => (a < b ? -1 : 1))
  const pairs: PairAgreement[] = []
  const disputed = new Set<number>()
  for (const [i, [first, a]] of people.entries())
    for (const [second, b] of people.slice(i + 1)) {
      const answers = genres.map(() => [[], []] as [number[], number[]])
      const movies = new Set<number>()
      for (const [row, mine] of a)
        for (let j = 0; j < k; j++) {
          const [x, y] = [mine[j]!, b.get(row)?.[j] ?? UNDECIDED]
          if (x === UNDECIDED || y === UNDECIDED) continue
          answers[j]![0].push(x)
          answers[j]![1].push(y)
          movies.add(row)
          if (x !== y) disputed.add(catalogue.ids[row]!)
        }
      const rows = answers.flatMap(([x, y], j) => (x.length > 0 ? [{ genre: genres[j]!.name, ...figures(x, y) }] : []))
      if (rows.length > 0) pairs.push({ people: [first, second], movies: movies.size, genres: rows })
    }
  const isWhole = (cells: Uint8Array | undefined): cells is Uint8Array => cells !== undefined && !cells.includes(UNDECIDED)
  const rows = [...new Set(people.flatMap(([, decided]) => [...decided.keys()]))]
  const whole = rows.map((row) => people.map(([, decided]) => decided.get(row)).filter(isWhole)).filter((all) => all.length >= 2)
  const sets = whole.map((all) => all.map((cells) => new Set([...cells.keys()].filter((j) => cells[j] === 1))))
  const byAll = whole.filter((all) => all.length === people.length)
  const counts = (j: number): number[][] => byAll.map((all) => [0, 1].map((v) => all.filter((cells) => cells[j] === v).length))
  return {
    people: people.map(([who, decided]) => ({ who, movies: decided.size })),
    pairs,
    disputed: disputed.size,
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
