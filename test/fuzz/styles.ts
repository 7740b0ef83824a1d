/** Tables in every style that programs and people write. The same seed makes the same file. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { Encoding, GenreSyntax } from '../../src/contract/importing.ts'

/** A file as it was made: its text is `lead` (header included) and the records, which come back byte for byte. */
export interface StyledFile {
  readonly style: string
  readonly encoding: Encoding
  readonly bom: boolean
  readonly packed: boolean
  readonly syntax: GenreSyntax
  readonly lead: string
  readonly records: readonly StyledRecord[]
}
export interface StyledRecord {
  /** With its line ending and the blank lines that follow. */
  readonly text: string
  readonly genres: readonly string[]
}

export const GENRES = ['Drama', 'War', 'Comedy', 'Musical', 'Crime', 'Romance', 'Horror', 'Western']
const WORDS = 'the baker of a village finds one letter that was never opened and nothing is quite as before while old police dance'.split(
  ' ',
)
/** Letters beyond ASCII that each encoding has. */
const LETTERS: readonly (readonly [encoding: Encoding, letters: string])[] = [
  ['utf-8', 'é漢😀ж'],
  ['utf-8', ''],
  ['utf-16le', 'é漢😀ж'],
  ['utf-16be', 'é漢😀ж'],
  ['windows-1252', 'éüñ'],
  ['windows-1251', 'жйы'],
  // second bytes that are a backslash or a vertical bar in ASCII
  ['shift_jis', '表ソポ'],
  ['big5', '功許'],
  ['gb18030', '漢é'],
]
const JOIN = { comma: ', ', semicolon: '; ', pipe: '|', slash: '/' } as const

type Pick = <T>(of: readonly T[]) => T

/** Makes the file of a seed. */
export function styledFile(seed: number): StyledFile {
  const random = xoroshiro128plus(seed)
  const number = (bound: number): number => uniformInt(random, 0, bound - 1)
  const pick: Pick = (of) => of[number(of.length)]!
  const once = (in_: number): boolean => number(in_) === 0

  const [encoding, letters] = pick(LETTERS)
  const delimiter = pick([',', ',', ';', '\t', '|', ', ', ' ::: ', '::'])
  const escape = once(5) ? '\\' : '"'
  const quoting = escape === '\\' ? 'all' : pick(['all', 'minimal', 'minimal', 'texts'])
  const ending = pick(['\n', '\n', '\r\n', '\r\n', '\r'])
  const syntax = pick<GenreSyntax>(['comma', 'comma', 'semicolon', 'pipe', 'slash', 'json', 'python', 'single', 'long', 'one-hot'])
  const short = delimiter.length === 1 && once(3)
  // pieces are told from records by complete records, and by genres of the shape of their column, which two genres in a cell of one are not
  const torn = !short && syntax !== 'single' && once(4)
  const has = { short, long: once(4), torn, blank: once(4), trailing: once(6) && delimiter.length === 1, lines: once(3), space: once(4) }

  const wordsOf = (count: number): string => Array.from({ length: count }, () => pick(WORDS)).join(' ')
  const textOf = (count: number): string => {
    const accent = letters === '' ? '' : pick(Array.from(letters))
    const middle = pick(['', '', ' "quoted"', `${delimiter} and`, has.lines ? ending : '', " it's", ' #1', ' \\'])
    return `${has.space && once(2) ? ' ' : ''}${wordsOf(count)}${accent}${middle} ${wordsOf(count)}`
  }
  const cellOf = (value: string, isText: boolean): string => {
    const needed = value.includes(delimiter) || /["\r\n]/.test(value)
    if (!needed && (quoting === 'minimal' || (quoting === 'texts' && !isText))) return value
    const escaped = escape === '"' ? value.replaceAll('"', '""') : value.replaceAll(/["\\]/g, '\\$&')
    return `"${escaped}"`
  }
  const genreCell = (genres: readonly string[]): string => {
    if (syntax === 'json') return JSON.stringify(genres)
    if (syntax === 'python') return `[${genres.map((genre) => `{'id': ${GENRES.indexOf(genre)}, 'name': '${genre}'}`).join(', ')}]`
    return genres.join(JOIN[syntax as keyof typeof JOIN] ?? '')
  }
  const genresAt = pick([1, 3, 4, 5])
  const header = ['id', 'title', 'plot', 'score', 'year']
  header.splice(genresAt, 0, ...(syntax === 'one-hot' ? GENRES : ['genres']))
  const lineOf = (cells: readonly string[], isText = false): string => cells.map((cell) => cellOf(cell, isText)).join(delimiter)
  const end = (last: boolean): string => (last ? '' : ending + (has.blank && once(4) ? ending : ''))

  const records: StyledRecord[] = []
  const count = 20 + number(5)
  const bare = once(3)
  for (let i = 0; i < count; i++) {
    const most = syntax === 'single' || syntax === 'long' ? 1 : 3
    const genres = [...new Set(Array.from({ length: 1 + number(most) }, () => pick(GENRES)))]
    const cells = [`t${1000 + i}`, textOf(2), textOf(6), `${number(10)}.${number(10)}`, `${1950 + number(70)}`]
    const flags = GENRES.map((genre) => (genres.includes(genre) ? '1' : '0'))
    cells.splice(genresAt, 0, ...(syntax === 'one-hot' ? flags : [genreCell(genres)]))
    let line = lineOf(cells, true)
    const last = i === count - 1 && bare
    if (has.short && once(6) && genresAt < 5) line = lineOf(cells.slice(0, -1), true)
    else if (has.long && once(6)) line += delimiter.repeat(1 + number(2))
    else if (has.trailing) line += delimiter
    records.push({ text: line + end(last), genres })
  }
  if (has.torn) tear()
  const style = JSON.stringify({ delimiter, escape, quoting, ending, encoding, syntax, genresAt, ...has })
  const above =
    delimiter.length > 1
      ? ''
      : pick([
          '',
          '',
          '',
          `My catalogue${ending}`,
          `My catalogue${delimiter.repeat(4)}${ending}${ending}`,
          `sep=${delimiter}${ending}`,
          `# made by hand${ending}`,
        ])
  const lead = above + (has.blank ? ending : '') + lineOf(header) + (has.trailing ? delimiter : '') + ending
  return {
    style,
    encoding,
    bom: encoding.startsWith('utf-16') || (encoding === 'utf-8' && once(2)),
    packed: once(8),
    syntax,
    lead,
    records,
  }

  /** Breaks one record in the middle of its plot, without quotes, as spreadsheets do. */
  function tear(): void {
    const at = 14 + number(5)
    const { text, genres } = records[at]!
    const plain = ['t1', 'Torn', 'It begins', '7.5', '1999']
    plain.splice(
      genresAt,
      0,
      ...(syntax === 'one-hot' ? GENRES.map((genre) => (genres.includes(genre) ? '1' : '0')) : [cellOf(genreCell(genres), false)]),
    )
    const plot = plain.indexOf('It begins')
    const tail = ['and it ends', ...plain.slice(plot + 1)]
    const breaks = /[\r\n]+$/.exec(text)?.[0] ?? ''
    records[at] = { text: plain.slice(0, plot + 1).join(delimiter) + ending + tail.join(delimiter) + breaks, genres }
  }
}
