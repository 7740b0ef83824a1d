import type { RuleId } from '../../contract/cleaning.ts'
import { SPLITS, type Split } from '../../contract/records.ts'
import { iterativeStratification } from '../analysis/stratify.ts'
import { SPLIT_NAMES } from '../data/import/read.ts'
import { plotKey } from '../data/clean/plots.ts'
import { CHUNK_MOVIES, OF_THE_SOURCE } from '../store/columns.ts'
import type { Store } from '../store/store.ts'

/** Code of a part, as the store keeps it. */
export const splitCode = (split: Split): number => SPLITS.indexOf(split)

/** Shares of the split that is made where the catalogue brings none: the linear family needs no validation part. */
const SHARES = [0.8, 0.2]
const PARTS = (['train', 'test'] as const).map(splitCode)

/** A split cell as a part; null for anything else. */
export const asSplit = (cell: string): Split | null => SPLIT_NAMES.get(cell.trim().toLowerCase()) ?? null

interface Splittable {
  readonly id: number
  readonly plot: string
  /** The rule that took it out; null where it is kept. */
  readonly out: RuleId | null
  readonly labels: Uint16Array
}

/**
 * Splits all movies 80/20 by iterative stratification, duplicates together. Kept movies are split by themselves, so that
 * their shares are right; the others wait with a part of their own for the day a rule is switched off.
 */
export function makeSplit(store: Store, seed: number): void {
  const all = splittable(store)
  const kept = all.filter((m) => m.out === null)
  const keptPart = stratify(kept, seed)
  const partOfPlot = new Map(kept.map((m, i) => [m.plot, keptPart[i]!]))
  const doubles = all.filter((m) => m.out !== null && partOfPlot.has(m.plot))
  const others = all.filter((m) => m.out !== null && !partOfPlot.has(m.plot))
  const split = new Uint8Array(store.movies.lastId() + 1)
  for (const [movies, part] of [
    [kept, keptPart],
    [doubles, doubles.map((m) => partOfPlot.get(m.plot)!)],
    [others, stratify(others, seed + 1)],
  ] as const)
    movies.forEach((m, i) => (split[m.id] = part[i]!))
  store.columns.putWhole(OF_THE_SOURCE, 'split', split)
}

function splittable({ movies, cleanings, columns }: Store): Splittable[] {
  const { id: generation, recipe } = cleanings.current()!
  const labels = new Map<number, Uint16Array>()
  for (const chunk of columns.chunks(generation, 'labels')) {
    const { counts, genres } = columns.labels(generation, chunk)!
    for (let slot = 0, at = 0; slot < counts.length; slot++)
      labels.set(chunk * CHUNK_MOVIES + slot, genres.subarray(at, (at += counts[slot]!)))
  }
  const out = columns.whole(generation, 'out', movies.lastId() + 1)
  return Array.from(movies.plots(), ({ id, plot }) => ({
    id,
    plot: plotKey(plot),
    out: out[id] ? (recipe[out[id] - 1]?.rule ?? null) : null,
    labels: labels.get(id) ?? new Uint16Array(0),
  }))
}

/** Rules that take out plots which are the same without being duplicates: one huge group would unbalance the parts. */
const EMPTY_PLOTS: readonly RuleId[] = ['missing', 'placeholder', 'too-short']

function stratify(movies: readonly Splittable[], seed: number): Uint8Array {
  const ids = [...new Set(movies.flatMap((m) => [...m.labels]))].sort((a, b) => a - b)
  const column = new Map(ids.map((id, j) => [id, j]))
  const labels = new Uint8Array(movies.length * ids.length)
  const first = new Map<string, number>()
  const groups = Int32Array.from(movies, (m, i) => {
    for (const g of m.labels) labels[i * ids.length + column.get(g)!] = 1
    if (m.out !== null && EMPTY_PLOTS.includes(m.out)) return i
    if (!first.has(m.plot)) first.set(m.plot, i)
    return first.get(m.plot)!
  })
  return iterativeStratification(labels, movies.length, ids.length, SHARES, groups, seed).map((part) => PARTS[part]!)
}
