/** Cleaning as the fake engine does it: rules with made-up counts that react to their switches and parameters. */
import type {
  CleaningReport,
  CleanRuleSet,
  CleanStep,
  CleanStepReport,
  GenrePreview,
  ParamSpec,
  RuleBook,
  RuleSpec,
} from '../../src/contract/cleaning.ts'
import { GENRES } from './fake-data.ts'

const MOVIES = 420
const rule = (
  rule: RuleSpec['rule'],
  title: string,
  description: string,
  effect: RuleSpec['effect'],
  params: ParamSpec[] = [],
  costly = false,
) => ({ rule, title, description, effect, params, costly }) satisfies RuleSpec
const integer = (name: string, label: string, help: string, value: number): ParamSpec => ({
  name,
  label,
  help,
  kind: 'integer',
  min: 0,
  max: 100_000,
  value,
})

const RULES: readonly RuleSpec[] = [
  rule('mojibake', 'Text read in the wrong encoding', 'Puts “PokÃ©mon” right: “Pokémon”.', 'changes'),
  rule('html', 'HTML entities and tags', 'Turns &amp;quot; into a quotation mark and takes tags out.', 'changes'),
  rule('whitespace', 'Repeated white space', 'Makes one space of several, and trims the ends.', 'changes'),
  rule('truncated', 'Truncated tails', 'Cuts “See full summary »” from the end of a plot.', 'changes'),
  rule('boilerplate', 'Sentences that repeat across plots', 'Takes out sentences that stand in many plots.', 'changes', [
    integer('plots', 'In at least so many plots', 'Fewer finds more, and more by mistake', 20),
    { name: 'spare', label: 'Sentences to leave', help: 'They stay although they repeat', kind: 'choices', choices: [], value: [] },
  ]),
  rule('placeholder', 'Placeholder plots', 'Leaves out plots such as “Add a Plot”.', 'removes'),
  rule('missing', 'Missing plot or genre', 'Leaves out movies that there is nothing to learn from.', 'removes'),
  rule('genre-table', 'Genre table', 'Merges, splits, renames and drops genres as you say.', 'changes', [
    { name: 'table', label: 'Genre table', help: 'A genre without an entry stays as it is.', kind: 'genres', value: {} },
  ]),
  rule('genre-alias', 'Genre aliases and case', 'Gives every genre one name.', 'changes'),
  rule('too-short', 'Too short', 'Leaves out movies whose plot is shorter than this.', 'removes', [
    integer('characters', 'Characters', 'Of the cleaned plot', 40),
  ]),
  rule(
    'language',
    'Language',
    'Leaves out plots that are not in these languages.',
    'removes',
    [
      {
        name: 'languages',
        label: 'Languages to keep',
        help: 'Plots in any of them stay',
        kind: 'choices',
        choices: ['English', 'French', 'German', 'Spanish'],
        value: ['English'],
      },
      { name: 'confidence', label: 'Confidence', help: 'From 0 to 1; a plot below it stays', kind: 'number', min: 0, max: 1, value: 0.6 },
    ],
    true,
  ),
  rule('column-filter', 'Column filter', 'Leaves out movies by an original column, such as the year.', 'removes', [
    { name: 'column', label: 'Column', help: 'One of the original columns', kind: 'column', value: '' },
    {
      name: 'is',
      label: 'Keep where it',
      help: 'How the cell is compared',
      kind: 'choice',
      choices: ['is', 'is not', 'is at least', 'is at most'],
      value: 'is at least',
    },
    { name: 'value', label: 'Value', help: 'A number or a text', kind: 'text', value: '' },
    { name: 'blank', label: 'Keep empty cells', help: 'Movies whose cell is empty stay', kind: 'switch', value: true },
  ]),
  rule('exact-duplicate', 'Exact duplicates', 'Leaves out movies whose plot an earlier one has.', 'removes'),
  rule(
    'near-duplicate',
    'Near duplicates',
    'Leaves out movies whose plot is nearly that of an earlier one.',
    'removes',
    [
      {
        name: 'similarity',
        label: 'Similarity',
        help: 'Share of word triples in common, from 0 to 1',
        kind: 'number',
        min: 0.3,
        max: 1,
        value: 0.8,
      },
    ],
    true,
  ),
]
const OFF: readonly RuleSpec['rule'][] = ['boilerplate', 'language', 'near-duplicate', 'column-filter']
const COUNTS: Readonly<Record<string, number>> = {
  mojibake: 3,
  html: 14,
  whitespace: 58,
  truncated: 31,
  boilerplate: 9,
  placeholder: 6,
  missing: 12,
  'genre-alias': 4,
  'too-short': 2,
  language: 11,
  'exact-duplicate': 2,
  'near-duplicate': 7,
  'column-filter': 25,
}
const EXAMPLES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  mojibake: [['PokÃ©mon trainers meet in a cafÃ© by the sea.', 'Pokémon trainers meet in a café by the sea.']],
  html: [['He said &quot;no&quot; and<br>left the town for good.', 'He said "no" and left the town for good.']],
  whitespace: [
    [
      'A retired  detective returns to\u00a0the harbour town where his brother was murdered ',
      'A retired detective returns to the harbour town where his brother was murdered',
    ],
  ],
  truncated: [['He leaves the town behind... See full summary »', 'He leaves the town behind...']],
  placeholder: [['Add a Plot', 'the plot only says that there is none']],
}
export const DEFAULT_RULE_SET: CleanRuleSet = RULES.map((r) => ({ rule: r.rule, on: !OFF.includes(r.rule), params: {} }))
export const ruleBook: RuleBook = {
  rules: RULES,
  ruleSet: DEFAULT_RULE_SET,
  columns: ['Release_Date', 'Title', 'Overview', 'Popularity', 'Genre'],
}

function stepReport(step: CleanStep, rowsIn: number, asked: readonly string[]): CleanStepReport {
  const spec = RULES.find((r) => r.rule === step.rule)!
  const counted = step.on || !spec.costly || asked.includes(step.rule)
  const changedGenres = Object.keys((step.params['table'] ?? {}) as object).length
  const count = !counted ? 0 : step.rule === 'genre-table' ? changedGenres * 10 : (COUNTS[step.rule] ?? 0)
  const examples = (EXAMPLES[step.rule] ?? []).map(([before, after], i) => ({ key: `row-${i + 3}`, title: 'The Harbour', before, after }))
  const twins = step.rule === 'near-duplicate' && counted
  return {
    ...step,
    title: spec.title,
    description: spec.description,
    effect: spec.effect,
    counted,
    rowsIn,
    count,
    rowsOut: step.on && spec.effect === 'removes' ? rowsIn - count : rowsIn,
    examples,
    groups: twins ? 7 : 0,
    conflicting: twins ? 2 : 0,
    conflicts: twins
      ? [1, 2].map((n) => ({
          similarity: 0.97 - n / 20,
          movies: [
            { movie: n, key: `m${n}`, title: 'The Harbour', genres: ['Crime', 'Drama'] },
            { movie: n + 5, key: `m${n + 5}`, title: 'The Harbour (TV)', genres: ['Crime', 'Thriller'] },
          ],
        }))
      : [],
  }
}
export function cleaningReport(ruleSet: CleanRuleSet, asked: readonly string[] = []): CleaningReport {
  let rows = MOVIES
  const steps = ruleSet.map((step) => {
    const report = stepReport(step, rows, asked)
    rows = report.rowsOut
    return report
  })
  return { movies: MOVIES, kept: rows, steps }
}
export function genrePreview(ruleSet: CleanRuleSet): GenrePreview {
  const step = ruleSet.find((s) => s.rule === 'genre-table' && s.on)
  const table = (step?.params['table'] ?? {}) as Readonly<Record<string, readonly string[]>>
  const source = [
    ...GENRES.map((g, i) => ({ name: g.name, count: 200 - i * 9 })),
    { name: 'sci-fi', count: 4 },
    { name: 'Sports', count: 3 },
  ]
  const alias: Readonly<Record<string, string>> = { 'sci-fi': 'Science Fiction', Sports: 'Sport' }
  const before = source.map((g) => ({ ...g, becomes: (table[g.name] ?? [g.name]).map((n) => alias[n] ?? n) }))
  const after = new Map<string, { count: number; from: string[] }>()
  for (const g of before)
    for (const name of g.becomes) {
      const entry = after.get(name) ?? { count: 0, from: [] }
      after.set(name, { count: entry.count + g.count, from: [...entry.from, g.name] })
    }
  return {
    movies: MOVIES,
    changed: Object.keys(table).length * 10 + 7,
    emptied: Object.values(table).filter((t) => t.length === 0).length,
    before,
    after: [...after].map(([name, a]) => ({ name, ...a })).sort((a, b) => b.count - a.count),
  }
}
