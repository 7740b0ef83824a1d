/** Rules that remove movies, or shorten plots that are too long. */
import type { ParamSpec, RuleSpec } from '../../../contract/cleaning.ts'
import { CONDITIONS, matcher, type Condition } from './column-filter.ts'
import { ending, excerpt } from './excerpts.ts'
import { LetterModel, type Measures } from './gibberish.ts'
import { countLetters, languageName, LANGUAGES, loadLanguages } from './language.ts'
import { hasWords, lengthOf, shortened, UNITS, type Unit } from './measures.ts'
import { isPlaceholder } from './plots.ts'
import type { Draft, Effect, Params, Rule, RuleInstance } from './rule.ts'

/** Why a movie is removed; null if it stays. */
type Reason = (draft: Draft) => string | null
const out = (before: string, why: string): Effect => ({ out: true, example: () => [excerpt(before), why] })

/** A rule that decides on each movie by itself. */
function removing(spec: Omit<RuleSpec, 'effect' | 'costly'>, reads: Rule['reads'], make: (params: Params) => Reason): Rule {
  return {
    spec: { ...spec, effect: 'removes', costly: false },
    reads,
    writes: [],
    statistical: false,
    start: (params) => {
      const reason = make(params)
      return {
        apply: (draft) => {
          const why = reason(draft)
          return why === null ? null : out(draft.plot, why)
        },
      }
    },
  }
}

const unit: ParamSpec = {
  name: 'unit',
  label: 'Unit',
  help: 'Words or characters.',
  kind: 'choice',
  choices: UNITS,
  value: 'words',
}
const length = (name: string, label: string, help: string, value: number): ParamSpec => ({
  name,
  label,
  help,
  kind: 'integer',
  min: 1,
  max: 1_000_000,
  value,
})
const share = (name: string, label: string, help: string, value: number): ParamSpec => ({
  name,
  label,
  help,
  kind: 'number',
  min: 0,
  max: 1,
  value,
})

const tooLong: Rule = {
  spec: {
    rule: 'too-long',
    title: 'Long plots',
    description: 'Removes movies whose plot is longer than a limit, or cuts the plot there.',
    effect: 'removes',
    costly: false,
    params: [
      length('longest', 'Longest', 'A plot with more than this is too long.', 1000),
      unit,
      {
        name: 'action',
        label: 'Action',
        help: 'Remove: the movie is removed. Cut: the plot ends after the last word that fits.',
        kind: 'choice',
        choices: ['remove', 'cut'],
        value: 'remove',
      },
    ],
  },
  reads: ['plot'],
  writes: ['plot'],
  statistical: false,
  start: (params) => {
    const limit = params.number('longest')
    const counted = params.text('unit') as Unit
    const cuts = params.text('action') === 'cut'
    return {
      apply: ({ plot }) => {
        // a word has at least one character
        if (plot.length <= limit) return null
        const n = lengthOf(plot, counted)
        if (n <= limit) return null
        if (!cuts) return out(plot, `removed: ${n.toLocaleString('en')} ${counted}`)
        const cut = shortened(plot, limit, counted)
        return { plot: cut, example: () => [`${n.toLocaleString('en')} ${counted}: ${ending(plot)}`, ending(cut)] }
      },
    }
  },
}

const language: Rule = {
  spec: {
    rule: 'language',
    title: 'Language',
    description: 'Removes movies whose plot is not in one of the chosen languages.',
    effect: 'removes',
    costly: true,
    params: [
      { name: 'keep', label: 'Languages to keep', help: 'ISO 639-1 codes.', kind: 'choices', choices: LANGUAGES, value: ['en'] },
      share(
        'confidence',
        'Minimum confidence',
        'How much better another language must fit than the chosen ones. 0: slightly; 0.3: clearly; 1: none of the chosen ones fits at all.',
        0.2,
      ),
      length('shortest', 'Shortest text', 'In letters. Shorter plots stay.', 40),
    ],
  },
  reads: ['plot'],
  writes: [],
  statistical: false,
  start: async (params): Promise<RuleInstance> => {
    const judge = await loadLanguages()
    const keep = new Set(params.list('keep'))
    const [confidence, shortest] = [params.number('confidence'), params.number('shortest')]
    return {
      apply: ({ plot }) => {
        if (plot.length < shortest) return null
        const guess = judge(plot, keep)
        if (guess === null || guess.confidence < confidence || countLetters(plot) < shortest) return null
        return out(plot, `removed: ${languageName(guess.language)}, confidence ${guess.confidence.toFixed(2)}`)
      },
    }
  },
}

const gibberish: Rule = {
  spec: {
    rule: 'gibberish',
    title: 'Gibberish',
    description:
      "Removes movies whose plot is not text: improbable letters compared with the catalogue's other plots, hardly any letters, or the same few letters repeated.",
    effect: 'removes',
    costly: true,
    params: [
      {
        name: 'surprise',
        label: 'Surprise',
        help: 'Mean surprise in bits per letter: about 3 for plots like the others, 4 to 5 for other languages, about 8 for random keys.',
        kind: 'number',
        min: 1,
        max: 15,
        value: 6,
      },
      share('letters', 'Letters', 'Minimum share of letters among all characters except spaces.', 0.5),
      share('variety', 'Variety', 'Minimum share of distinct letter trigrams. Below it, the text only repeats itself.', 0.2),
      length('shortest', 'Shortest text', 'In letters. Shorter plots stay.', 20),
    ],
  },
  reads: ['plot'],
  writes: [],
  statistical: true,
  start: (params): RuleInstance => {
    const model = new LetterModel()
    const shortest = params.number('shortest')
    const limits = { surprise: params.number('surprise'), letterShare: params.number('letters'), variety: params.number('variety') }
    return {
      gather: ({ plot }) => model.add(plot),
      gathered: () => model.finish(),
      apply: ({ plot }) => {
        if (plot.length < shortest) return null
        const why = faultOf(model.measure(plot), limits, model.isReady ? shortest : Infinity)
        return why === null ? null : out(plot, `removed: ${why}`)
      },
    }
  },
}
/** Texts with fewer characters are not checked: they may be just a year and a number. */
const MIN_SIGNS = 30
/** The problem of a text; null if there is none. */
function faultOf(m: Measures, limits: Pick<Measures, 'surprise' | 'letterShare' | 'variety'>, leastLetters: number): string | null {
  if (m.signs >= MIN_SIGNS && m.letterShare < limits.letterShare) return `${Math.round(100 * m.letterShare)}% of its signs are letters`
  if (m.letters >= 60 && m.variety < limits.variety) return `repeats itself: variety ${m.variety.toFixed(2)}`
  if (m.letters >= leastLetters && m.surprise > limits.surprise) return `${m.surprise.toFixed(1)} bits of surprise a letter`
  return null
}

export const REMOVAL_RULES: readonly Rule[] = [
  removing(
    {
      rule: 'placeholder',
      title: 'Placeholder plots',
      description: 'Removes movies whose plot is only a placeholder, such as "Add a Plot" or "Plot kept under wraps".',
      params: [],
    },
    ['plot'],
    () =>
      ({ plot }) =>
        isPlaceholder(plot) ? 'removed' : null,
  ),
  removing(
    {
      rule: 'missing',
      title: 'Missing plot or genre',
      description: 'Removes movies without a plot or without any genre: a model cannot learn from them.',
      params: [],
    },
    ['plot', 'some-genre'],
    () =>
      ({ plot, genres }) => {
        const lacks = [plot.trim() === '' ? 'no plot' : '', genres.length === 0 ? 'no genre' : ''].filter((text) => text !== '')
        return lacks.length === 0 ? null : `removed: ${lacks.join(', ')}`
      },
  ),
  removing(
    {
      rule: 'column-filter',
      title: 'Filter on a column',
      description: 'Keeps or removes movies by the value of an original column: a range of years, a type, a country.',
      params: [
        { name: 'column', label: 'Column', help: 'A column of the imported files.', kind: 'column', value: '' },
        {
          name: 'condition',
          label: 'Condition',
          help: 'Between: numbers or years, including both ends. Contains: anywhere in the text. Case is ignored.',
          kind: 'choice',
          choices: CONDITIONS,
          value: 'between',
        },
        {
          name: 'values',
          label: 'Values',
          help: 'Between: two values; leave one empty for no limit. Equals and contains: one value. One of: several. Not empty: none.',
          kind: 'choices',
          value: [],
        },
        {
          name: 'action',
          label: 'Action',
          help: 'Keep: only matching movies stay. Remove: matching movies are removed.',
          kind: 'choice',
          choices: ['keep', 'remove'],
          value: 'keep',
        },
        {
          name: 'unknown',
          label: 'Keep movies with an empty value',
          help: 'Also keeps movies whose value is not a number where one is needed.',
          kind: 'switch',
          value: true,
        },
      ],
    },
    ['column'],
    columnReason,
  ),
  removing(
    {
      rule: 'too-short',
      title: 'Short plots',
      description: 'Removes movies whose plot is shorter than a limit.',
      params: [length('shortest', 'Shortest', 'A plot with less than this is too short.', 6), unit],
    },
    ['plot'],
    (params) => {
      const limit = params.number('shortest')
      const counted = params.text('unit') as Unit
      return ({ plot }) => {
        // most plots are long enough: words between spaces are a lower bound in every script
        if (counted === 'characters' ? plot.length >= limit : hasWords(plot, limit)) return null
        const n = lengthOf(plot, counted)
        return n >= limit ? null : `removed: ${n.toLocaleString('en')} ${counted}`
      }
    },
  ),
  tooLong,
  language,
  gibberish,
]

function columnReason(params: Params): Reason {
  const column = params.text('column')
  const matches = matcher(params.text('condition') as Condition, params.list('values'))
  const keeps = params.text('action') === 'keep'
  return ({ source }) => {
    const cell = source.cells?.[column] ?? ''
    const met = matches(cell)
    const goes = met === null ? !params.flag('unknown') : met !== keeps
    return goes ? `removed: ${column} is ${cell.trim() === '' ? 'empty' : `“${excerpt(cell)}”`}` : null
  }
}
