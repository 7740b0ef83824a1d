/** The codebook seen from the catalogue in memory: its rules by column, and since when entries say what they say. */
import { currentEntries, rulesIn, type CodebookRule, type CodebookVersion } from '../../contract/codebook.ts'
import type { Genre } from '../../contract/records.ts'
import { genreCalled } from '../data/clean/aliases.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

export interface ColumnRule extends CodebookRule {
  readonly a: number
  readonly b: number
}
type Labelled = Pick<Catalogue, 'genres' | 'k' | 'labels'>

/** The genre that an entry names; undefined if the catalogue has none of this name. */
export const genreOfEntry = (genres: readonly Genre[], name: string): Genre | undefined =>
  genres.find((genre) => genre.name === name) ?? genreCalled(genres, name)

/** The column of the genre that an entry names; -1 if the catalogue has none of this name. */
const columnOfEntry = (genres: readonly Genre[], name: string): number => {
  const id = genreOfEntry(genres, name)?.id
  return genres.findIndex((genre) => genre.id === id)
}

/** The rules whose two genres the catalogue has. */
export class CodebookRules {
  readonly all: readonly ColumnRule[]
  readonly #catalogue: Labelled
  /** The rules about each column. */
  readonly #about: readonly (readonly ColumnRule[])[]
  constructor(versions: readonly CodebookVersion[], catalogue: Labelled) {
    this.#catalogue = catalogue
    const { genres } = catalogue
    this.all = rulesIn(currentEntries(versions))
      .map((rule) => ({ ...rule, a: columnOfEntry(genres, rule.genre), b: columnOfEntry(genres, rule.other) }))
      .filter(({ a, b }) => a >= 0 && b >= 0 && a !== b)
    this.#about = genres.map((_, at) => this.all.filter(({ a, b }) => a === at || b === at))
  }
  static of(store: Store, catalogue: Labelled): CodebookRules {
    return new CodebookRules(store.meta.get('codebook') ?? [], catalogue)
  }
  #isBroken(row: number, { a, b, kind }: ColumnRule): boolean {
    const { k, labels } = this.#catalogue
    return labels[row * k + a] === 1 && (labels[row * k + b] === 1) === (kind === 'excludes')
  }
  /** The rules about a column that the labels of a movie break; column -1: any rules. */
  broken(row: number, column: number): readonly ColumnRule[] {
    const rules = column < 0 ? this.all : (this.#about[column] ?? [])
    return rules.length === 0 ? rules : rules.filter((rule) => this.#isBroken(row, rule))
  }
}

/** When each column's entry got its meaning, in milliseconds: later changes were of wording only. Columns without an entry are absent. */
export function meaningSince(versions: readonly CodebookVersion[], genres: readonly Genre[]): Map<number, number> {
  const since = new Map<number, number>()
  for (const { genre, at, wording } of versions) {
    const column = columnOfEntry(genres, genre)
    if (column >= 0 && !wording) since.set(column, Date.parse(at))
  }
  return since
}
