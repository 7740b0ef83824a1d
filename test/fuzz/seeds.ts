/** Small realistic files of every readable format, which fuzzing then damages. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { encodeText } from '../../src/main/data/import/files/encodings.ts'
import { storedZip } from '../../src/main/data/import/files/stored-zip.ts'

export interface Seed {
  readonly name: string
  readonly bytes: Buffer
}

const PLOTS = [
  'A young woman leaves her village, and finds "herself" instead.',
  'Pokémon hunters – don’t ask – meet in Zürich.',
  'Two lines,\nof one plot; with | everything\tin it.',
  '😀 漢字 and PokÃ©mon',
]
const GENRES = ['Drama', 'Drama, War', 'Comedy|Romance', "['Action', 'Science Fiction']", '[{"id": 1, "name": "Crime"}]']
const rows = Array.from({ length: 40 }, (_, i) => ({
  id: `tt${1000 + i}`,
  title: `Movie, the ${i}th`,
  year: 1950 + i,
  plot: PLOTS[i % PLOTS.length]!,
  genres: GENRES[i % GENRES.length]!,
}))
const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`
const header = 'id,title,year,plot,genres\n'
const csv = header + rows.map((r) => [r.id, quote(r.title), r.year, quote(r.plot), quote(r.genres)].join(',') + '\n').join('')
const torn = header + rows.map((r, i) => `${r.id},${r.title.replace(',', '')},${i === 20 ? '\n - more,' : ''}${r.year},a,b\n`).join('')
const files = join(import.meta.dirname, '../data/import/files/fixtures')
const json = rows.map((row, i) => ({ ...row, genres: row.genres.split(', '), score: i / 8, nested: { a: [1, null, true] } }))

export const SEEDS: readonly Seed[] = [
  { name: 'movies.csv', bytes: Buffer.from(csv) },
  { name: 'windows.csv', bytes: Buffer.from('\ufeff' + csv.replaceAll('\n', '\r\n').replaceAll(',', ';')) },
  { name: 'escaped.csv', bytes: Buffer.from(csv.replaceAll('""', '\\"')) },
  { name: 'latin.csv', bytes: encodeText(csv.replaceAll(/[–’😀漢字]/gu, '-'), 'windows-1252') },
  { name: 'utf16.csv', bytes: Buffer.from('\ufeff' + csv, 'utf16le') },
  { name: 'torn.csv', bytes: Buffer.from(torn) },
  { name: 'movies.csv.gz', bytes: gzipSync(csv) },
  {
    name: 'movies.zip',
    bytes: storedZip([
      { name: 'a/movies.csv', data: Buffer.from(csv) },
      { name: 'b.jsonl', data: Buffer.from('{"id":1}\n{"id":2}\n') },
    ]),
  },
  { name: 'movies.json', bytes: Buffer.from(JSON.stringify(json, null, 1)) },
  { name: 'wrapped.json', bytes: Buffer.from(JSON.stringify({ movies: json })) },
  { name: 'movies.jsonl', bytes: Buffer.from(json.map((row) => JSON.stringify(row) + '\n').join('')) },
  { name: 'book.xlsx', bytes: readFileSync(join(files, 'book.xlsx')) },
  ...['none', 'snappy', 'gzip', 'zstd', 'brotli'].map((codec) => ({
    name: `${codec}.parquet`,
    bytes: readFileSync(join(files, `m.${codec}.parquet`)),
  })),
]
