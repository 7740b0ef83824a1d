import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { genreKey } from '../../src/main/data/clean/aliases.ts'
import { encodeChunks } from '../../src/main/data/export/encoding.ts'
import { exportFile, styleOf } from '../../src/main/data/export/file.ts'
import { inspect } from '../../src/main/data/import/detect/inspect.ts'
import { encodeText } from '../../src/main/data/import/files/encodings.ts'
import { tableHeader } from '../../src/main/data/import/files/tables.ts'
import { columnIndex, readRecords, type SourceRecord } from '../../src/main/data/import/records/read.ts'
import type { ImportPlan } from '../../src/contract/importing.ts'
import { collect, scratchFolder } from '../data/support/files.ts'
import { GENRES, styledFile, type StyledFile } from './styles.ts'

/** Number of files; REELABEL_EXACT_FILES=10000 makes more of them, REELABEL_EXACT_SEED begins with another one. */
const FILES = Number(process.env['REELABEL_EXACT_FILES'] ?? 1000)
const FIRST = Number(process.env['REELABEL_EXACT_SEED'] ?? 1)
/** One of this many files is read again after its label. */
const READ_BACK = FILES > 1000 ? 1 : 3
const { write } = scratchFolder()

it(
  `an untouched export has the bytes of its import, and one label changes one record: ${FILES} files of every style`,
  async () => {
    for (let seed = FIRST; seed < FIRST + FILES; seed++) {
      const file = styledFile(seed)
      const fault = await faultOf(file, seed).catch((error: unknown) =>
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      )
      expect(fault, `seed ${seed}: ${file.style}`).toBeNull()
    }
  },
  FILES * 600,
)

async function faultOf(file: StyledFile, seed: number): Promise<string | null> {
  const text = file.lead + file.records.map((record) => record.text).join('')
  const plain = bytesOf(file, text)
  const { plan, records } = await read(write(file.packed ? 'movies.csv.gz' : 'movies.csv', file.packed ? gzipSync(plain) : plain), file)
  const untouched = await exported(plan, records)
  if (!untouched.equals(plain)) return `untouched export differs:\n${JSON.stringify(untouched.toString().slice(0, 3000))}`
  if (records.length !== file.records.length || records.some(({ rejected }) => rejected !== null))
    return `${records.length} records for ${file.records.length}: ${JSON.stringify(records.find(({ rejected }) => rejected !== null) ?? plan.reasons)}`

  const at = seed % records.length
  const before =
    file.lead +
    file.records
      .slice(0, at)
      .map((record) => record.text)
      .join('')
  const after = file.records
    .slice(at + 1)
    .map((record) => record.text)
    .join('')
  const added = GENRES.find((genre) => !file.records[at]!.genres.includes(genre))!
  const labelled = await exported(plan, records, { at, added })
  const [start, end] = [bytesOf(file, before), encodeText(after, file.encoding)]
  // a row for each genre: the new one follows
  const kept = file.syntax === 'long' ? bytesOf(file, before + file.records[at]!.text.trimEnd()) : start
  if (
    !labelled.subarray(0, kept.length).equals(kept) ||
    !labelled.subarray(labelled.length - end.length).equals(end) ||
    labelled.equals(plain)
  )
    return `a label changes more than record ${at}:\n${JSON.stringify(labelled.toString().slice(0, 3000))}`
  if (seed % READ_BACK !== 0) return null
  const back = await read(write('back.csv', labelled), file)
  if (file.syntax === 'long') return null
  const wanted = [...file.records[at]!.genres, added].sort().join()
  const found = back.records.map(({ genres }) => [...genres].sort().join())
  if (found[at] !== wanted) return `record ${at} reads back as ${found[at]}: ${JSON.stringify(back.records[at])}`
  const others = file.records.flatMap(({ genres }, i) => (i === at || [...genres].sort().join() === found[i] ? [] : [i]))
  return others.length > 0 ? `records ${others.join()} read back otherwise` : null
}

interface Label {
  readonly at: number
  readonly added: string
}

function bytesOf({ encoding, bom }: StyledFile, text: string): Buffer {
  return encodeText((bom ? '\ufeff' : '') + text, encoding)
}

async function read(path: string, { syntax, encoding }: StyledFile): Promise<{ plan: ImportPlan; records: SourceRecord[] }> {
  const mapping = { id: 'id', title: 'title', plot: 'plot', ...(syntax === 'one-hot' ? {} : { genres: 'genres' }) }
  // a few letters among English words are no proof
  const chosen = /^utf|1252$/.test(encoding) ? 'auto' : encoding
  const plan = await inspect([path], { format: 'table', mapping, genreSyntax: syntax, encoding: chosen })
  return { plan, records: await collect(readRecords(plan)) }
}

/** The export, with the options that the engine gives, and with a genre added to one record. */
async function exported(plan: ImportPlan, records: readonly SourceRecord[], label?: Label): Promise<Buffer> {
  const [source] = plan.files
  const headerRaw = await tableHeader(source!)
  const genresColumn = source!.columns[columnIndex(source!.columns, plan.mapping.genres)] ?? null
  const file = { ...source!, headerRaw, genresColumn, idColumn: 'id', genreSyntax: plan.genreSyntax, genreColumns: plan.genreColumns }
  const rows = records.map(({ raw, key }, i) => ({
    raw,
    add: i === label?.at ? [label.added] : [],
    remove: [],
    lastOfMovie: true,
    key: key ?? '',
    extras: null,
  }))
  const naming = { keyOf: genreKey }
  const style = styleOf(
    file,
    records.map(({ raw }) => raw),
    naming,
  )
  const options = { columns: [], neutraliseFormulas: false, severalGenres: true, ...naming, ...style }
  return Buffer.concat(Array.from(encodeChunks(file.name, exportFile(file, rows, options), file.encoding), (chunk) => Buffer.from(chunk)))
}
