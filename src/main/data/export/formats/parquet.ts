/** Movies as a Parquet file. The only importer of hyparquet-writer. */
import { fileWriter, ParquetWriter } from 'hyparquet-writer'
import { required } from '../../../../contract/required.ts'
import { syncFile } from '../../../files/atomic.ts'
import { cellText, isList, type MovieColumn, type MovieTable, type Value, type ValueKind } from './movies.ts'

/** Movies that are in memory at a time: a row group. */
const GROUP = 10_000

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema']
const utf8 = (name: string): Schema[number] => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' })

/** Lists have three levels, as the format wants them (https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists). */
const SCHEMA: Readonly<Record<ValueKind, (name: string) => Schema>> = {
  text: (name) => [utf8(name)],
  scores: (name) => [utf8(name)],
  number: (name) => [{ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }],
  boolean: (name) => [{ name, type: 'BOOLEAN', repetition_type: 'OPTIONAL' }],
  list: (name) => [
    { name, converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    utf8('element'),
  ],
}
/** Scores are JSON text; all other values have a type of their own. */
const parquetValue = (value: Value): unknown => (typeof value === 'object' && value !== null && !isList(value) ? cellText(value) : value)

/** Writes a file that does not exist yet. */
export async function writeParquet(path: string, { columns, movies }: MovieTable): Promise<void> {
  const schema: Schema = [{ name: 'movies', num_children: columns.length }, ...columns.flatMap(({ name, kind }) => SCHEMA[kind](name))]
  const writer = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: 'Reelabel' })
  let group: (readonly Value[])[] = []
  const flush = async (): Promise<void> => {
    const data = (_: MovieColumn, i: number): unknown[] => group.map((values) => parquetValue(required(values[i], 'a value')))
    await writer.write({ columnData: columns.map((column, i) => ({ name: column.name, data: data(column, i) })), rowGroupSize: GROUP })
    group = []
  }
  for (const { values } of movies) if (group.push(values) === GROUP) await flush()
  if (group.length > 0) await flush()
  await writer.finish()
  syncFile(path)
}
