import type { Command } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { QUEUE_NAMES, type Mix, type QueueName } from '../../contract/queues.ts'
import { answerOf } from '../../contract/review.ts'
import type { Result } from '../../contract/api.ts'
import type { Health, Neighbour, ReferenceScores } from '../../contract/suspects.ts'
import { count, many, percent, rounded, suggestionText } from '../../contract/words.ts'
import { required } from '../../contract/required.ts'
import type { Engine } from '../engine.ts'
import { mixOf, oneOf, textOf, where, wholeNumber } from './arguments.ts'
import { printResult } from './output.ts'
import { table } from './print.ts'
import { contradiction, sweepAnswers, type SweepAnswer } from './sweep-answers.ts'
import { decidingVerb, finish, movieOf, onProject, projectVerb } from './with-engine.ts'

interface SuspectOptions {
  readonly top: number
  readonly genre?: string
  readonly queue?: QueueName
  readonly mix?: Mix
  readonly seed: number
  readonly where: string
  readonly find?: boolean
  readonly score?: keyof ReferenceScores
  readonly json?: boolean
}

const SCORE_NAMES = ['selfConfidence', 'ema', 'softmin'] as const satisfies readonly (keyof ReferenceScores)[]
type Listed = Result<'suspects.list'>['movies'][number]
/** A listed movie with the requested score. */
type Scored = Listed & { readonly named: { readonly name: keyof ReferenceScores; readonly value: number | null } | null }

/** `suspects`, `sweep`, `neighbours` and `health`. */
export function suspectVerbs(program: Command): void {
  projectVerb(program, 'suspects', 'list the movies whose labels are probably wrong, the worst first, with reasons')
    .option('--top <n>', 'number of movies', wholeNumber, 20)
    .option('--genre <name>', 'movies with a suspicious label of this genre')
    .addOption(oneOf('--queue <name>', 'instead, the movies of a queue that are not reviewed, in its order', QUEUE_NAMES))
    .option('--mix <shares>', 'the mixed queue with these shares, such as suspects=50,random=50', mixOf)
    .option('--seed <n>', 'of the random queue', wholeNumber, 1)
    .addOption(where())
    .addOption(oneOf('--score <name>', "adds a score of cleanlab's (0 worst) to each movie, for comparison", SCORE_NAMES))
    .option('--find', 'search again first, with the decisions made so far')
    .action(onProject(suspects))
  decidingVerb(program, 'sweep', 'list the doubtful movies of one genre, or answer for each whether it has the genre')
    .requiredOption('--genre <name>', 'the genre')
    .addOption(where())
    .option('--top <n>', 'number of movies', wholeNumber, 20)
    .option('--yes <ids...>', 'these movies have the genre')
    .option('--no <ids...>', 'these movies do not have it')
    .option('--answers <file>', 'answers as JSON lines {"id": …, "has": true} or CSV with the columns id and has; - for standard input')
    .action(onProject(sweep))
  projectVerb(program, 'neighbours', 'list the movies with the most similar words, with their labels')
    .argument('<id>', "the catalogue's own id, or row-N")
    .option('--top <n>', 'number of movies, at most 10', wholeNumber, 10)
    .action(onProject(neighbours))
  projectVerb(program, 'health', 'estimate how many labels are wrong, in all and by genre').action(onProject(health))
}

async function suspects(engine: Engine, o: SuspectOptions): Promise<void> {
  if (o.find) await finish(engine, () => engine.call('suspects.find', {}), o)
  const chosen = { queue: o.mix ? ('mixed' as const) : (o.queue ?? null), seed: o.seed, ...(o.mix ? { mix: o.mix } : {}) }
  if (o.mix && o.queue !== undefined && o.queue !== 'mixed')
    throw new UserError('contradiction', '--mix is the mixed queue: leave out --queue.')
  const genre = o.genre ?? null
  const movies: Listed[] = []
  let total = 0
  do {
    const page = await engine.call('suspects.list', {
      genre,
      ...chosen,
      where: o.where,
      offset: movies.length,
      limit: Math.min(PAGE, Math.max(1, o.top - movies.length)),
    })
    movies.push(...page.movies)
    total = page.total
  } while (movies.length < Math.min(o.top, total))
  const scored = (movie: Listed): Scored => ({
    ...movie,
    named: o.score ? { name: o.score, value: movie.scores?.[o.score] ?? null } : null,
  })
  const listed = movies.map(scored)
  printResult(o, listed.map(asJson), () => [many(total, chosen.queue ? 'movie' : 'suspect'), ...listed.map(movieText)].join('\n'))
}

/** Movies in one call. */
const PAGE = 1000

const asJson = ({ key, title, score, labels, cells, named }: Scored): object => ({
  id: key,
  title,
  score,
  ...(named ? { [named.name]: named.value } : {}),
  labels,
  cells: cells.map(({ name, given, pWrong, suggestion, reasons }) => ({
    genre: name,
    given,
    pWrong,
    suggestion: { ...suggestion, by: suggestion.by?.name ?? null, text: suggestionText(name, suggestion) },
    reasons,
  })),
})

function movieText({ key, title, score, labels, cells, named }: Scored): string {
  const lines = cells.map(({ name, pWrong, suggestion, reasons }) => {
    return `      ${suggestionText(name, suggestion)} (${percent(pWrong)}): ${reasons.map(({ text }) => text).join('; ')}`
  })
  const other = named ? `  ${named.name} ${named.value?.toFixed(3) ?? '-'}` : ''
  return [`  ${percent(score).padStart(5)}${other}  ${key}  ${title}: ${labels.join(', ') || 'no genre'}`, ...lines].join('\n')
}

interface SweepOptions {
  readonly where: string
  readonly genre: string
  readonly top: number
  readonly yes?: readonly string[]
  readonly no?: readonly string[]
  readonly answers?: string
  readonly json?: boolean
}

async function sweep(engine: Engine, o: SweepOptions): Promise<void> {
  const answers = answersOf(o)
  if (answers) return answerSweep(engine, o, answers)
  const { genre, total, movies } = await engine.call('suspects.sweep', {
    genre: o.genre,
    where: o.where,
    limit: Math.max(1, Math.min(10_000, o.top)),
  })
  const json = movies.map(({ key, title, given, doubt }) => ({ id: key, title, genre: genre.name, given, doubt }))
  const rows = movies.map(({ key, title, given, doubt }) => [percent(doubt), given ? 'has it' : 'has it not', key, title])
  printResult(o, json, () =>
    [`${many(total, 'doubtful movie')} for ${genre.name}`, table(['doubt', 'label', 'id', 'title'], rows)].join('\n'),
  )
}

/** The answers of the options; null if there are none. @throws UserError `no-file`, `bad-answer`, `contradiction`, `too-many-answers` */
function answersOf({ yes = [], no = [], answers }: SweepOptions): readonly SweepAnswer[] | null {
  const given = answers === undefined ? [] : sweepAnswers(textOf(answers))
  const has = new Map(given.map((each) => [each.id, each.has]))
  for (const [ids, value] of [
    [yes, true],
    [no, false],
  ] as const)
    // prettier-ignore
    for (const id of ids) {
      if ((has.get(id) ?? value) !== value) throw contradiction(id)
      has.set(id, value)
    }
  if (has.size > MAX_ANSWERS)
    throw new UserError('too-many-answers', `${count(has.size)} answers are more than one batch holds: give at most ${count(MAX_ANSWERS)}.`)
  return answers === undefined && has.size === 0 ? null : [...has].map(([id, value]) => ({ id, has: value }))
}

/** Changes of one batch. */
const MAX_ANSWERS = 1000

/** Writes the answers as one batch. An answer that agrees with the label confirms it. */
async function answerSweep(engine: Engine, o: SweepOptions, answers: readonly SweepAnswer[]): Promise<void> {
  const genre = await engine.call('review.genre', { name: o.genre })
  if (answers.length === 0) {
    printResult(o, { batch: null, answered: 0, changed: 0 }, () => 'There are no answers: nothing was changed.')
    return
  }
  const changes = await Promise.all(
    answers.map(async ({ id, has }) => {
      const movie = await movieOf(engine, id)
      const { allCells } = await engine.call('review.movie', { movie })
      return answerOf(movie, genre.id, allCells.find((cell) => cell.genre === genre.id)?.label ?? false, has)
    }),
  )
  const changed = changes.filter(({ field }) => field === 'label').length
  const description = `Sweep of ${genre.name}: ${many(answers.length, 'answer')}, ${changed} changed`
  const { batch } = await engine.call('labels.apply', { changes, why: `sweep of ${genre.name}`, description, suggestion: true })
  printResult(o, { batch, answered: answers.length, changed }, () => description)
}

/** @throws UserError `no-suspects` if suspects were not searched for since the last import or cleaning */
const assertSearched = async (engine: Engine): Promise<void> => void (await engine.call('suspects.list', { limit: 1 }))

async function neighbours(engine: Engine, key: string, o: { top: number; json?: boolean }): Promise<void> {
  const movie = await movieOf(engine, key)
  await assertSearched(engine)
  const found = required(await engine.call('suspects.movie', { movie }), 'a movie that was searched').neighbours.slice(0, o.top)
  const json = found.map(({ key: id, title, similarity, labels }) => ({ id, title, similarity, labels }))
  const row = ({ key: id, title, similarity, labels }: Neighbour): string[] => [similarity.toFixed(3), id, title, labels.join(', ')]
  printResult(o, json, () => table(['similarity', 'id', 'title', 'labels'], found.map(row)))
}

async function health(engine: Engine, o: { json?: boolean }): Promise<void> {
  await assertSearched(engine)
  const found = required(await engine.call('suspects.health', {}), 'the result of a search')
  printResult(o, found, () => healthText(found))
}

function leftText({ left, recentYield }: Health): string {
  const how = left.basis === 'audit' ? 'by the audit, 95% interval' : 'by the search, a rough range'
  const yielded = `${rounded(recentYield.corrected)} of the last ${many(recentYield.looked, 'movie')} looked at had one`
  return `Left: about ${rounded(left.expected)} wrong labels (${rounded(left.low)} to ${rounded(left.high)}, ${how})${recentYield.looked > 0 ? `; ${yielded}` : ''}.`
}

function learntText({ planted: { errors, called, found }, decisions: { answers, wrong } }: Health['model']): string {
  const share = (part: number, of: number): string => percent(part / Math.max(1, of))
  const own = `Of ${many(errors, 'planted error')} the search finds ${share(found, errors)}, and ${share(found, called)} of what it calls wrong is planted (P from 50% on).`
  return `${own} ${answers === 0 ? 'From 25 answers to suspects on it learns from them too.' : `It has learnt from ${many(answers, 'answer')} to suspects, ${share(wrong, answers)} of which were wrong labels.`}`
}

function healthText(h: Health): string {
  const rows = h.genres.map((g) => [
    g.name,
    count(g.support),
    rounded(g.expected),
    `${rounded(g.interval.low)} to ${rounded(g.interval.high)}`,
    g.reliable ? '' : 'too few movies to rely on',
  ])
  return [
    `About ${rounded(h.expected)} of ${count(h.labels)} labels are wrong or missing (${rounded(h.low)} to ${rounded(h.high)} by other readings of the scores, ${rounded(h.interval.low)} to ${rounded(h.interval.high)} by chance), if wrong labels look like planted errors. It may be several times too high: only a blind audit measures it.`,
    leftText(h),
    `The first ${count(h.first)} suspects hold about ${percent(h.share)} of them. ${many(h.decisionsSince, 'decision')} since the search.`,
    learntText(h.model),
    table(['genre', 'movies', 'wrong', 'interval', ''], rows),
  ].join('\n\n')
}
