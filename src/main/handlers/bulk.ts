import type { Args } from '../../contract/api.ts'
import { UserError } from '../../contract/errors.ts'
import type { BulkAction, Change } from '../../contract/review.ts'
import type { Verdict } from '../../contract/records.ts'
import { many } from '../../contract/words.ts'
import { inSlices } from '../jobs/slices.ts'
import { VERDICT_NAMES } from '../analysis/triage.ts'
import type { Workspace } from '../workspace.ts'
import { namedGenre } from './review.ts'

/** A movie, the genre that a bulk edit is about, and the genre that takes its place. Without a genre both are 0. */
interface Cell {
  readonly movie: number
  readonly genre: number
  readonly has: boolean
  readonly verdict: Verdict | null
  readonly by: number
  readonly hasBy: boolean
  readonly flagged: boolean
  readonly reviewed: boolean
}
interface Edit {
  /** Genres that it takes. */
  readonly genres: 0 | 1 | 2
  /** Empty if the movie is as asked already. */
  readonly changes: (cell: Cell) => readonly Change[]
  /** For the change log. */
  readonly text: (movies: string, genre: string, by: string) => string
}
const label = (movie: number, genre: number, to: boolean): Change => ({ field: 'label', movie, genre, to })
const verdict = ({ movie, genre }: Cell, to: Verdict): Change => ({ field: 'verdict', movie, genre, to })
const mark = (field: 'flagged' | 'reviewed', to: boolean, text: Edit['text']): Edit => ({
  genres: 0,
  changes: (cell) => (cell[field] === to ? [] : [{ field, movie: cell.movie, to }]),
  text,
})

const EDITS: Readonly<Record<BulkAction, Edit>> = {
  add: {
    genres: 1,
    changes: ({ movie, genre, has }) => (has ? [] : [label(movie, genre, true)]),
    text: (movies, genre) => `Add ${genre} to ${movies}`,
  },
  remove: {
    genres: 1,
    changes: ({ movie, genre, has }) => (has ? [label(movie, genre, false)] : []),
    text: (movies, genre) => `Remove ${genre} from ${movies}`,
  },
  replace: {
    genres: 2,
    changes: ({ movie, genre, has, by, hasBy }) => (has ? [label(movie, genre, false), ...(hasBy ? [] : [label(movie, by, true)])] : []),
    text: (movies, genre, by) => `Replace ${genre} by ${by} in ${movies}`,
  },
  keep: {
    genres: 1,
    changes: (cell) => (cell.verdict === 'keep' ? [] : [verdict(cell, 'keep')]),
    text: (movies, genre) => `Keep ${genre} as it is in ${movies}`,
  },
  // a label that is not there cannot be true
  impossible: {
    genres: 1,
    changes: (cell) => (cell.has && cell.verdict !== 'impossible' ? [verdict(cell, 'impossible')] : []),
    text: (movies, genre) => `Mark ${genre} as impossible in ${movies}`,
  },
  flag: mark('flagged', true, (movies) => `Flag ${movies}`),
  unflag: mark('flagged', false, (movies) => `Remove the flag from ${movies}`),
  review: mark('reviewed', true, (movies) => `Mark ${movies} as reviewed`),
  unreview: mark('reviewed', false, (movies) => `Mark ${movies} as not reviewed`),
}

/** The changes of a bulk edit. */
interface BulkPlan {
  readonly changes: readonly Change[]
  /** The movies that change, in the order of the list. */
  readonly movies: Int32Array
  /** Movies that the edit concerns. */
  readonly matched: number
  readonly description: string
}

/** @throws UserError `no-genre`, FilterError */
export async function planBulk(w: Workspace, { filter, movies: chosen, action, genre, by }: Args<'labels.bulk'>): Promise<BulkPlan> {
  const edit = EDITS[action]
  const wanted = [genre, by].slice(0, edit.genres).map((name) => {
    if (name === null) throw new UserError('no-genre', 'Choose the genre to change.')
    return namedGenre(w, name)
  })
  if (wanted.length === 2 && wanted[0] === wanted[1]) throw new UserError('same-genre', 'Choose another genre to take its place.')
  const listed = chosen ?? (await w.index.query(filter)).movies
  // labels may have changed during the search: use the current ones
  const { catalogue } = w
  const [first, second] = wanted.map(({ id }) => ({ id, column: catalogue.column(id) }))
  const has = (row: number, at: typeof first): boolean => at !== undefined && catalogue.labels[row * catalogue.k + at.column] === 1
  const changed: number[] = []
  const changes: Change[] = []
  const choose = function* (): Generator<undefined, void> {
    for (const [i, movie] of listed.entries()) {
      if (i % 500 === 499) yield
      const row = catalogue.row(movie)
      if (row < 0) continue
      const found = edit.changes({
        movie,
        genre: first?.id ?? 0,
        has: has(row, first),
        verdict: first ? (VERDICT_NAMES[catalogue.verdicts[row * catalogue.k + first.column] ?? 0] ?? null) : null,
        by: second?.id ?? 0,
        hasBy: has(row, second),
        flagged: catalogue.marks.flagged[row] === 1,
        reviewed: catalogue.marks.reviewed[row] === 1,
      })
      if (found.length > 0) changed.push(movie)
      for (const change of found) changes.push(change)
    }
  }
  await inSlices(choose())
  const description = edit.text(many(changed.length, 'movie'), wanted[0]?.name ?? '', wanted[1]?.name ?? '')
  return { changes, movies: Int32Array.from(changed), matched: listed.length, description }
}
