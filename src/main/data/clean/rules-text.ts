/** Rules that rewrite plots. */
import type { ParamSpec, RuleSpec } from '../../../contract/cleaning.ts'
import { evenlySpaced, normalised, UNICODE_FORMS, withoutControls, withoutHtml } from './characters.ts'
import { difference, excerpt } from './excerpts.ts'
import { repairMojibake } from './mojibake.ts'
import { withoutMoreMarker } from './plots.ts'
import type { Effect, Params, Rule, RuleInstance } from './rule.ts'
import { RepeatedSentences } from './sentences.ts'

type Rewrite = (plot: string) => string | null
type Show = (before: string, after: string) => readonly [string, string]

/** A rule that depends on the plot alone; `make` returns null for plots that it does not change. */
function rewriting(spec: Omit<RuleSpec, 'effect' | 'costly'>, make: (params: Params) => Rewrite, show: Show = difference): Rule {
  return {
    spec: { ...spec, effect: 'changes', costly: false },
    reads: ['plot'],
    writes: ['plot'],
    statistical: false,
    start: (params) => {
      const rewrite = make(params)
      return {
        apply: ({ plot }): Effect | null => {
          const after = rewrite(plot)
          return after === null ? null : { plot: after, example: () => show(plot, after) }
        },
      }
    },
  }
}
/** Makes invisible characters visible: control characters as U+0000, white space other than spaces as its letter. */
const visible: Show = (before, after) => difference(marked(before), marked(after))
const SIGNS: Readonly<Record<string, string>> = { '\n': '⏎', '\r': '␍', '\t': '⇥' }
const marked = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (c) => SIGNS[c] ?? `‹U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`,
  )

const lines: ParamSpec = {
  name: 'lines',
  label: 'Line breaks',
  help: 'Keep: paragraphs stay, with at most one empty line between them. Join: a line break becomes a space.',
  kind: 'choice',
  choices: ['keep', 'join'],
  value: 'keep',
}

const boilerplate: Rule = {
  spec: {
    rule: 'boilerplate',
    title: 'Repeated sentences',
    description:
      'Cuts sentences that occur in many plots, such as text that a website adds to each. A movie that is listed twice counts once.',
    effect: 'changes',
    costly: true,
    params: [
      {
        name: 'plots',
        label: 'Plots',
        help: 'How many plots must contain the same sentence, ignoring case and punctuation.',
        kind: 'integer',
        min: 2,
        max: 1_000_000,
        value: 5,
      },
      {
        name: 'shortest',
        label: 'Shortest sentence',
        help: 'In characters. Shorter ones, such as “Based on a true story.”, stay.',
        kind: 'integer',
        min: 1,
        max: 1000,
        value: 24,
      },
    ],
  },
  reads: ['plot'],
  writes: ['plot'],
  statistical: true,
  start: (params): RuleInstance => {
    const sentences = new RepeatedSentences(params.number('plots'), params.number('shortest'))
    return {
      gather: ({ source, plot }) => sentences.count(source.title, plot),
      gathered: () => sentences.counted(),
      apply: ({ plot }) => {
        const result = sentences.cut(plot)
        if (result === null) return null
        const removed = result.cut.map(({ text, plots }) => `${excerpt(text)} (in ${plots.toLocaleString('en')} plots)`)
        return { plot: result.plot, example: () => [excerpt(removed.join(' ')), excerpt(result.plot)] }
      },
    }
  },
}

export const TEXT_RULES: readonly Rule[] = [
  rewriting(
    {
      rule: 'mojibake',
      title: 'Broken characters',
      description: 'Repairs characters that were read in a wrong encoding: “PokÃ©mon” becomes “Pokémon”.',
      params: [],
    },
    () => repairMojibake,
  ),
  rewriting(
    {
      rule: 'html',
      title: 'HTML tags and entities',
      description: 'Removes HTML tags from plots and decodes entities: “&quot;” becomes a quote.',
      params: [],
    },
    () => withoutHtml,
  ),
  rewriting(
    {
      rule: 'control-characters',
      title: 'Control characters',
      description: 'Removes invisible characters: control characters, zero-width marks, soft hyphens.',
      params: [],
    },
    () => withoutControls,
    visible,
  ),
  rewriting(
    {
      rule: 'unicode',
      title: 'Unicode normalisation',
      description: 'Uses one form of each character: an accented letter is one character, not two.',
      params: [
        {
          name: 'form',
          label: 'Form',
          help: 'NFC joins letters and their accents; NFKC also replaces compatibility characters such as ligatures and full-width letters.',
          kind: 'choice',
          choices: UNICODE_FORMS,
          value: 'NFC',
        },
        {
          name: 'quotes',
          label: 'Plain quotes and dashes',
          help: 'Curly quotes, long dashes and the ellipsis become plain ASCII.',
          kind: 'switch',
          value: false,
        },
      ],
    },
    (params) => (plot) => normalised(plot, params.text('form') as 'NFC', params.flag('quotes')),
  ),
  rewriting(
    {
      rule: 'whitespace',
      title: 'Whitespace',
      description: 'Leaves single spaces between words and none at the ends; special spaces become plain ones.',
      params: [lines],
    },
    (params) => (plot) => evenlySpaced(plot, params.text('lines') as 'keep'),
    visible,
  ),
  rewriting(
    {
      rule: 'truncated',
      title: 'Cut-off endings',
      description: 'Removes “See full summary »” and the dots before it from the end of a plot.',
      params: [],
    },
    () => withoutMoreMarker,
    difference,
  ),
  boilerplate,
]
