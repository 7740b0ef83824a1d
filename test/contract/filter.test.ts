import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  FIELDS,
  FilterError,
  genreAbout,
  genreTerm,
  MAX_CHARACTERS,
  parseFilter,
  partsOf,
  printFilter,
  runsTerm,
  quoteIfNeeded,
  type Field,
  type Node,
} from '../../src/contract/filter.ts'

/** A filter without places, as nested arrays. */
function shape(node: Node | null): unknown {
  if (node === null) return null
  if (node.t === 'not') return ['not', shape(node.node)]
  if ('nodes' in node) return [node.t, ...node.nodes.map(shape)]
  const word = (w: typeof node.value | null): unknown => w && (w.exact ? [w.text] : w.text)
  return [node.field, word(node.of), node.operator, word(node.value), word(node.upTo)].filter((x) => x !== null)
}

test.each<[text: string, expected: unknown, printed?: string]>([
  ['', null],
  ['wolf', ['text', ':', 'wolf']],
  ['"the wolf"', ['text', ':', ['the wolf']]],
  ['genre:Horror', ['genre', ':', 'Horror']],
  ['GENRE:"Science Fiction"', ['genre', ':', 'Science Fiction'], 'genre:"Science Fiction"'],
  ['a b OR c', ['or', ['and', ['text', ':', 'a'], ['text', ':', 'b']], ['text', ':', 'c']], '(a b) OR c'],
  ['a AND (b OR c)', ['and', ['text', ':', 'a'], ['or', ['text', ':', 'b'], ['text', ':', 'c']]], 'a (b OR c)'],
  ['NOT a -b', ['and', ['not', ['text', ':', 'a']], ['not', ['text', ':', 'b']]], '-a -b'],
  ['-(a OR b)', ['not', ['or', ['text', ':', 'a'], ['text', ':', 'b']]]],
  ['--a', ['not', ['not', ['text', ':', 'a']]]],
  ['(a b) c', ['and', ['text', ':', 'a'], ['text', ':', 'b'], ['text', ':', 'c']], 'a b c'],
  ['p( Science Fiction ) >= 0.5', ['p', 'Science Fiction', '>=', '0.5'], 'p(Science Fiction)>=0.5'],
  ['pwrong>.5', ['pwrong', '>', '.5']],
  ['run:3', ['run', ':', '3']],
  ['run(Horror):2..3', ['run', 'Horror', ':', '2..3']],
  ['year:1950..1959', ['column', 'year', ':', '1950', '1959']],
  ['"Release Date"<2010', ['column', 'Release Date', '<', '2010']],
  ['column("genre"):Drama', ['column', 'genre', ':', 'Drama'], '"genre":Drama'],
  ['column(Genre)=x', ['column', 'Genre', '=', 'x'], '"Genre"=x'],
  ['note:*', ['note', ':', '*']],
  ['note:"*x"', ['note', ':', ['*x']]],
  ['who:"*"', ['who', ':', ['*']]],
  ['note:a..b', ['note', ':', 'a..b']],
  ['when:2026-11..2026-12', ['when', ':', '2026-11', '2026-12']],
  ['verdict(Horror):KEEP', ['verdict', 'Horror', ':', 'keep'], 'verdict(Horror):keep'],
  ['text:"OR"', ['text', ':', ['OR']], '"OR"'],
  ['text:a:b', ['text', ':', 'a:b']],
  ["don't x-ray", ['and', ['text', ':', "don't"], ['text', ':', 'x-ray']]],
  ['title:"say \\"wolf\\" \\\\"', ['title', ':', ['say "wolf" \\']]],
])('%s', (text, expected, printed = text) => {
  const node = parseFilter(text)
  expect(shape(node)).toEqual(expected)
  expect(printFilter(node)).toBe(printed)
  expect(shape(parseFilter(printed))).toEqual(expected)
})

/** The problem, with the wrong part of the text in brackets. */
function problemOf(text: string): string {
  try {
    parseFilter(text)
    return 'none'
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    const { from, to, problem } = error.details as { from: number; to: number; problem: string }
    return `${text.slice(0, from)}[${text.slice(from, to)}]${text.slice(to)} ${problem}`
  }
}
test.each([
  ['(a OR b', '[(]a OR b this parenthesis is not closed: add )'],
  ['a)', 'a[)] no parenthesis is open here: remove this one'],
  ['"x y', '["x y] the quotation mark is not closed: add "'],
  ['a OR', 'a OR[] a condition is expected here, such as genre:Horror or a word of the plot'],
  ['a OR OR b', 'a OR [OR] b OR stands between two conditions; for the word itself write "OR"'],
  ['genre:', 'genre:[] a value is missing after genre:, such as Horror'],
  ['a p(Horror)', 'a p(Horror)[] a comparison is missing here, such as >0.5'],
  ['a p>0.5', 'a [p>0.5] say which genre: p(Horror)>0.5'],
  ['p(Horror)>half', 'p(Horror)>[half] p is compared with a number, such as p(Horror)>0.5'],
  ['predictions=one', 'predictions=[one] predictions is compared with a number, such as predictions>3'],
  ['genres>', 'genres>[] a value is missing after genres>, such as 3'],
  ['split:trian x', 'split:[trian] x split is never trian: did you mean train?'],
  ['reviewed:perhaps', 'reviewed:[perhaps] reviewed is never perhaps: write yes, no'],
  ['genre>3', '[genre>3] genre has no order: write genre:Horror'],
  ['genre(Horror):x', 'genre([Horror]):x genre takes nothing in parentheses: write genre:Horror'],
  ['wolf(man)', '[wolf](man) nothing stands in parentheses after wolf: write a space before a group'],
  ['when>yesterday', 'when>[yesterday] when is compared with a date, such as when>2026-11-01 or when:2026'],
  ['when>2026-13-01', 'when>[2026-13-01] when is compared with a date, such as when>2026-11-01 or when:2026'],
  ['a - b', 'a [-] b it holds no letter and no digit to search for'],
  ['run:last', 'run:[last] run is a number of a run, or two of them, such as run:3 or run:2..3'],
  ['run:2..', 'run:[2..] run is a number of a run, or two of them, such as run:3 or run:2..3'],
  ['run>2', '[run>2] run has no order: write run:2..3'],
  ['p()>1', 'p[(])>1 write one name in parentheses after p, such as p(Horror)>0.5'],
])('%s is refused where it is wrong', (text, expected) => expect(problemOf(text)).toBe(expected))

test('a term about two runs is written as it is read', () => {
  expect(shape(parseFilter(runsTerm(2, 3, 'Science Fiction')))).toEqual(['run', 'Science Fiction', ':', '2..3'])
  expect(runsTerm(2, 3)).toBe('run:2..3')
})

test('a message names the place and the text there', () => {
  expect(() => parseFilter('a split:trian')).toThrow(
    'The filter is wrong at character 9 (trian): split is never trian: did you mean train?',
  )
})

test('long and deep filters are refused at once', () => {
  expect(problemOf('a'.repeat(1_000_000))).toContain(`it is longer than ${MAX_CHARACTERS} characters`)
  for (const deep of ['('.repeat(3999), '-'.repeat(3998) + 'a', 'NOT '.repeat(999) + 'a', '-('.repeat(1999)])
    expect(problemOf(deep)).toMatch(/more than 50 parentheses and negations are open/)
  // quotation marks and blanks that match nothing in the end
  for (const text of [`"${'\\\\'.repeat(1990)}`, `a${' '.repeat(3900)}`, 'a<'.repeat(1900)]) expect(typeof problemOf(text)).toBe('string')
})

const TEXT = fc.string({
  unit: fc.constantFrom('a', 'b', '1', ' ', '"', '.', ':', '<', '>', '=', '(', ')', '-', '*', '\\', 'Ä', 'OR', '中'),
  minLength: 1,
  maxLength: 8,
})
const word = (text: string, exact: boolean) => ({ text, exact, from: 0, to: 0 })
/** Any term that the parser can return. */
const TERM: fc.Arbitrary<Node> = fc
  .record({
    field: fc.constantFrom<Field | 'column'>('column', ...(Object.keys(FIELDS) as Field[])),
    text: TEXT,
    exact: fc.boolean(),
    name: TEXT,
  })
  .chain(({ field, text, exact, name }) => {
    const spec: { kind: unknown; of?: string } = field === 'column' ? { kind: 'words', of: 'genre' } : FIELDS[field]
    const ordered = spec.kind === 'number' || spec.kind === 'date'
    const sample =
      spec.kind === 'runs'
        ? '2..3'
        : spec.kind === 'outline'
          ? '0,0,5,5'
          : spec.kind === 'number'
            ? '0.5'
            : spec.kind === 'date'
              ? '2026-11'
              : Array.isArray(spec.kind)
                ? String(spec.kind[0])
                : text
    const mayBeExact = spec.kind === 'words'
    const isExact =
      mayBeExact && (exact || !/^[^\s"()*=<>][^\s"()*]*$/.test(sample) || !/[\p{L}\p{N}]/u.test(sample) || sample.includes('..'))
    const value = word(field !== 'column' && mayBeExact && !/[\p{L}\p{N}]/u.test(sample) ? 'a' : sample, isExact || sample === '*')
    const of = spec.of === undefined ? null : word(name.trim() || 'G', false)
    const operators = field === 'column' || ordered ? ([':', '=', '<', '<=', '>', '>='] as const) : ([':'] as const)
    return fc.constantFrom(...operators).map((operator) => {
      const upTo = ordered && operator === ':' ? word(spec.kind === 'number' ? '2' : '2027', false) : null
      return { t: 'term', field, of, operator, value, upTo, from: 0, to: 0 }
    })
  })
const NODE = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    TERM,
    tie('node').map((node) => ({ t: 'not' as const, node, from: 0, to: 0 })),
    fc
      .record({ t: fc.constantFrom('and' as const, 'or' as const), nodes: fc.array(tie('node'), { minLength: 2, maxLength: 4 }) })
      .map(({ t, nodes }) => {
        const flat = nodes.flatMap((node) => (node.t === t ? node.nodes : [node]))
        return { t, nodes: flat, from: 0, to: 0 }
      }),
  ),
})).node

test('what is printed is read as the same filter', () => {
  fc.assert(
    fc.property(NODE, (node) => {
      const text = printFilter(node)
      expect(shape(parseFilter(text))).toEqual(shape(node))
    }),
    { numRuns: 2000 },
  )
})

test('any text is read or refused at a place within it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('genre', 'p', '(', ')', '"', '\\', ':', '>', ' ', 'OR', '-', 'x', '..', '1', '*'), maxLength: 24 }),
      (text) => {
        try {
          const node = parseFilter(text)
          expect(printFilter(parseFilter(printFilter(node)))).toBe(printFilter(node))
          for (const { from, to } of partsOf(node)) expect(from >= 0 && to > from && to <= text.length).toBe(true)
        } catch (error) {
          if (!(error instanceof FilterError)) throw error
          const { from, to } = error.details as { from: number; to: number }
          expect(from >= 0 && to >= from && to <= text.length).toBe(true)
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test.each([
  ['genre:Horror -genre:Thriller', 'Horror'],
  ['wolf p(Comedy)>0.4 genre:Horror', 'Comedy'],
  ['-genre:Horror (genre:Drama OR genre:War)', null],
  ['missing:War', 'War'],
  ['year>5', null],
  ['', null],
])('%s is about %s', (where, genre) => expect(genreAbout(parseFilter(where))).toBe(genre))

test('names are quoted where they need it', () => {
  expect([genreTerm('genre', 'Sci-Fi & Fantasy'), genreTerm('bad', 'War')]).toEqual(['genre:"Sci-Fi & Fantasy"', 'bad:War'])
  expect(['en', 'two words', 'genre', 'a:b', '-x'].map(quoteIfNeeded)).toEqual(['en', '"two words"', '"genre"', '"a:b"', '"-x"'])
})
