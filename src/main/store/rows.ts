/** What distinguishes the columns of a table from the properties of type T that they store. */
interface Differences<T> {
  /** Stored as JSON. */
  readonly json?: readonly (keyof T & string)[]
  /** Stored as 0 or 1. */
  readonly flags?: readonly (keyof T & string)[]
  /** Columns whose name is not the property's in snake case. */
  readonly names?: { readonly [P in keyof T]?: string }
}
const snakeCase = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camelCase = (column: string): string => column.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())

/** Converts rows of a table to objects of type T and back. A null is stored as null, whatever the property. */
export class RowType<T extends object> {
  readonly #json: readonly string[]
  readonly #flags: readonly string[]
  readonly #names: Readonly<Record<string, string>>

  constructor({ json = [], flags = [], names = {} }: Differences<T>) {
    this.#json = json
    this.#flags = flags
    this.#names = names as Record<string, string>
  }
  /** @param row the cells of a row by column, as SQLite returns them */
  read(row: unknown): T {
    const cells = Object.entries(row as Record<string, unknown>)
    const properties = Object.fromEntries(Object.entries(this.#names).map(([property, column]) => [column, property]))
    return Object.fromEntries(
      cells.map(([column, cell]) => {
        const property = properties[column] ?? camelCase(column)
        if (cell !== null && this.#json.includes(property)) return [property, JSON.parse(cell as string) as unknown]
        return [property, this.#flags.includes(property) ? cell === 1 : cell]
      }),
    ) as T
  }
  /** The cells of a row by column, for named parameters. */
  write(value: Partial<T>): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries<unknown>(value).map(([property, cell]) => {
        const column = this.#names[property] ?? snakeCase(property)
        if (cell !== null && this.#json.includes(property)) return [column, JSON.stringify(cell)]
        return [column, this.#flags.includes(property) ? Number(cell) : cell]
      }),
    )
  }
}
