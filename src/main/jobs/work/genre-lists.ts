import { UserError } from '../../../contract/errors.ts'

/** Different genres that a catalogue may have: the columns in memory are movies x genres. */
const MOST_GENRES = 1000
/** Different lists that are remembered: most catalogues have some hundreds. */
const MOST_LISTS = 20_000

/** Lists of genres as movies have them: JSON to the ids of the names, each once. */
export class GenreLists {
  readonly #idOf: (name: string) => number
  readonly #column: string
  readonly #lists = new Map<string, readonly number[]>()
  readonly #genres = new Set<number>()

  /** @param column the genre column's name, for the message */
  constructor(idOf: (name: string) => number, column: string) {
    this.#idOf = idOf
    this.#column = column
  }
  /** Throws `too-many-genres`: a column that was taken for genres by mistake, such as keywords, would fill the memory. */
  ids(json: string): readonly number[] {
    const known = this.#lists.get(json)
    if (known) return known
    const names = JSON.parse(json) as string[]
    const ids = [...new Set(names.map((name) => this.#idOf(name)))]
    for (const id of ids) this.#genres.add(id)
    if (this.#genres.size > MOST_GENRES) throw this.#tooMany(names)
    if (this.#lists.size >= MOST_LISTS) this.#lists.clear()
    this.#lists.set(json, ids)
    return ids
  }
  #tooMany(names: readonly string[]): UserError {
    const examples = names.slice(0, 2).map((g) => `"${g.slice(0, 40)}"`)
    return new UserError(
      'too-many-genres',
      `The column "${this.#column}" holds more than ${MOST_GENRES.toLocaleString('en')} different genres, such as ${examples.join(' and ')}: choose the column that holds the genres, or how it writes them.`,
    )
  }
}
