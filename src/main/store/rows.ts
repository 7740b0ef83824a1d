import type { z } from 'zod'
import { damagedValue, storedJson } from './values.ts'

/** The differences between the columns of a table and the properties of type T that they store. */
interface Differences<T> {
  /** Name of the table. */
  readonly table: string
  /** Stored as JSON, in these shapes. */
  readonly json?: { readonly [P in keyof T & string]?: z.ZodType }
  /** Stored as one of these texts. */
  readonly among?: { readonly [P in keyof T & string]?: readonly string[] }
  /** Stored as 0 or 1. */
  readonly flags?: readonly (keyof T & string)[]
  /** Columns whose name is not the property's in snake case. */
  readonly names?: { readonly [P in keyof T]?: string }
}
const snakeCase = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camelCase = (column: string): string => column.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())

/** Converts rows of a table to objects of type T and back. A null is stored as null, whatever the property. */
export class RowType<T extends object> {
  readonly #table: string
  readonly #among: Readonly<Record<string, readonly string[]>>
  readonly #json: Readonly<Record<string, z.ZodType>>
  readonly #flags: readonly string[]
  readonly #names: Readonly<Record<string, string>>

  constructor({ table, json = {}, among = {}, flags = [], names = {} }: Differences<T>) {
    this.#among = among as Record<string, readonly string[]>
    this.#table = table
    this.#json = json as Record<string, z.ZodType>
    this.#flags = flags
    this.#names = names as Record<string, string>
  }
  /** @param row the cells of a row by column, as SQLite returns them */
  read(row: unknown): T {
    return Object.fromEntries(Object.entries(row as Record<string, unknown>).map(([column, cell]) => this.#value(column, cell))) as T
  }
  /** Columns of a row whose cells {@link read} refuses. */
  unreadable(row: Readonly<Record<string, unknown>>): string[] {
    return Object.keys(row).filter((column) => {
      try {
        this.#value(column, row[column])
        return false
      } catch {
        return true
      }
    })
  }
  #value(column: string, cell: unknown): [property: string, value: unknown] {
    const [property] = Object.entries(this.#names).find(([, name]) => name === column) ?? [camelCase(column)]
    const shape = cell === null ? undefined : this.#json[property]
    if (shape) return [property, storedJson(cell, shape, `${this.#table}.${column}`)]
    const allowed: readonly unknown[] | undefined = this.#flags.includes(property) ? [0, 1] : this.#among[property]
    if (allowed?.includes(cell) === false) throw damagedValue(`${this.#table}.${column}`)
    return [property, this.#flags.includes(property) ? cell === 1 : cell]
  }
  /** The cells of a row by column, for named parameters. */
  write(value: Partial<T>): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries<unknown>(value).map(([property, cell]) => {
        const column = this.#names[property] ?? snakeCase(property)
        if (cell !== null && property in this.#json) return [column, JSON.stringify(cell)]
        return [column, this.#flags.includes(property) ? Number(cell) : cell]
      }),
    )
  }
}
