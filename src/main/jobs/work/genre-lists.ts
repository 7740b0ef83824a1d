import { UserError } from '../../../contract/errors.ts'

/** Different genres that a catalogue may have: the columns in memory are movies x genres. */
const MOST_GENRES = 1000

/** A list of genres that one or many movies have. */
export interface GenreList {
  /** Its number, from 0. */
  readonly at: number
  /** JSON of the names. */
  readonly json: string
  /** Ids of the names, each once. */
  readonly ids: readonly number[]
}

/** The different lists of genres that movies have: most catalogues have some thousands. */
export class GenreLists {
  readonly #idOf: (name: string) => number
  readonly #column: string
  readonly #lists = new Map<string, GenreList>()
  readonly #genres = new Set<number>()

  /** @param column the genre column's name, for the message */
  constructor(idOf: (name: string) => number, column: string) {
    this.#idOf = idOf
    this.#column = column
  }
  /** Throws `too-many-genres`: a column that was taken for genres by mistake, such as keywords, would fill the memory. */
  of(json: string): GenreList {
    const known = this.#lists.get(json)
    if (known) return known
    const names = JSON.parse(json) as string[]
    const list = { at: this.#lists.size, json, ids: [...new Set(names.map((name) => this.#idOf(name)))] }
    for (const id of list.ids) this.#genres.add(id)
    if (this.#genres.size > MOST_GENRES) throw this.#tooMany(names)
    this.#lists.set(json, list)
    return list
  }
  #tooMany(names: readonly string[]): UserError {
    const examples = names.slice(0, 2).map((g) => `"${g.slice(0, 40)}"`)
    return new UserError(
      'too-many-genres',
      `The column "${this.#column}" holds more than ${MOST_GENRES.toLocaleString('en')} different genres, such as ${examples.join(' and ')}: choose the column that holds the genres, or how it writes them.`,
    )
  }
}
