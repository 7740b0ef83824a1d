/** The import log, records that were rejected, and an update, as the fake engine has them. */
import type { RecordCheck, RejectedRecord, ImportLogEntry } from '../../src/contract/importing.ts'
import type { MergeExample, MergePlan } from '../../src/contract/merging.ts'

const COLUMNS = ['Release_Date', 'Title', 'Overview', 'Popularity', 'Genre']
const KINDS: readonly (readonly [ImportLogEntry['what'], string, string, string])[] = [
  ['repaired', 'text of another encoding', 'PokÃ©mon: the cafÃ©', 'Pokémon: the café'],
  ['padded', '4 cells instead of 5', '9,A,B,C', '9,A,B,C,'],
  ['rejected', '3 cells instead of 5', 'broken,line,here', ''],
]
export const importLog: readonly ImportLogEntry[] = Array.from({ length: 640 }, (_, i) => {
  const [what, why, before, after] = KINDS[i % KINDS.length]!
  return { file: 'movies.csv', line: 10 + i * 7, lines: 1, what, why, before, after }
})
export const rejectedRecords: readonly RejectedRecord[] = Array.from({ length: 213 }, (_, i) => ({
  record: i + 1,
  file: 'movies.csv',
  line: 88 + i * 21,
  why: '3 cells instead of 5',
  raw: `1999-01-0${(i % 9) + 1},The Lost Line ${i},"A plot that never ends`,
  columns: COLUMNS,
  delimiter: ',',
}))
export function page<K extends string, T>(
  all: readonly T[],
  after: number,
  limit: number,
  key: K,
): { total: number; last: number | null } & Record<K, readonly T[]> {
  const last = after + limit
  return { total: all.length, last: last < all.length ? last : null, [key]: all.slice(after, last) } as never
}
/** It fits when it has as many cells as the header, apart from quotes. */
export function recordCheck({ record, raw }: { readonly record: number; readonly raw: string }): RecordCheck {
  const cells = raw.split(',')
  const why = cells.length === COLUMNS.length ? null : `${cells.length} cells instead of ${COLUMNS.length}`
  const at = (i: number) => cells[i] ?? ''
  return {
    record,
    why,
    cells: cells.map((value, i) => ({ column: COLUMNS[i] ?? `column ${i + 1}`, value })),
    movie: why === null ? { key: `row-${record}`, title: at(1), plot: at(2), genres: [at(4)], joins: false } : null,
  }
}
const example = (i: number, fields: MergeExample['fields'] = [], corrections = 0): MergeExample => ({
  key: `tt${i}`,
  title: `The Harbour ${i}`,
  fields,
  corrections,
})
export const mergePlan: MergePlan = {
  token: 't1',
  by: 'id',
  reason: 'Movies are matched by the column id, which both sources have.',
  files: [{ name: 'newer.csv', records: 430, rejected: 1 }],
  same: 371,
  added: 22,
  changed: 37,
  removed: 12,
  corrections: { kept: 41, onChanged: 6, onRemoved: 2, agreed: 3 },
  examples: {
    added: [1, 2, 3].map((i) => example(i)),
    changed: [
      example(4, [{ field: 'genres', was: 'Crime, Drama', becomes: 'Crime, Thriller' }], 1),
      example(5, [
        { field: 'plot', was: 'A retired detective returns to the town.', becomes: 'A retired detective returns to the harbour town.' },
        { field: 'columns', was: 'Popularity 3.1', becomes: 'Popularity 4.0' },
      ]),
    ],
    removed: [example(6, [], 2)],
  },
  warnings: [],
}
