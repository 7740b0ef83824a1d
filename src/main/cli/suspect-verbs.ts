import type { Command } from 'commander'
import type { Health, Neighbour, SuspectMovie } from '../../contract/suspects.ts'
import { count, many, percent, suggestionText } from '../../contract/words.ts'
import { required } from '../../contract/required.ts'
import type { Engine } from '../engine.ts'
import { wholeNumber } from './arguments.ts'
import { answer } from './output.ts'
import { table } from './print.ts'
import { finish, movieOf, withEngine } from './with-engine.ts'

interface SuspectOptions {
  readonly top: number
  readonly genre?: string
  readonly find?: boolean
  readonly json?: boolean
}

/** `suspects`, `neighbours` and `health`. */
export function suspectVerbs(program: Command): void {
  program
    .command('suspects')
    .description('list the movies whose labels are probably wrong, the worst first, with reasons')
    .argument('<project>')
    .option('--top <n>', 'number of movies', wholeNumber, 20)
    .option('--genre <name>', 'movies with a suspicious label of this genre')
    .option('--find', 'search again first, with the decisions made so far')
    .option('--json', 'print JSON')
    .action(suspects)
  program
    .command('neighbours')
    .description('list the movies with the most similar words, with their labels')
    .argument('<project>')
    .argument('<id>', "the catalogue's own id, or row-N")
    .option('--top <n>', 'number of movies, at most 10', wholeNumber, 10)
    .option('--json', 'print JSON')
    .action(neighbours)
  program
    .command('health')
    .description('estimate how many labels are wrong, in all and by genre')
    .argument('<project>')
    .option('--json', 'print JSON')
    .action(health)
}

async function suspects(project: string, o: SuspectOptions): Promise<void> {
  await withEngine(project, async (engine) => {
    if (o.find) await finish(engine, () => engine.call('suspects.find', {}), o.json === true)
    const genre = o.genre ?? null
    const movies: SuspectMovie[] = []
    let total = 0
    do {
      const page = await engine.call('suspects.list', {
        genre,
        offset: movies.length,
        limit: Math.min(PAGE, Math.max(1, o.top - movies.length)),
      })
      movies.push(...page.movies)
      total = page.total
    } while (movies.length < Math.min(o.top, total))
    answer(o, movies.map(asJson), () => [many(total, 'suspect'), ...movies.map(movieText)].join('\n'))
  })
}

/** Movies in one call. */
const PAGE = 1000

const asJson = ({ key, title, score, labels, cells }: SuspectMovie): object => ({
  id: key,
  title,
  score,
  labels,
  cells: cells.map(({ name, given, pWrong, suggestion, reasons }) => ({
    genre: name,
    given,
    pWrong,
    suggestion: { ...suggestion, by: suggestion.by?.name ?? null, text: suggestionText(name, suggestion) },
    reasons,
  })),
})

function movieText({ key, title, score, labels, cells }: SuspectMovie): string {
  const lines = cells.map(({ name, pWrong, suggestion, reasons }) => {
    return `      ${suggestionText(name, suggestion)} (${percent(pWrong)}): ${reasons.map(({ text }) => text).join('; ')}`
  })
  return [`  ${percent(score).padStart(5)}  ${key}  ${title}: ${labels.join(', ') || 'no genre'}`, ...lines].join('\n')
}

/** @throws UserError `no-suspects` if suspects were not searched for since the last import or cleaning */
const assertSearched = async (engine: Engine): Promise<void> => void (await engine.call('suspects.list', { limit: 1 }))

async function neighbours(project: string, key: string, o: { top: number; json?: boolean }): Promise<void> {
  await withEngine(project, async (engine) => {
    const movie = await movieOf(engine, key)
    await assertSearched(engine)
    const found = required(await engine.call('suspects.movie', { movie }), 'a movie that was searched').neighbours.slice(0, o.top)
    const json = found.map(({ key: id, title, similarity, labels }) => ({ id, title, similarity, labels }))
    const row = ({ key: id, title, similarity, labels }: Neighbour): string[] => [similarity.toFixed(3), id, title, labels.join(', ')]
    answer(o, json, () => table(['similarity', 'id', 'title', 'labels'], found.map(row)))
  })
}

async function health(project: string, o: { json?: boolean }): Promise<void> {
  await withEngine(project, async (engine) => {
    await assertSearched(engine)
    const found = required(await engine.call('suspects.health', {}), 'the result of a search')
    answer(o, found, () => healthText(found))
  })
}

function leftText({ left, lately }: Health): string {
  const whole = (x: number): string => count(Math.round(x))
  const how = left.basis === 'audit' ? 'by the audit, 95% interval' : 'by the search, a rough range'
  const yielded = `${whole(lately.corrected)} of the last ${many(lately.looked, 'movie')} looked at had one`
  return `Left: about ${whole(left.expected)} wrong labels (${whole(left.low)} to ${whole(left.high)}, ${how})${lately.looked > 0 ? `; ${yielded}` : ''}.`
}

function healthText(h: Health): string {
  const whole = (x: number): string => count(Math.round(x))
  const rows = h.genres.map((g) => [
    g.name,
    count(g.support),
    whole(g.expected),
    `${whole(g.interval.low)} to ${whole(g.interval.high)}`,
    g.reliable ? '' : 'too few movies to rely on',
  ])
  return [
    `About ${whole(h.expected)} of ${count(h.labels)} labels are wrong or missing (${whole(h.low)} to ${whole(h.high)} by other readings of the scores, ${whole(h.interval.low)} to ${whole(h.interval.high)} by chance), if wrong labels look like planted errors.`,
    leftText(h),
    `The first ${count(h.first)} suspects hold about ${percent(h.share)} of them. ${many(h.decisionsSince, 'decision')} since the search.`,
    table(['genre', 'movies', 'wrong', 'interval', ''], rows),
  ].join('\n\n')
}
