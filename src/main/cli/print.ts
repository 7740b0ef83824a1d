/** Text for people: tables, percentages, wrapped plots. */
import type { CleaningReport, CleanStepReport } from '../../contract/cleaning.ts'
import type { ImportReport } from '../../contract/importing.ts'
import { runsTerm } from '../../contract/filter.ts'
import { count } from '../../contract/words.ts'
import {
  BASELINES,
  MARKS,
  type Cell,
  type Comparison,
  type Difference,
  type ExplainedModel,
  type MetricsReport,
  type MovieRow,
  type RunConfig,
  type RunInfo,
} from '../../contract/records.ts'

export const f3 = (x: number): string => x.toFixed(3)
/** Formats a number with its sign, except for values that round to zero. */
export const signed = (x: number): string => (Math.abs(x) < 0.0005 ? '0.000' : `${x > 0 ? '+' : ''}${x.toFixed(3)}`)

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** A table in columns of text; numeric columns are right-aligned. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows]
  const width = header.map((_, j) => Math.max(...all.map((r) => (r[j] ?? '').length)))
  const numeric = header.map((_, j) => rows.length > 0 && rows.every((r) => /^[-+]?[\d.,]*%?$/.test(r[j] ?? '')))
  const line = (r: readonly string[]): string =>
    r
      .map((x, j) => (numeric[j] ? x.padStart(width[j] ?? 0) : x.padEnd(width[j] ?? 0)))
      .join('  ')
      .trimEnd()
  return all.map(line).join('\n')
}

/** Whose words an explanation names. */
export const EXPLAINED: Readonly<Record<ExplainedModel, string>> = {
  fold: 'the model that made the prediction, which did not learn from the movie',
  final: 'the final model, which made the prediction and did not learn from the movie',
  learned:
    'the final model, which learned from the movie; the out-of-fold prediction was made by a model that did not, which is not stored with this run',
}

/** Breaks text at spaces into lines of at most `width` characters. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((l) => indent + l).join('\n')
}

export function importText(r: ImportReport): string {
  const genres = Object.entries(r.genreCounts)
  const [rejected] = r.rejected
  const lines = [
    `${count(r.records)} records from ${r.files.map((f) => f.name).join(', ')}: ${count(r.movies)} movies (${count(r.emptyPlot)} without a plot, ${count(r.noGenre)} without a genre)`,
    ...(rejected
      ? [`${count(r.files.reduce((s, f) => s + f.rejected, 0))} records were rejected, the first in line ${rejected.line}: ${rejected.why}`]
      : []),
    `${genres.length} genres: ${genres
      .slice(0, 8)
      .map(([g, n]) => `${g} ${count(n)}`)
      .join(', ')}${genres.length > 8 ? ', …' : ''}`,
    r.split === 'column' ? 'train, valid and test as the split column says' : 'split 80/20 into train and test (seeded, stratified)',
    cleanText(r.clean),
  ]
  return lines.join('\n')
}

/** A table of a cleaning's steps with the movies that each one received and passed on. */
export function cleanText(r: CleaningReport): string {
  const rows = r.steps.map((s, i) => [
    String(i + 1),
    s.rule,
    s.on ? 'on' : 'off',
    count(s.rowsIn),
    s.counted ? count(s.count) : 'not counted',
    count(s.rowsOut),
    outcome(s),
  ])
  const header = ['', 'rule', '', 'in', 'applies to', 'out', '']
  return `${table(header, rows)}\n${count(r.kept)} of ${count(r.movies)} movies kept`
}
function outcome({ on, effect, groups, conflicting, count: n }: CleanStepReport): string {
  const does = effect === 'removes' ? 'removes' : 'changes'
  const duplicates = groups > 0 ? `; ${count(groups)} groups, ${count(conflicting)} with conflicting labels` : ''
  return n === 0 ? '' : `${on ? does : `would ${effect === 'removes' ? 'remove' : 'change'}`}${duplicates}`
}

const range = ({ low, high }: { readonly low: number; readonly high: number }): string => `${f3(low)} to ${f3(high)}`
export function metricsText(m: MetricsReport): string {
  const averages = (['micro', 'macro', 'weighted', 'samples'] as const).map((a) => [a, f3(m[a].precision), f3(m[a].recall), f3(m[a].f1)])
  const genres = m.genres.map((g, j) => [
    g,
    String(m.per_label.support[j]),
    f3(m.per_label.precision[j] ?? 0),
    f3(m.per_label.recall[j] ?? 0),
    f3(m.per_label.f1[j] ?? 0),
  ])
  return [
    `Run ${m.run}, ${m.part} part, ${count(m.movies)} movies${m.where === '' ? '' : ` (${m.where})`}, ${m.labels} labels, threshold ${m.threshold}`,
    ...(m.intervals
      ? [
          `95% intervals: micro-F1 ${range(m.intervals.microF1)}  macro-F1 ${range(m.intervals.macroF1)}  Jaccard ${range(m.intervals.jaccard)}`,
        ]
      : []),
    table(
      ['without a model', 'micro-F1', 'macro-F1', 'Jaccard'],
      BASELINES.map((name) => [name, f3(m.baselines[name].microF1), f3(m.baselines[name].macroF1), f3(m.baselines[name].jaccard)]),
    ),
    ...(m.undefined_ratios.length > 0
      ? [
          `0 because there is nothing to divide by: ${m.undefined_ratios.slice(0, 12).join(', ')}${m.undefined_ratios.length > 12 ? ', …' : ''}`,
        ]
      : []),
    table(['average', 'precision', 'recall', 'F1'], averages),
    `without ${count(m.answerable.marked)} cells marked and ${count(m.answerable.estimated)} estimated impossible: micro-F1 ${f3(m.answerable.micro_f1)}  macro-F1 ${f3(m.answerable.macro_f1)}  Jaccard ${f3(m.answerable.jaccard_samples)}`,
    `Jaccard ${f3(m.jaccard_samples)}  Hamming ${f3(m.hamming_loss)}  subset accuracy ${f3(m.subset_accuracy)}  at least one ${f3(m.at_least_one)}`,
    table(['genre', 'support', 'precision', 'recall', 'F1'], genres),
  ].join('\n\n')
}

/** A cell with the reason for its bucket: `spurious? p 0.04 < 0.31`. */
export function cellText(c: Cell): string {
  const kind = c.verdict ?? (c.impossibleEstimate ? 'impossible?' : c.kind === 'swapped' ? `swapped with ${c.partner}?` : `${c.kind}?`)
  const p =
    c.probability === null || c.threshold === null
      ? ''
      : `, p ${c.probability.toFixed(2)} ${c.predicted ? '>=' : '<'} ${c.threshold.toFixed(2)}`
  return `${c.label ? '' : 'no '}${c.name}: ${kind}${p}`
}

export function rowText(r: MovieRow): string {
  const head = `${r.key}  ${r.title}${r.score === null ? '' : `  (quality ${r.score.toFixed(2)})`}${MARKS.map((mark) => (r[mark] ? `  ${mark}` : '')).join('')}`
  return [
    head,
    `    labels ${r.labels.join(', ') || 'none'}; predicted ${r.predicted.join(', ') || 'none'}`,
    ...r.cells.map((c) => `    ${cellText(c)}`),
  ].join('\n')
}

const difference = (name: string, d: Difference): string[] => [
  name,
  f3(d.old),
  f3(d.new),
  signed(d.difference),
  `[${signed(d.low)}, ${signed(d.high)}]`,
]

export function comparisonText(c: Comparison): string {
  const header = ['figure', `run ${c.a}`, `run ${c.b}`, 'change', '95% interval']
  const rows = (['corrected', 'source'] as const).flatMap((kind) => [
    difference(`micro-F1, ${kind} labels`, c[kind].microF1),
    difference(`macro-F1, ${kind} labels`, c[kind].macroF1),
    difference(`Jaccard, ${kind} labels`, c[kind].jaccard),
  ])
  const part = c.part === 'test' ? 'frozen test part' : 'out-of-fold predictions'
  const split = c.part === 'oof' ? 'train' : c.part
  const genres = c.perGenre.map((g) => [g.genre, count(g.support), f3(g.old), f3(g.new), signed(g.new - g.old), count(g.differing)])
  const byGenre = table(['genre', 'support', `F1 run ${c.a}`, `run ${c.b}`, 'change', 'movies that differ'], genres)
  const open = `Runs differ on ${count(c.differing)} of these movies: reelabel list PROJECT.reel --where '${runsTerm(c.a, c.b)} split:${split}'`
  return `${table(header, rows)}\n\n${byGenre}\n\n${open}\nVerdict on the ${part} (${c.movies} movies): run ${c.b} is ${c.verdict === 'undecided' ? 'neither better nor worse beyond chance (undecided)' : `${c.verdict} than run ${c.a}`}`
}

/** Model and mode of a run: `linear`, `stack of runs 1, 2`, `small transformer, full`, `bert-base-uncased, lora`. */
export function familyText(config: RunConfig): string {
  if (config.family === 'linear') return 'linear'
  if (config.family === 'ensemble') return `${config.how} of runs ${config.runs.join(', ')}`
  return `${config.model.source === 'scratch' ? 'small transformer' : config.model.id}, ${config.mode}`
}

export function runsText(runs: readonly RunInfo[]): string {
  const rows = runs.map((r) => [
    r.current ? '*' : '',
    String(r.id),
    r.name,
    familyText(r.config),
    r.resumable ? 'interrupted; --resume continues it' : r.status,
    r.summary ? f3(r.summary.microF1) : '',
    r.summary ? f3(r.summary.macroF1) : '',
    String(r.corrections),
    r.elapsedMs === null ? '' : (r.elapsedMs / 1000).toFixed(1),
    r.note,
  ])
  return table(['', 'run', 'name', 'model', 'status', 'micro-F1', 'macro-F1', 'corrections', 'seconds', 'note'], rows)
}
