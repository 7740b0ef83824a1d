/** Does everything that an import does with a file before it writes anything. */
import { UserError } from '../../src/contract/errors.ts'
import { parseGenres } from '../../src/main/data/import/records/genres.ts'
import { parseLiteral } from '../../src/main/data/import/records/literals.ts'
import { takeSample } from '../../src/main/data/import/detect/sample.ts'
import { recordFromText, tableHeader, tableRecords } from '../../src/main/data/import/files/tables.ts'
import type { TableFile } from '../../src/main/data/import/files/table.ts'

/** Number of records that are parsed again from their text. */
const READ_AGAIN = 20

/** Returns `read`, or the code of the user error that explains why the file cannot be read. Any other error is thrown. */
export async function readAll(path: string): Promise<string> {
  try {
    for (const sample of await takeSample(path, { repairs: { mojibake: true, torn: true, 'broken-quotes': true } })) await readTable(sample)
    return 'read'
  } catch (error) {
    if (error instanceof UserError && error.message.length < 5000) return error.code
    throw error
  }
}

async function readTable(file: TableFile): Promise<void> {
  await tableHeader(file)
  let again = 0
  for await (const batch of tableRecords(file))
    for (const record of batch) {
      if (record.broken === null && record.fields.length !== file.columns.length)
        throw new Error(`line ${record.line}: ${record.fields.length} fields for ${file.columns.length} columns`)
      if (!record.fields.every((field) => field.isWellFormed())) throw new Error(`line ${record.line}: its text is no text`)
      if (again++ >= READ_AGAIN) continue
      for (const field of record.fields.slice(0, 50)) readCell(field)
      const { fields, broken } = recordFromText(record.raw, file)
      if (record.broken === null && (broken !== null || fields.some((field, i) => field !== record.fields[i])))
        throw new Error(
          `line ${record.line} reads as another record from its own text: ${JSON.stringify([record.raw, broken]).slice(0, 1000)}`,
        )
    }
}

function readCell(text: string): void {
  parseLiteral(text)
  for (const syntax of ['python', 'json', 'comma'] as const) parseGenres(text, syntax)
}
