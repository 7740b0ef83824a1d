/** Rules of the filter field: chips, the choices that are terms, and what can complete the text before the caret. */
import {
  allOf,
  FIELDS,
  genreAbout,
  genreTerm,
  parseFilter,
  partsOf,
  printFilter,
  quoteIfNeeded,
  valueText,
  type Field,
  type Node,
} from '../../contract/filter.ts'
import type { Genre } from '../../contract/records.ts'
import type { OriginalColumn, Slice } from '../../contract/review.ts'
import { m } from '../messages/index.ts'

/** The parts of conditions; empty if the text is not a valid filter. */
function partsIn(where: string): readonly Node[] {
  try {
    return partsOf(parseFilter(where))
  } catch {
    return []
  }
}
/** The text of each part, for a chip. */
export const chipsOf = (where: string): string[] =>
  partsIn(where).map((part) => (part.t === 'or' ? `(${printFilter(part)})` : printFilter(part)))
export const withoutChip = (where: string, at: number): string => printFilter(allOf(partsIn(where).filter((_, i) => i !== at)))
/** Both conditions. @throws FilterError, whose places are those in `added` */
export function joined(where: string, added: string): string {
  const [before, after] = [partsIn(where), partsOf(parseFilter(added))]
  const said = before.map(printFilter)
  return after.length === 0 ? where : printFilter(allOf([...before, ...after.filter((part) => !said.includes(printFilter(part)))]))
}
/** The genre that the conditions are about; undefined if there is none. */
export function genreOfFilter(where: string, genres: readonly Genre[]): Genre | undefined {
  const name = genreAbout(allOf(partsIn(where)))?.toLowerCase()
  return genres.find((genre) => genre.name.toLowerCase() === name)
}

/** The fields beside the text that stand for one term each. */
export interface Choices {
  readonly genre: string | null
  readonly kind: 'missing' | 'spurious' | 'swapped' | 'any'
  readonly reviewed: 'yes' | 'no' | 'any'
  readonly mark: 'flagged' | 'skipped' | 'any'
  readonly split: 'train' | 'valid' | 'test' | 'any'
}
const OF_KIND = ['missing', 'spurious', 'swapped'] as const satisfies Field[]
/** Which choice a part is, if it is one. */
function choiceOf(part: Node): Partial<Choices> {
  if (part.t !== 'term' || part.of) return {}
  const { field, value } = part
  const kind = OF_KIND.find((kind) => kind === field)
  if (kind || field === 'about') return { genre: value.text, ...(kind && { kind }) }
  if ((field === 'flagged' || field === 'skipped') && value.text === 'yes') return { mark: field }
  return field === 'kind' || field === 'reviewed' || field === 'split' ? { [field]: value.text } : {}
}
const NO_CHOICE: Choices = { genre: null, kind: 'any', reviewed: 'any', mark: 'any', split: 'any' }
export const choicesOf = (where: string): Choices =>
  partsIn(where).reduceRight<Choices>((all, part) => ({ ...all, ...choiceOf(part) }), NO_CHOICE)
/** The conditions with other choices, whose terms come first. */
export function withChoices(where: string, change: Partial<Choices>): string {
  const { genre, kind, reviewed, mark, split } = { ...choicesOf(where), ...change }
  const terms = [
    genre === null ? (kind === 'any' ? '' : `kind:${kind}`) : genreTerm(kind === 'any' ? 'about' : kind, genre),
    reviewed === 'any' ? '' : `reviewed:${reviewed}`,
    mark === 'any' ? '' : `${mark}:yes`,
    split === 'any' ? '' : `split:${split}`,
  ]
  const others = partsIn(where).filter((part) => Object.keys(choiceOf(part)).length === 0)
  return joined(terms.filter((term) => term !== '').join(' '), printFilter(allOf(others)))
}

/** The names that filters may use. */
export interface Names {
  readonly genres: readonly Genre[]
  readonly columns: readonly OriginalColumn[]
  readonly people: readonly string[]
  readonly slices: readonly Slice[]
}
export interface Completion {
  /** Replaces the text from {@link Completions.from} to the caret. */
  readonly text: string
  readonly note: string
}
export interface Completions {
  readonly from: number
  readonly list: readonly Completion[]
}
/** Completions that are offered at once; typing narrows a longer list. */
const MAX_COMPLETIONS = 50
const ARGUMENT = /(?:^|[\s(])-?(?:p|pwrong|verdict|run)\(([^()"]*)$/i
const VALUE = /(?:^|[\s(])-?("[^"]*"|[^\s"():<>=]+)(?:\([^()]*\))?(?::|<=|>=|=|<|>)("[^"]*|[^\s"()]*)$/
const WORD = /(?:^|[\s(])-?((?:[^\s"():<>=-][^\s"():<>=]*)?)$/

/** Completions of the end of `before`, the text before the caret. */
export function completionsFor(before: string, names: Names): Completions {
  const genres = names.genres.map(({ name }) => name).sort((a, b) => a.localeCompare(b))
  const argument = ARGUMENT.exec(before)?.[1]
  if (argument !== undefined) return found(before, argument, genres.map((text) => ({ text: `${text})`, note: m.filter.notes.genre }))) // prettier-ignore
  const [, name = '', value] = VALUE.exec(before) ?? []
  if (value !== undefined) return found(before, value, valuesOf(name, genres, names))
  const word = WORD.exec(before)?.[1] ?? ''
  const ordered = (kind: unknown) => (kind === 'number' || kind === 'date' ? '>' : ':')
  const keywords = (Object.keys(FIELDS) as Field[]).map((field) => ({
    text: `${field}${field === 'p' ? '(' : ordered(FIELDS[field].kind)}`,
    note: m.filter.fields[field],
  }))
  const columns = names.columns.map(({ name, type }) => ({ text: `${quoteIfNeeded(name)}${ordered(type)}`, note: m.filter.types[type] }))
  const withGenre = genres.map((genre) => ({ text: genreTerm('genre', genre), note: m.filter.notes.movies }))
  const asGenre = word === '' ? [] : starting(withGenre, `genre:${word}`).concat(starting(withGenre, `genre:"${word}`))
  return { from: before.length - word.length, list: [...starting([...keywords, ...columns], word), ...asGenre].slice(0, MAX_COMPLETIONS) }
}
function valuesOf(name: string, genres: readonly string[], { columns, people, slices }: Names): Completion[] {
  const field = Object.entries(FIELDS).find(([keyword]) => keyword === name.toLowerCase())?.[1]
  const plain = name.replaceAll('"', '').toLowerCase()
  const lists: readonly [note: string, values: readonly string[]][] = [
    [m.filter.notes.genre, field?.kind === 'genre' ? genres : []],
    ['', field && typeof field.kind !== 'string' ? field.kind : []],
    [m.filter.notes.person, ['who', 'assigned', 'todo'].includes(plain) ? people : []],
    [m.filter.notes.slice, plain === 'slice' ? slices.map((slice) => slice.name) : []],
    [m.filter.types.category, field ? [] : (columns.find((column) => column.name.toLowerCase() === plain)?.values ?? [])],
    [m.filter.notes.any, field && 'any' in field ? ['*'] : []],
  ]
  return lists.flatMap(([note, values]) => values.map((value) => ({ text: valueText(value), note })))
}
const starting = (all: readonly Completion[], word: string): Completion[] =>
  all.filter(({ text }) => text.replace(/^"/, '').toLowerCase().startsWith(word.replace(/^"/, '').toLowerCase()))
const found = (before: string, typed: string, all: readonly Completion[]): Completions => ({
  from: before.length - typed.length,
  list: starting(all, typed).slice(0, MAX_COMPLETIONS),
})
