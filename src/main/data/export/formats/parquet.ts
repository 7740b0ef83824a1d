/** Tables as Parquet files. The only importer of hyparquet-writer. */
import { fileWriter, ParquetWriter } from 'hyparquet-writer'
import { syncFile } from '../../../files/atomic.ts'
import { cellText, isList, type MovieColumn, type MovieTable, type Value, type ValueKind } from './movies.ts'

/** Rows that are in memory at a time: a row group. */
const GROUP = 10_000

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema']
const utf8 = (name: string): Schema[number] => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' })

/** Lists have three levels, as the format wants them (https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists). */
const SCHEMA: Readonly<Record<ValueKind, (name: string) => Schema>> = {
  text: (name) => [utf8(name)],
  scores: (name) => [utf8(name)],
  number: (name) => [{ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }],
  integer: (name) => [{ name, type: 'INT64', repetition_type: 'OPTIONAL' }],
  boolean: (name) => [{ name, type: 'BOOLEAN', repetition_type: 'OPTIONAL' }],
  list: (name) => [
    { name, converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    utf8('element'),
  ],
}
/** Scores are JSON text; all other values have a type of their own. */
const parquetValue = (value: Value, kind: ValueKind): unknown => {
  if (kind === 'integer' && value !== null) return BigInt(value as number)
  return typeof value === 'object' && value !== null && !isList(value) ? cellText(value) : value
}

/** Writes movies to a file that does not exist yet. */
export const writeParquet = (path: string, { columns, movies }: MovieTable): Promise<void> =>
  writeParquetRows(path, columns, valuesOf(movies))
function* valuesOf(movies: MovieTable['movies']): Generator<readonly Value[]> {
  for (const { values } of movies) yield values
}

/** Writes a table to a file that does not exist yet. */
export async function writeParquetRows(path: string, columns: readonly MovieColumn[], rows: Iterable<readonly Value[]>): Promise<void> {
  const schema: Schema = [{ name: 'movies', num_children: columns.length }, ...columns.flatMap(({ name, kind }) => SCHEMA[kind](name))]
  const writer = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: 'Reelabel' })
  let group: (readonly Value[])[] = []
  const flush = async (): Promise<void> => {
    const data = (kind: ValueKind, i: number): unknown[] => group.map((values) => parquetValue(values[i] ?? null, kind))
    await writer.write({ columnData: columns.map(({ name, kind }, i) => ({ name, data: data(kind, i) })), rowGroupSize: GROUP })
    group = []
  }
  for (const values of rows) if (group.push(values) === GROUP) await flush()
  if (group.length > 0) await flush()
  await writer.finish()
  syncFile(path)
}
