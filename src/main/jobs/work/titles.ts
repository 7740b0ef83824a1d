/** Titles in one sorted run: they are sorted as they come, so that little is left to do at the end. */
const RUN = 65536

/** Ranks of titles: case and accents aside, numbers by their value, equal titles in file order. */
export class TitleRanks {
  readonly #collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })
  /** By movie id. */
  readonly #titles: string[] = []
  readonly #ids: number[] = []
  /** Where the run under way begins in `#ids`. */
  #run = 0

  /** Movies come with ascending ids. */
  add(id: number, title: string): void {
    while (this.#titles.length < id) this.#titles.push('')
    this.#titles.push(title)
    if (this.#ids.push(id) - this.#run >= RUN) this.#sortRun()
  }
  #compare = (a: number, b: number): number => this.#collator.compare(this.#titles[a]!, this.#titles[b]!) || a - b

  #sortRun(): void {
    const run = this.#ids.splice(this.#run).sort(this.#compare)
    for (const id of run) this.#ids.push(id)
    this.#run = this.#ids.length
  }
  /** The ranks by movie id. Sorted runs are merged: the sort finds them. */
  ranks(): Int32Array {
    this.#sortRun()
    const ranks = new Int32Array(this.#titles.length)
    this.#ids.sort(this.#compare).forEach((id, rank) => (ranks[id] = rank))
    return ranks
  }
}
