/** Names of genres that a catalogue writes as ids. */
import { UserError } from '../../../../contract/errors.ts'
import { required } from '../../../../contract/required.ts'
import type { TableRecord } from '../files/table.ts'
import { tableRecords } from '../files/tables.ts'
import { columnIndex } from '../records/read.ts'
import { takeSample } from './sample.ts'

/**
 * Returns name by id from any table with the columns `id` and `name` (else its first two columns), such as TMDB's list of genres, or from
 * one JSON object such as `{"28": "Action"}`.
 * @throws UserError `no-genre-names` for a record without an id and a name, and what reading a table throws
 */
export async function readGenreNames(path: string): Promise<ReadonlyMap<string, string>> {
  const file = required((await takeSample(path))[0], 'the first table')
  const records: TableRecord[] = []
  for await (const batch of tableRecords(file)) records.push(...batch)
  const titled = ['id', 'name'].map((column) => columnIndex(file.columns, column))
  const places = titled.includes(-1) ? [0, 1] : titled
  const flat = places !== titled && file.kind === 'jsonl' && records.length === 1
  const names = new Map<string, string>()
  for (const { fields, line, broken } of flat ? records.flatMap((record) => membersOf(record, file.columns)) : records) {
    const [id = '', name = ''] = places.map((place) => fields[place]?.trim())
    if (broken !== null || id === '' || name === '') throw noNames(`${file.name}, line ${line},`)
    names.set(id, name)
  }
  if (names.size === 0) throw noNames(file.name)
  return names
}

/** The members of an object as records of a name and a value. */
const membersOf = (record: TableRecord, columns: readonly string[]): TableRecord[] =>
  columns.map((column, i) => ({ ...record, fields: [column, record.fields[i] ?? ''] }))

const noNames = (where: string): UserError =>
  new UserError(
    'no-genre-names',
    `${where} has no id and name of a genre: choose a table with the columns id and name, or JSON such as {"28": "Action"}.`,
  )
