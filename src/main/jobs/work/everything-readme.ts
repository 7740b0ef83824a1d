/** The words that go with the export of everything, for somebody who has never seen Reelabel. */
import type { EverythingFile } from './everything-files.ts'

export type SourceState = 'exact' | 'copied from where it was imported' | 'text of its records'
export interface WrittenSource {
  readonly name: string
  readonly of: string
  readonly state: SourceState
  readonly bytes: number
}

/** The files and columns in the manner of JSON schema. */
export function describe(files: readonly EverythingFile[], sources: readonly WrittenSource[]): unknown {
  const properties = (file: EverythingFile): object =>
    file.kind === 'json' ? {} : { columns: Object.fromEntries(file.columns.map((c) => [c.name, { type: c.type, description: c.what }])) }
  return {
    description:
      'Files of this folder. CSV after RFC 4180: UTF-8, comma, quotes doubled, first line a header, an empty cell for nothing. Type "json": the cell holds a JSON value.',
    files: Object.fromEntries(files.map((f) => [f.name, { description: f.what, ...properties(f) }])),
    sources: sources.map(({ name, of, state, bytes }) => ({ name, of, state, bytes })),
  }
}

export function readmeOf(
  meta: Readonly<Record<string, unknown>>,
  files: readonly EverythingFile[],
  rows: Readonly<Record<string, number>>,
  sources: readonly WrittenSource[],
  version: string,
): string {
  const count = (file: EverythingFile): string => (file.kind === 'json' ? '' : ` (${(rows[file.name] ?? 0).toLocaleString('en')} rows)`)
  return [
    `Everything that the Reelabel project ${JSON.stringify(meta['name'] ?? null)} holds`,
    `Written by Reelabel ${version} on ${new Date().toISOString()}.`,
    '',
    'All of it is plain text: CSV (UTF-8, comma, RFC 4180) and JSON. schema.json names every column with its meaning.',
    '',
    ...files.flatMap((file) => [`${file.name}${count(file)}`, `    ${file.what}`]),
    '',
    'The imported files',
    ...sources.map((s) => `${s.name}\n    ${WORDS[s.state]}`),
    '',
    'How labels.csv comes of the other files',
    '1. Take the movies of movies.csv with kept = true. Their genres are cleaned_genres.',
    '2. Go through changes.csv from top to bottom. A line with field = label sets (to = 1) or removes (to = 0) a genre of a movie:',
    '   the one that genres.csv says it becomes. Where that is not exactly one genre, or no kept movie carries it, the line waits.',
    '3. Where several spellings become one genre (Sci-Fi and Science Fiction), each has a say of its own: it starts with 1 where',
    '   source_genres of the movie holds it, and the movie has the genre as long as one of them says 1.',
    '',
    'Trained models are not in here: they are made again from the labels and the settings in runs.json.',
    '',
  ].join('\n')
}
const WORDS: Readonly<Record<WrittenSource['state'], string>> = {
  exact: 'byte for byte as it was imported',
  'copied from where it was imported': 'the file itself, copied from where it lay when it was imported',
  'text of its records':
    'the text of its records: the file was packed, of another format, or repaired while it was imported, and is no longer where it was',
}
