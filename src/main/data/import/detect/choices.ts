/** The user's choices about an import, and how they are applied to the next table with the same header. */
import { hash } from 'node:crypto'
import type {
  Delimiter,
  Encoding,
  Escape,
  FormatId,
  GenreSyntax,
  ImportReason,
  ImportSource,
  Mapping,
  RepairId,
} from '../../../../contract/importing.ts'
import { foldColumn } from '../files/columns.ts'
import type { TableChoices } from './sample.ts'

/** `auto` and absent keys: decided by the content; null in a mapping means "no such column". */
export interface ImportChoices {
  readonly format: FormatId | 'auto'
  readonly mapping: Partial<Mapping>
  readonly genreSyntax: GenreSyntax | 'auto'
  readonly genreColumns?: readonly string[]
  readonly protectedNames?: readonly string[] | 'auto'
  readonly encoding?: Encoding | 'auto'
  readonly delimiter?: Delimiter | 'auto'
  readonly escape?: Escape | 'auto'
  readonly header?: 'auto' | 'yes' | 'none'
  readonly headerLine?: 'auto' | number
  readonly repairs?: Partial<Record<RepairId, boolean>>
  /** Files of an archive, or sheets of a workbook. */
  readonly entries?: readonly string[]
}

/** The choices in a call's arguments. */
export function givenSource({ mapping, repairs, ...source }: Omit<ImportSource, 'paths'>): ImportChoices {
  return { ...source, mapping: given(mapping), repairs: given(repairs) }
}
/** The object without its undefined members, as `exactOptionalPropertyTypes` requires. */
export function given<T extends object>(o: T): { [P in keyof T]: Exclude<T[P], undefined> } {
  return Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as never
}

/** The choices that belong to a header and not to one file: absent if they were left to the content. */
export interface HeaderChoices {
  readonly format?: FormatId
  readonly mapping?: Partial<Mapping>
  readonly genreSyntax?: GenreSyntax
  readonly genreColumns?: readonly string[]
  readonly protectedNames?: readonly string[]
}
/** Choices of an earlier import. */
export interface Remembered {
  /** When, ISO 8601. */
  readonly at: string
  readonly choices: HeaderChoices
}
/** Where choices of earlier imports are found. */
export interface Memory {
  /** Null where there are none for this header. */
  recall(headerKey: string): Remembered | null
  /** A notice of the last {@link recall} for the analyst. */
  readonly notice: ImportReason<'memory-damaged'> | null
}
export const NO_MEMORY: Memory = { recall: () => null, notice: null }

/** A key that is equal for tables with the same columns, whatever the order and case of the columns and the order of the files. */
export function headerKeyOf(headers: readonly (readonly string[])[]): string {
  const folded = headers.map((columns) => columns.map(foldColumn).sort())
  const distinct = [...new Set(folded.map((columns) => JSON.stringify(columns)))].sort()
  return hash('sha1', distinct.join('\n'))
}

/** The choices that will apply to the next table with this header. */
export function choicesOf(userChoices: ImportChoices): HeaderChoices {
  const { format, mapping, genreSyntax, genreColumns = [], protectedNames = 'auto' } = userChoices
  return {
    ...(format === 'auto' ? {} : { format }),
    ...(Object.keys(mapping).length === 0 ? {} : { mapping }),
    ...(genreSyntax === 'auto' ? {} : { genreSyntax }),
    ...(genreColumns.length === 0 ? {} : { genreColumns }),
    ...(protectedNames === 'auto' ? {} : { protectedNames }),
  }
}

/**
 * The choices, completed by remembered ones; columns that no file has are left out. If the format or the genre syntax differs from the
 * remembered one, choices that depend on it are not applied.
 */
export function withRemembered(userChoices: ImportChoices, { choices }: Remembered, columns: readonly string[]): ImportChoices {
  const known = new Set(columns.map(foldColumn))
  const has = (column: string | null): boolean => column === null || known.has(foldColumn(column))
  if (userChoices.format !== 'auto' && userChoices.format !== choices.format) return userChoices
  const mapping = Object.fromEntries(Object.entries(choices.mapping ?? {}).filter(([, column]) => has(column)))
  const sameSyntax = userChoices.genreSyntax === 'auto' || userChoices.genreSyntax === choices.genreSyntax
  const genreColumns = choices.genreColumns?.every(has) ? choices.genreColumns : []
  return {
    ...userChoices,
    format: userChoices.format === 'auto' ? (choices.format ?? 'auto') : userChoices.format,
    mapping: { ...mapping, ...userChoices.mapping },
    genreSyntax: userChoices.genreSyntax === 'auto' ? (choices.genreSyntax ?? 'auto') : userChoices.genreSyntax,
    genreColumns:
      userChoices.genreColumns?.length || userChoices.mapping.genres !== undefined || !sameSyntax
        ? (userChoices.genreColumns ?? [])
        : genreColumns,
    protectedNames:
      userChoices.protectedNames && userChoices.protectedNames !== 'auto' ? userChoices.protectedNames : (choices.protectedNames ?? 'auto'),
  }
}

/** The choices about the text of a file. */
export function tableChoices({ encoding, delimiter, escape, header, headerLine, repairs }: ImportChoices): TableChoices {
  return {
    ...(encoding === undefined || encoding === 'auto' ? {} : { encoding }),
    ...(delimiter === undefined || delimiter === 'auto' ? {} : { delimiter }),
    ...(escape === undefined || escape === 'auto' ? {} : { escape }),
    ...(header === undefined || header === 'auto' ? {} : { header: header === 'yes' }),
    ...(headerLine === undefined || headerLine === 'auto' ? {} : { headerLine }),
    ...(repairs === undefined ? {} : { repairs }),
  }
}
