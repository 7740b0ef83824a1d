/** The report: one self-contained HTML file without scripts, for readers who do not have the program. */
import type { Api } from '../../../contract/api.ts'
import { REPORT_SECTIONS, type ReportSection } from '../../../contract/exporting.ts'
import type { RunInfo } from '../../../contract/records.ts'
import { required } from '../../../contract/required.ts'
import { count, day, many, moment, percent, rounded } from '../../../contract/words.ts'
import { html, Html, htmlTable } from './html.ts'

/** Calls a method of the engine. */
export type Ask = Api['call']

/** Slices, retrains and corrections that are listed. */
const [SLICES, RETRAINS, CORRECTIONS] = [10, 5, 25]
const STYLE = new Html(`<style>
:root { color-scheme: light dark; --line: light-dark(#d4d4dc, #45454f); --soft: light-dark(#5c5c68, #b0b0bc) }
body { max-width: 860px; margin: 0 auto; padding: 32px 24px; font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
section { margin-top: 32px; padding-top: 8px; border-top: 1px solid var(--line) }
.note { color: var(--soft); font-size: 13px }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: 4px 8px; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top }
.bar { white-space: nowrap }
.bar span { display: inline-block; min-width: 64px; margin-inline-end: 8px }
svg { width: 120px; height: 10px; fill: light-dark(#3559c7, #8aa5ff); stroke: currentcolor }
rect { stroke: none }
@media print { :root { color-scheme: light } tr { break-inside: avoid } }
</style>`)
const f3 = (x: number): string => x.toFixed(3)
const section = (title: string, note: string, ...body: readonly Html[]): Html =>
  html`<section>
    <h2>${title}</h2>
    ${body}
    <p class="note">${note}</p>
  </section>`

/** The report of the open project, with these sections. */
export async function reportHtml(ask: Ask, at: Date, chosen: readonly ReportSection[]): Promise<string> {
  const [project, runs] = [await ask('project.info', {}), await ask('runs.list', {})]
  const current = runs.find((run) => run.current)
  const about = `${many(project.kept, 'movie')}, ${many(project.genres.length, 'genre')}. Written by Reelabel on ${day(at.toISOString())}.`
  const untrained = [section('The model', 'No model has been trained.')]
  const parts: Readonly<Record<ReportSection, () => Promise<readonly Html[]>>> = {
    model: async () => (current ? figures(ask, current) : untrained),
    slices: async () => (current ? [await slices(ask)] : []),
    health: async () => [await health(ask)],
    corrections: async () => [await corrections(ask)],
    audit: async () => [await audit(ask)],
    retrains: async () => [await retrains(ask, runs)],
    card: async () => [await card(ask, current)],
  }
  const sections: Html[] = []
  for (const part of REPORT_SECTIONS) if (chosen.includes(part)) sections.push(...(await parts[part]()))
  const policy = "default-src 'none'; style-src 'unsafe-inline'"
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${project.name}: catalogue and model</title
      >${STYLE}
      <h1 dir="auto">${project.name}</h1>
      <p>${about}</p>
      ${sections}
    </html> `.text
}

async function figures(ask: Ask, { id, name, summary }: RunInfo): Promise<Html[]> {
  const part = summary?.part ?? 'oof'
  const { micro, macro, jaccard_samples, per_label, ...metrics } = await ask('metrics.get', { part, resamples: 1000 })
  const intervals = required(metrics.intervals, 'intervals')
  const values = { microF1: ['micro-F1', micro.f1], macroF1: ['macro-F1', macro.f1], jaccard: ['Jaccard', jaccard_samples] } as const
  const rows = (['microF1', 'macroF1', 'jaccard'] as const).map((figure) => {
    const [label, share] = values[figure]
    const { low, high } = intervals[figure]
    return [label, { share, low, high, text: f3(share) }, `${f3(low)} to ${f3(high)}`, f3(metrics.baselines.majority[figure])]
  })
  const of = (list: ArrayLike<number>, j: number): number => list[j] ?? 0
  const most = Math.max(1, ...Array.from(per_label.support))
  const genres = metrics.genres
    .map((genre, j) => ({
      genre,
      n: of(per_label.support, j),
      p: of(per_label.precision, j),
      r: of(per_label.recall, j),
      f1: of(per_label.f1, j),
    }))
    .sort((a, b) => b.n - a.n)
    .map(({ genre, n, p, r, f1 }) => [genre, { share: f1, text: f3(f1) }, { share: n / most, text: count(n) }, f3(p), f3(r)])
  const movies = `${many(metrics.movies, 'movie')} of ${part === 'test' ? 'the frozen test part, which no decision used' : 'the training part, predicted out of fold'}`
  return [
    section(
      'The model',
      `Run ${id} (${name}), ${movies}, against the corrected labels; 1 is perfect. Micro-F1 counts every label once, macro-F1 every genre once. Without a model: the most frequent genre for every movie.`,
      htmlTable(['figure', 'value', '95% bootstrap interval', 'without a model'], rows),
    ),
    section('Genres', 'The genres with most movies first.', htmlTable(['genre', 'F1', 'movies', 'precision', 'recall'], genres)),
  ]
}

async function slices(ask: Ask): Promise<Html> {
  const { found, saved, ...all } = await ask('slices.find', { top: SLICES })
  const rows = [...found, ...saved].map(({ name, where, movies, error, restError, q }) => [
    name === null ? where : `${name} (saved): ${where}`,
    count(movies),
    { share: error, text: percent(error) },
    percent(restError),
    q < 0.001 ? '<0.001' : f3(q),
  ])
  return section(
    'Where the model does worse',
    `Error: 1 − Jaccard index of labels and out-of-fold predictions, ${percent(all.error)} on average. q: chance of such a difference without a cause, corrected for ${count(all.tests)} tests; found slices are listed up to 0.05.`,
    htmlTable(['slice', 'movies', 'error', 'error elsewhere', 'q'], rows),
  )
}

async function health(ask: Ask): Promise<Html> {
  const found = await ask('suspects.health', {})
  if (!found) return section('Wrong labels', 'Suspects were not searched for.')
  const { expected, interval, left, labels, history } = found
  const searches = history.flatMap(({ at, wrong, reviewed, corrections: corrected }) =>
    wrong ? [{ at, ...wrong, reviewed, corrected }] : [],
  )
  const most = Math.max(1, ...searches.map(({ high }) => high))
  const rows = searches.map(({ at, expected: n, low, high, reviewed, corrected }) => [
    moment(at),
    { share: n / most, low: low / most, high: high / most, text: rounded(n) },
    `${rounded(low)} to ${rounded(high)}`,
    count(reviewed),
    count(corrected),
  ])
  return section(
    'Wrong labels',
    'Estimated from errors that were planted and found again. The 95% interval covers chance, not that real errors may look unlike planted ones.',
    html`<p>
      Of ${count(labels)} labels about <b>${rounded(expected)}</b> (${rounded(interval.low)} to ${rounded(interval.high)}) were wrong or
      missing; about <b>${rounded(left.expected)}</b> are left.
    </p>`,
    htmlTable(['searched', 'wrong labels', '95% interval', 'reviewed movies', 'corrections'], rows),
  )
}

async function corrections(ask: Ask): Promise<Html> {
  const [{ genres, reviewed }, state, history] = [
    await ask('overview.get', {}),
    await ask('labels.state', {}),
    await ask('labels.history', { limit: 200 }),
  ]
  const changed = genres.filter(({ source, corrected }) => source !== corrected)
  const last = history.filter(({ field }) => field === 'label').slice(0, CORRECTIONS)
  return section(
    'Suspects found and corrected',
    `${many(reviewed, 'movie')} reviewed, ${many(state.corrections, 'label')} corrected.`,
    htmlTable(['genre', 'movies in the file', 'movies now'], changed.map(({ name, source, corrected }) => [name, count(source), count(corrected)])), // prettier-ignore
    htmlTable(['movie', 'change', 'who', 'when'], last.map(({ title, genre, to, who, at }) => [title, `${to === '1' ? '+' : '−'} ${genre ?? ''}`, who, moment(at)])), // prettier-ignore
  )
}

async function audit(ask: Ask): Promise<Html> {
  const result = (await ask('audit.state', {})) && (await ask('audit.result', {}))
  if (!result) return section('Audit', 'There is no blind audit with enough answers.')
  const labels = { movies: 'movies with a wrong label', missing: 'missing labels, of all cells', spurious: 'spurious labels, of all cells' }
  const share = (x: number): string => `${(100 * x).toFixed(2)}%`
  const rows = (['movies', 'missing', 'spurious'] as const).map((name) => {
    const { rate, low, high } = result[name]
    return [labels[name], { share: rate, low, high, text: share(rate) }, `${share(low)} to ${share(high)}`]
  })
  const size = `${count(result.answered)} of ${many(result.population.movies, 'movie')}, drawn at random${result.finished ? '' : '; not finished'}`
  return section(
    'Audit',
    `Labelled without seeing labels and predictions: ${size}.`,
    htmlTable(['share', 'estimate', '95% interval'], rows),
  )
}

async function retrains(ask: Ask, runs: readonly RunInfo[]): Promise<Html> {
  const done = runs.filter(({ status }) => status === 'done')
  const pairs = done.filter(({ parent }) => done.some(({ id }) => id === parent)).sort((a, b) => b.id - a.id)
  const rows: string[][] = []
  for (const { id, parent, corrections: n } of pairs.slice(0, RETRAINS)) {
    // a cleaning since may have left no movie that both have predicted
    const found = await ask('runs.compare', { a: parent ?? id, b: id, resamples: 1000 }).catch(() => null)
    const { difference, low, high } = found?.corrected.microF1 ?? { difference: 0, low: 0, high: 0 }
    rows.push([`run ${id} after run ${parent ?? id}`, count(n), found?.verdict ?? 'not comparable', found ? `${f3(difference)} (${f3(low)} to ${f3(high)})` : '']) // prettier-ignore
  }
  if (rows.length === 0) return section('Retrains', 'No model was trained again on corrected labels.')
  const note =
    'Better or worse if the 95% bootstrap interval of the difference on the same movies lies on one side of zero, else undecided.'
  return section('Retrains', note, htmlTable(['retrain', 'corrections', 'verdict', 'change of micro-F1'], rows))
}

async function card(ask: Ask, run: RunInfo | undefined): Promise<Html> {
  const [project, app, imported, { steps }] = [await ask('project.info', {}), await ask('app.info', {}), await ask('import.report', {}), await ask('clean.report', {})] // prettier-ignore
  const rows = [
    ...(imported?.files ?? []).map(({ name, records, rejected }) => [
      'file',
      name,
      `${many(records, 'record')}, ${count(rejected)} rejected`,
    ]),
    ['movies', `${count(project.movies)} imported, ${count(project.kept)} kept`, Object.entries(project.splits).map(([part, n]) => `${part} ${count(n)}`).join(', ')], // prettier-ignore
    ...steps.filter(({ on }) => on).map(({ title, effect, count: n }) => ['cleaning', title, `${effect} ${many(n, 'movie')}`]),
    ...(run
      ? [
          [
            'model',
            `run ${run.id}, ${run.config.family}`,
            `${many(run.config.folds, 'fold')}, seed ${run.config.seed}, ${moment(run.createdAt)}`,
          ],
        ]
      : []),
    ['versions', `Reelabel ${app.version}`, `Node ${app.node}, SQLite ${app.sqlite}`],
  ]
  return section(
    'Data card',
    'Files, cleaning, model and versions behind the figures above.',
    htmlTable(['what', 'which', 'how many'], rows),
  )
}
