/** The genres that each imported record of a movie names: merged sources can disagree. */
import { parseGenres } from '../data/import/records/genres.ts'
import { genreIndexes } from '../data/import/records/read.ts'
import { recordCells } from '../data/import/files/tables.ts'
import type { SourceFile } from '../store/sources.ts'
import type { Store } from '../store/store.ts'

export interface RecordGenres {
  /** Name of the file. */
  readonly file: string
  /** Ids of the genres, as the source spells them. */
  readonly genres: readonly number[]
}

/** True if each record lists all genres of its movie; where a record holds one of them, records differ without disagreeing. */
const listsGenres = ({ role, genreSyntax }: SourceFile): boolean =>
  role === 'movies' && !['long', 'single', 'one-hot'].includes(genreSyntax)

/** The genres in each record of a movie that was merged from several records of such files; empty for other movies. */
export function genresByRecord({ sources, imports, movies }: Store, movie: number): RecordGenres[] {
  const records = sources.ofMovie(movie)
  if (records.length < 2) return []
  const files = new Map(sources.currentFiles().map((file) => [file.id, file]))
  const ids = new Map(movies.genres().map(({ id, name }) => [name, id]))
  return records.flatMap(({ file: id, raw }) => {
    const file = files.get(id)
    if (!file || !listsGenres(file)) return []
    const cells = recordCells(raw, file)
    const names = imports.plan(file.import)?.protectedNames.map(({ name }) => name)
    const found = genreIndexes(file.columns, file).flatMap((at) => parseGenres(cells[at] ?? '', file.genreSyntax, names))
    return found.length === 0 ? [] : [{ file: file.name, genres: found.flatMap((name) => ids.get(name) ?? []) }]
  })
}
