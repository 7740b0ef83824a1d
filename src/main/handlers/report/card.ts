/** The data card of a project: where its movies come from, what was done to them, and what is known about their quality. */
import pkg from '../../../../package.json' with { type: 'json' }
import type { ExportOptions } from '../../../contract/exporting.ts'
import { count, many, rounded } from '../../../contract/words.ts'
import type { Store } from '../../store/store.ts'
import type { Ask } from './report.ts'

/** Names of the files of a data card. */
const CARD_NAMES = { markdown: 'data card.md', json: 'data card.json' } as const

/** The export that the card describes, or null for the export of everything. */
export type CardScope = Pick<ExportOptions, 'format' | 'where'> & { readonly what: string; readonly records: number }
export type DataCard = Awaited<ReturnType<typeof cardOf>>

const LIMITS = [
  'Genres of movies that nobody reviewed are those of the source after cleaning; they may be wrong.',
  'The estimate of wrong labels is learnt from errors that were planted; real errors may look unlike them.',
  'The figures of the model hold for movies like these, and are measured against labels that may themselves be wrong.',
]

/** The card of the open project. It depends on nothing but the project, the version of the program, and the date. */
export async function cardOf(ask: Ask, store: Store, scope: CardScope | null, at: Date) {
  const [project, imported, cleaned, ruleSet] = [
    await ask('project.info', {}),
    await ask('import.report', {}),
    await ask('clean.report', {}),
    await ask('clean.ruleSet', {}),
  ]
  const [overview, runs, health] = [await ask('overview.get', {}), await ask('runs.list', {}), await ask('suspects.health', {})]
  const audit = (await ask('audit.state', {})) && (await ask('audit.result', {}))
  const run = runs.find(({ current }) => current)
  const records = new Map(imported?.files.map((file) => [file.name, file]))
  return {
    name: project.name,
    written: at.toISOString().slice(0, 10),
    program: `Reelabel ${pkg.version}`,
    exported: scope,
    sources: store.sources.currentFiles().map(({ name, entry, bytes, sha256 }) => ({
      name,
      entry,
      bytes,
      sha256,
      records: records.get(name)?.records ?? null,
      rejected: records.get(name)?.rejected ?? null,
    })),
    movies: { imported: project.movies, kept: project.kept, reviewed: overview.reviewed },
    parts: project.splits,
    cleaning: cleaned.steps.flatMap(({ rule, title, on, effect, count: movies }, i) =>
      on ? [{ rule, title, effect, movies, parameters: ruleSet[i]?.rule === rule ? ruleSet[i].params : {} }] : [],
    ),
    genres: overview.genres.map(({ name, source, corrected }) => ({ name, before: source, after: corrected })),
    decisions: store.changes.tallies(),
    audit: audit && {
      answered: audit.answered,
      of: audit.population.movies,
      moviesWithWrongLabel: { rate: audit.movies.rate, low: audit.movies.low, high: audit.movies.high },
    },
    wrongLabels: health && { labels: health.labels, expected: health.expected, interval: health.interval, left: health.left },
    model: run
      ? {
          run: run.id,
          name: run.name,
          family: run.config.family,
          folds: run.config.folds,
          seed: run.config.seed,
          part: run.summary?.part ?? null,
          microF1: run.summary?.microF1 ?? null,
          macroF1: run.summary?.macroF1 ?? null,
        }
      : null,
    limits: LIMITS,
  }
}

/** Escapes text of the project, so that a name is not read as Markdown. */
const plain = (text: string | number): string => String(text).replaceAll(/[\\`*_{}[\]<>#|]/g, '\\$&').replaceAll(/\s+/g, ' ') // prettier-ignore
const table = (header: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] =>
  [header, header.map(() => '---'), ...rows.map((row) => row.map(plain))].map((cells) => `| ${cells.join(' | ')} |`)
const share = (x: number): string => `${(100 * x).toFixed(1)}%`

function cardMarkdown(card: DataCard): string {
  const { exported, movies, audit, wrongLabels, model } = card
  const section = (title: string, lines: readonly string[]): string[] => [`## ${title}`, '', ...lines, '']
  const parameters = (all: object): string => Object.entries(all).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ') // prettier-ignore
  const what =
    exported === null
      ? ['Everything that the project holds.']
      : [
          `${exported.what}, format ${exported.format}: ${many(exported.records, 'record')}${exported.where === '' ? '' : `; filter: ${plain(exported.where)}`}.`,
        ]
  return [
    `# ${plain(card.name)}: data card`,
    '',
    `Written by ${card.program} on ${card.written}.`,
    '',
    ...section('Exported', what),
    ...section('Sources', table(['file', 'SHA-256', 'bytes', 'records', 'rejected'], card.sources.map((s) => [s.entry === null ? s.name : `${s.name}: ${s.entry}`, s.sha256 ?? 'not known', s.bytes, s.records ?? '', s.rejected ?? '']))), // prettier-ignore
    ...section('Movies', [
      `${count(movies.imported)} imported, ${count(movies.kept)} kept by cleaning, ${count(movies.reviewed)} reviewed. Parts: ${Object.entries(card.parts).map(([part, n]) => `${part} ${count(n)}`).join(', ')}.`, // prettier-ignore
    ]),
    ...section('Cleaning', table(['rule', 'effect', 'movies', 'parameters'], card.cleaning.map((c) => [c.title, c.effect, c.movies, parameters(c.parameters)]))), // prettier-ignore
    ...section(
      'Genres',
      table(
        ['genre', 'movies before decisions', 'after'],
        card.genres.map((g) => [g.name, g.before, g.after]),
      ),
    ),
    ...section(
      'Decisions',
      table(
        ['who', 'kind', 'changes in the log'],
        card.decisions.map((d) => [d.who, d.field, d.changes]),
      ),
    ),
    ...section('Quality', [
      audit
        ? `- Blind audit of ${count(audit.answered)} of ${many(audit.of, 'movie')}: ${share(audit.moviesWithWrongLabel.rate)} have a wrong label (95% interval ${share(audit.moviesWithWrongLabel.low)} to ${share(audit.moviesWithWrongLabel.high)}).`
        : '- There is no blind audit with enough answers.',
      wrongLabels
        ? `- Estimate: of ${count(wrongLabels.labels)} labels ${rounded(wrongLabels.expected)} (${rounded(wrongLabels.interval.low)} to ${rounded(wrongLabels.interval.high)}) were wrong or missing; ${rounded(wrongLabels.left.expected)} are left.`
        : '- Wrong labels were not searched for.',
      model
        ? `- Model: run ${model.run} (${plain(model.name)}), ${model.family}, ${many(model.folds, 'fold')}, seed ${model.seed}${model.microF1 === null ? '' : `; micro-F1 ${model.microF1.toFixed(3)} on ${model.part === 'test' ? 'the test part' : 'the training part, out of fold'}`}.`
        : '- No model is trained.',
    ]),
    ...section(
      'Limits',
      card.limits.map((limit) => `- ${limit}`),
    ),
  ].join('\n')
}

/** Both files of a card, with their names. */
export const cardFiles = (card: DataCard): readonly { readonly name: string; readonly text: string }[] => [
  { name: CARD_NAMES.markdown, text: cardMarkdown(card) },
  { name: CARD_NAMES.json, text: `${JSON.stringify(card, null, 2)}\n` },
]
