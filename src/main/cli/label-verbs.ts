import { Option, type Command } from 'commander'
import { allOf, genreTerm, parseFilter, printFilter } from '../../contract/filter.ts'
import { FILTER, type Change, type FilterIn } from '../../contract/review.ts'
import { UserError } from '../../contract/errors.ts'
import { impossibleText, many as counted } from '../../contract/words.ts'
import {
  BUCKETS,
  CHANGE_FIELDS,
  MARKS,
  type Cell,
  type Explanation,
  type LoggedChange,
  type MovieDetail,
  type MovieRow,
} from '../../contract/records.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { repeatable, oneOf, signedGenre, where, wholeNumber } from './arguments.ts'
import { cellText, EXPLAINED, rowText, signed, table, wrap } from './print.ts'
import { decidingVerb, movieOf, onProject, projectVerb } from './with-engine.ts'

interface FilterOptions {
  readonly where: string
  readonly bucket: string
  readonly genre?: string
  readonly kind: string
  readonly text: string
  readonly reviewed: string
  readonly mark: string
  readonly split: string
}

const SORTS = FILTER.shape.sort.unwrap().options

/** `triage`, `show`, `label`, `bulk`, `undo`, `redo` and `history`. */
export function labelVerbs(program: Command): void {
  filters(projectVerb(program, 'triage', 'list movies by bucket, the most suspicious first'))
    .addOption(oneOf('--sort <by>', 'order', SORTS, 'suspects'))
    .option('--top <n>', 'number of entries', wholeNumber, 20)
    .action(onProject(triage))
  projectVerb(program, 'list', 'list the movies that a filter selects, in file order')
    .addOption(where())
    .option('--count', 'print only how many there are')
    .action(onProject(list))
  projectVerb(program, 'show', 'show one movie: plot, cells, contributing words, history')
    .argument('<id>', "the catalogue's own id, or row-N")
    .option('--genre <name>', 'genre to explain (default: every flagged cell)')
    .option('--by-member', 'of an ensemble of linear runs: the share of each run in each word')
    .action(onProject(show))
  decidingVerb(program, 'label', 'change the labels of a movie: label P.reel ID +Horror -Drama')
    .argument('<id>')
    .argument('[genres...]', '+Genre adds, -Genre removes')
    .addOption(repeatable('--impossible <genre>', 'the plot cannot reveal this genre'))
    .addOption(repeatable('--keep <genre>', 'the label is right as it is'))
    .option('--reviewed', 'mark as reviewed')
    .option('--skip', 'put the movie off: it comes after the rest of every list')
    .option('--no-skip', 'bring the movie back')
    .option('--flag', 'mark with a flag')
    .option('--no-flag', 'remove the flag')
    .option('--note <text>', 'a note on the movie')
    .option('--why <text>', 'the reason, for the change log', '')
    .action(onProject(label))
  filters(decidingVerb(program, 'bulk', 'add or remove a genre on every movie of a filter').argument('<genre>', '+Genre or -Genre'))
    .option('--apply', 'apply the change; without this option only the count is shown')
    .action(onProject(bulk))
  for (const verb of ['undo', 'redo'] as const)
    decidingVerb(program, verb, verb === 'undo' ? 'undo the last batch of decisions' : 'redo the last undone batch').action(
      onProject((engine, o: { json?: boolean }) => step(engine, verb, o)),
    )
  projectVerb(program, 'history', 'show the change log, newest first, or revert one of its batches')
    .option('--top <n>', 'number of entries', wholeNumber, 20)
    .option('--movie <id>', 'only of this movie')
    .option('--genre <name>', 'only of this genre')
    .option('--by <who>', 'only of this person')
    .addOption(new Option('--field <kind>', 'only changes of this kind').choices(CHANGE_FIELDS))
    .option('--since <date>', 'from this day on, such as 2026-12-01')
    .option('--until <date>', 'up to this day')
    .option('--revert <batch>', 'restore what this batch changed, as a new decision', wholeNumber)
    .option('--dry-run', 'with --revert: only count')
    .action(onProject(history))
}

const filters = (command: Command): Command =>
  command
    .addOption(where())
    .addOption(oneOf('--bucket <bucket>', 'which movies', ['all', ...BUCKETS], 'all'))
    .option('--genre <name>', 'movies whose cell of this genre is in the bucket (all: that have the genre)')
    .addOption(oneOf('--kind <kind>', 'kind of the bad cell', ['any', 'missing', 'spurious', 'swapped'], 'any'))
    .option('--text <words>', 'words in title or plot', '')
    .addOption(oneOf('--reviewed <which>', 'reviewed or not', ['any', 'yes', 'no'], 'any'))
    .addOption(oneOf('--mark <mark>', 'only flagged or skipped movies', ['any', 'flagged', 'skipped'], 'any'))
    .addOption(oneOf('--split <part>', 'part of the split', ['any', 'train', 'valid', 'test'], 'any'))

const genreNamed = async (engine: Engine, name: string): Promise<number> => (await engine.call('review.genre', { name })).id
/** The filter of the options, which are short for terms of its conditions. */
function filterOf(o: FilterOptions, sort = 'suspects'): FilterIn {
  const own = parseFilter(o.where)
  // without a bucket, kind or order of its cells, a genre means the movies that have it
  const field = o.kind !== 'any' ? (o.kind as 'missing') : o.bucket !== 'all' || sort === 'probability' ? 'about' : 'genre'
  const terms = [
    o.genre !== undefined ? genreTerm(field, o.genre) : o.kind === 'any' ? '' : `kind:${o.kind}`,
    o.mark === 'any' ? '' : `${o.mark}:yes`,
    ...['reviewed', 'split'].map((name) => (o[name as 'split'] === 'any' ? '' : `${name}:${o[name as 'split']}`)),
    ...(o.text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).map((word) => `text:${word}`),
  ]
  // the genre of the options first: it is what the list is about
  const nodes = [...terms.map(parseFilter), own].filter((node) => node !== null)
  return { where: nodes.length === 1 && own ? o.where : printFilter(allOf(nodes)), bucket: o.bucket, sort } as FilterIn
}

/** A movie as `--json` prints it. */
const asJson = (r: MovieRow): object => ({
  id: r.key,
  title: r.title,
  plot: r.excerpt,
  split: r.split,
  labels: r.labels,
  predicted: r.predicted,
  buckets: r.buckets,
  score: r.score,
  reviewed: r.reviewed,
  skipped: r.skipped,
  flagged: r.flagged,
  cells: r.cells.map(cellJson),
})
const cellJson = (c: Cell): object => ({
  genre: c.name,
  kind: c.kind,
  label: c.label,
  predicted: c.predicted,
  probability: c.probability,
  threshold: c.threshold,
  partner: c.partner,
  impossible_estimate: c.impossibleEstimate,
  verdict: c.verdict,
})

/** @throws UserError `no-run` before the first training, when no movie is in a bucket */
async function assertTrained(engine: Engine): Promise<void> {
  if ((await engine.call('project.info', {})).currentRun === null)
    throw new UserError(
      'no-run',
      'No model is trained yet, so nothing is good, bad or impossible: train one first (`reelabel train PROJECT.reel`).',
    )
}

async function triage(engine: Engine, o: FilterOptions & { sort: string; top: number; json?: boolean }): Promise<void> {
  if (o.bucket !== 'all' || o.kind !== 'any') await assertTrained(engine)
  const { movies, buckets } = await engine.call('review.query', filterOf(o, o.sort))
  const rows: MovieRow[] = []
  const plots = new Map<number, string>()
  for (const movie of movies.slice(0, o.top)) {
    const detail = await engine.call('review.movie', { movie })
    rows.push(detail)
    plots.set(movie, detail.plot)
  }
  const full = rows.map((r) => ({ ...asJson(r), plot: plots.get(r.movie) }))
  const trained = (await engine.call('project.info', {})).currentRun !== null
  const counts = trained
    ? `${buckets.good} good, ${buckets.bad} bad, ${buckets.impossible} impossible`
    : 'no model yet: `reelabel train` finds the suspicious ones'
  printResult(o, full, () => [`${counted(movies.length, 'movie')} (${counts})`, ...rows.map(rowText)].join('\n'))
}

/** Movies in one call. */
const PAGE = 500

async function list(engine: Engine, o: { where: string; count?: boolean; json?: boolean }): Promise<void> {
  const { movies } = await engine.call('review.query', { where: o.where, sort: 'file' })
  if (o.count) {
    printResult(o, { count: movies.length }, () => counted(movies.length, 'movie'))
    return
  }
  const rows: MovieRow[] = []
  for (let at = 0; at < movies.length; at += PAGE)
    rows.push(...(await engine.call('review.rows', { movies: [...movies.subarray(at, at + PAGE)] })))
  const full = rows.map(({ key, title, split, labels, predicted, reviewed }) => ({ id: key, title, split, labels, predicted, reviewed }))
  printResult(o, full, () => table(['id', 'title', 'labels'], rows.map(({ key, title, labels }) => [key, title, labels.join(', ')]))) // prettier-ignore
}

async function show(engine: Engine, key: string, o: { genre?: string; byMember?: boolean; json?: boolean }): Promise<void> {
  const detail = await engine.call('review.movie', { movie: await movieOf(engine, key) })
  const trained = (await engine.call('project.info', {})).currentRun !== null
  const wanted = o.genre === undefined ? detail.cells.map((c) => c.genre) : [await genreNamed(engine, o.genre)]
  const explained = trained ? await Promise.all(wanted.map((genre) => engine.call('review.explain', { movie: detail.movie, genre }))) : []
  const names = new Map(detail.allCells.map((c) => [c.genre, c.name]))
  const explanations = explained.map((e) => ({ ...e, genre: names.get(e.genre) ?? '' }))
  const { plot, note, columns, history } = detail
  const impossible = detail.impossible.map((why) => ({
    genre: names.get(why.genre) ?? '',
    text: impossibleText(names.get(why.genre) ?? '', why),
  }))
  const full = { ...asJson(detail), plot, note, columns, all_cells: detail.allCells.map(cellJson), impossible, history, explanations }
  const words = explanations.map((e) => {
    if (o.byMember) return byMemberText(e)
    const strongest = e.terms.slice(0, 8).map((t) => `${t.text} ${t.contribution >= 0 ? '+' : ''}${t.contribution.toFixed(2)}`)
    return `${e.genre} (${EXPLAINED[e.model]}): ${strongest.join(', ')}`
  })
  const silent = impossible.map(({ genre, text }) => `${genre} is probably not in the plot: ${text}.`)
  printResult(o, full, () => [detailText(detail), ...silent, ...words].join('\n\n'))
}

/** The strongest terms of an explanation, with the share of each member. */
function byMemberText({ genre, terms, members, model }: Omit<Explanation, 'genre'> & { readonly genre: string }): string {
  if (!members) return `${genre}: the current run is not an ensemble of linear runs, so no word has shares of members.`
  const lines = terms.map(({ text, contribution, shares = [] }) => [text, signed(contribution), ...shares.map(signed)])
  return `${genre} (${EXPLAINED[model]})\n${table(['word', 'sum', ...members.map((run) => `run ${run}`)], lines)}`
}

function detailText(d: MovieDetail): string {
  const notable = new Set(d.cells.map((c) => c.genre))
  const cells = d.allCells
    .filter((c) => c.label || c.predicted || c.verdict)
    .map((c) => [
      c.name,
      c.label ? 'yes' : 'no',
      c.probability?.toFixed(3) ?? '',
      c.threshold?.toFixed(3) ?? '',
      notable.has(c.genre) ? cellText(c) : '',
    ])
  const note = d.note === '' ? [] : [`Note: ${d.note}`]
  const history = d.history.map(
    (h) => `  ${h.at} ${h.who}: ${h.field}${h.genre === null ? '' : ` ${h.genre}`} ${h.from || 'none'} -> ${h.to || 'none'}`,
  )
  return [
    `${d.key}  ${d.title}  (${[d.split, ...MARKS.filter((mark) => d[mark])].join(', ')})`,
    wrap(d.plot, 100, '  '),
    table(['genre', 'label', 'p', 'threshold', ''], cells),
    ...note,
    ...(history.length > 0 ? ['History', ...history] : []),
  ].join('\n\n')
}

interface LabelOptions {
  readonly impossible: string[]
  readonly keep: string[]
  readonly reviewed?: boolean
  readonly skip?: boolean
  readonly flag?: boolean
  readonly note?: string
  readonly why: string
  readonly json?: boolean
}
async function label(engine: Engine, key: string, words: string[], o: LabelOptions): Promise<void> {
  const movie = await movieOf(engine, key)
  const both = o.impossible.find((name) => o.keep.includes(name))
  if (both !== undefined) throw new UserError('contradiction', `${both} cannot be both kept and impossible: choose one.`)
  const verdict =
    (to: 'impossible' | 'keep') =>
    async (name: string): Promise<Change> => ({ field: 'verdict', movie, genre: await genreNamed(engine, name), to })
  const label = async ({ name, add }: ReturnType<typeof signedGenre>): Promise<Change> => ({
    field: 'label',
    movie,
    genre: await genreNamed(engine, name),
    to: add,
  })
  const marks = [
    ['reviewed', o.reviewed],
    ['skipped', o.skip],
    ['flagged', o.flag],
  ] as const
  const changes: Change[] = [
    ...(await Promise.all([
      ...words.map(signedGenre).map(label),
      ...o.impossible.map(verdict('impossible')),
      ...o.keep.map(verdict('keep')),
    ])),
    ...marks.flatMap(([field, to]) => (to === undefined ? [] : [{ field, movie, to }])),
    ...(o.note === undefined ? [] : [{ field: 'note', movie, to: o.note } as const]),
  ]
  if (changes.length === 0)
    throw new UserError(
      'nothing-to-do',
      'Say what to change: +Genre, -Genre, --impossible Genre, --keep Genre, --reviewed, --skip, --flag or --note TEXT.',
    )
  const { after, ...done } = await engine.call('labels.apply', { changes, why: o.why, prefetch: [movie] })
  const [row] = after.details
  if (row)
    printResult(o, { ...done, movie: asJson(row) }, () => `${counted(done.changes, 'change')} (batch ${done.batch})\n${rowText(row)}`)
}

async function bulk(engine: Engine, word: string, o: FilterOptions & { apply?: boolean; json?: boolean }): Promise<void> {
  const { name, add } = signedGenre(word)
  const filter = filterOf(o)
  const action = add ? 'add' : 'remove'
  const done = await engine.call('labels.bulk', { filter, action, genre: name, dryRun: o.apply !== true })
  // the movies are those of `list` with the same filter
  printResult(
    o,
    { ...done, changed: undefined },
    () => `${done.count} of ${done.matched} movies ${o.apply ? 'changed' : 'would change; --apply does it'}`,
  )
}

async function step(engine: Engine, verb: 'undo' | 'redo', o: { json?: boolean }): Promise<void> {
  const done = await engine.call(`labels.${verb}`, {})
  // only a window needs the rows
  printResult(
    o,
    { ...done, after: undefined },
    () => `${verb === 'undo' ? 'Undone' : 'Redone'}: ${done.description} (${counted(done.changes, 'change')})`,
  )
}

interface HistoryOptions {
  readonly top: number
  readonly movie?: string
  readonly genre?: string
  readonly by?: string
  readonly field?: string
  readonly since?: string
  readonly until?: string
  readonly revert?: number
  readonly dryRun?: boolean
  readonly json?: boolean
}
/** Entries in one call. */
const LOG_PAGE = 500

async function history(engine: Engine, o: HistoryOptions): Promise<void> {
  if (o.revert !== undefined) return revert(engine, o.revert, o)
  if (o.movie !== undefined) await movieOf(engine, o.movie)
  const filter = { text: o.movie ?? '', genre: o.genre ?? null, field: (o.field ?? null) as 'label' | null, who: o.by ?? null, since: o.since ?? null, until: o.until ?? null } // prettier-ignore
  const all: LoggedChange[] = []
  for (let more = true; more && all.length < o.top;) {
    const page = await engine.call('labels.log', { ...filter, before: all.at(-1)?.change ?? 0, limit: Math.min(LOG_PAGE, o.top - all.length) }) // prettier-ignore
    all.push(...page.entries)
    more = page.more
  }
  const rows = all.map((h) => [String(h.batch), h.at, h.who, h.key, h.field, h.genre ?? '', h.from, h.to, h.undoes === null ? h.why : `undoes ${h.undoes}`]) // prettier-ignore
  printResult(o, all, () => table(['batch', 'at', 'who', 'id', 'field', 'genre', 'from', 'to', 'why'], rows))
}

async function revert(engine: Engine, batch: number, o: HistoryOptions): Promise<void> {
  const done = await engine.call('labels.revert', { batch, dryRun: o.dryRun === true })
  printResult(o, done, () => {
    const stay = [
      done.later > 0 ? `${done.later} stay because a later decision changed them` : '',
      done.restored > 0 ? `${done.restored} are already as they were before` : '',
      done.removed > 0 ? `${done.removed} are of movies or genres that cleaning removed` : '',
    ].filter((text) => text !== '')
    const what = `${counted(done.changes, 'change')} of ${counted(done.movies, 'movie')} ${o.dryRun ? 'would be reverted' : 'reverted'}${done.batch === null ? '' : ` (batch ${done.batch})`}`
    return [what, ...stay].join('; ')
  })
}
