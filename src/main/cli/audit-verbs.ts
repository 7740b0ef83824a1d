import type { Command } from 'commander'
import { z } from 'zod'
import { MIN_AUDITED, type AuditMovie, type AuditResult, type AuditState, type Interval } from '../../contract/audit.ts'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import { count, many } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { decimal, list, textOf, wholeNumber } from './arguments.ts'
import { printResult } from './output.ts'
import { table, wrap } from './print.ts'
import { decidingVerb, movieOf, onProject, projectVerb } from './with-engine.ts'

interface LabelOptions {
  readonly top: number
  readonly movie?: string
  readonly genres?: string
  readonly answers?: string
}

/** `audit start`, `label`, `extend`, `result` and `apply`. */
export function auditVerbs(program: Command): void {
  const audit = program.command('audit').description('label a random sample without seeing its labels, to learn how many labels are wrong')
  /** An action that prints what `work` returns. */
  const run = <O, T>(work: (engine: Engine, o: O) => Promise<T>, text: (value: T) => string) =>
    onProject(async (engine, o: O & { readonly json?: boolean }) => {
      const value = await work(engine, o)
      printResult(o, value, () => text(value))
    })
  projectVerb(audit, 'start', 'draw a sample')
    .option('--size <n>', 'movies to label', wholeNumber, 200)
    .option('--width <points>', 'end when the interval is as narrow as this many percentage points to each side', decimal)
    .option('--seed <n>', 'seed of the draw', wholeNumber, 42)
    .option('--replace', 'give up the audit that is there')
    .action(
      run((engine, { size, width, seed, replace = false }: { size: number; width?: number; seed: number; replace?: boolean }) => {
        return engine.call('audit.start', { size, width: width === undefined ? null : width / 100, seed, replace })
      }, stateText),
    )
  projectVerb(audit, 'label', 'show the next movies without their labels, or store answers')
    .option('--top <n>', 'movies to show', wholeNumber, 1)
    .option('--movie <id>', 'the movie of an answer')
    .option('--genres <names>', 'its genres, separated by commas; empty: none fits')
    .option('--answers <file>', 'answers as JSON lines {"id": …, "genres": […]}; - for standard input')
    .action(run(label, (done) => ('size' in done ? stateText(done) : done.map(movieText).join('\n\n') || 'Every movie is labelled.')))
  projectVerb(audit, 'extend', 'go on until the interval is narrower')
    .requiredOption('--width <points>', 'percentage points to each side', decimal)
    .action(run((engine, o: { width: number }) => engine.call('audit.extend', { width: o.width / 100 }), stateText))
  projectVerb(audit, 'result', 'the error rate that the answers show, with its interval').action(run(result, resultText))
  decidingVerb(audit, 'apply', 'make the answers labels, as one change that undo takes back').action(
    run(
      (engine) => engine.call('audit.apply', { dryRun: false }),
      ({ labels, movies }) =>
        labels === 0 ? 'No label differs from the answers.' : `${many(labels, 'label')} of ${many(movies, 'movie')} changed.`,
    ),
  )
}

function stateText({ answered, limit, width, more, finished }: AuditState): string {
  const far = width === null ? `${count(answered)} of ${many(limit, 'movie')} labelled.` : `${many(answered, 'movie')} labelled.`
  if (finished) return `${far} The audit is finished: \`reelabel audit result\` shows what it found.`
  return more === null ? far : `${far} About ${count(more)} more until the interval is as narrow as asked.`
}

const ANSWER = z.object({ id: z.string(), genres: z.array(z.string()) })
/** The answers of the options. @throws UserError `bad-arguments`, `no-file`, `bad-answer` */
function answersOf({ movie, genres, answers }: LabelOptions): z.output<typeof ANSWER>[] {
  if ((movie === undefined) !== (genres === undefined)) throw new UserError('bad-arguments', 'an answer needs both --movie and --genres')
  if (movie !== undefined) return [{ id: movie, genres: list(genres ?? '') }]
  if (answers === undefined) return []
  const lines = textOf(answers).split('\n')
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return ANSWER.parse(JSON.parse(line))
    } catch {
      throw new UserError('bad-answer', `Line ${i + 1} of the answers is not {"id": "…", "genres": ["…"]}: nothing was stored.`)
    }
  })
}

/** A movie as it is shown, with its id as the catalogue has it. */
type Shown = Pick<AuditMovie, 'title' | 'plot' | 'columns'> & { readonly id: string }

/** Stores answers, if there are any, else returns the next movies. */
async function label(engine: Engine, o: LabelOptions): Promise<AuditState | Shown[]> {
  const given = answersOf(o)
  const answers: { movie: number; genres: number[] }[] = []
  for (const { id, genres } of given) {
    const found = await Promise.all(genres.map((name) => engine.call('review.genre', { name })))
    answers.push({ movie: await movieOf(engine, id), genres: found.map((genre) => genre.id) })
  }
  for (const each of answers) await engine.call('audit.answer', each)
  const state = await stateOf(engine)
  if (given.length > 0) return state
  const shown: Shown[] = []
  for (let index = state.answered; index < state.limit && shown.length < o.top; index++) {
    const movie = await engine.call('audit.movie', { index })
    if (movie?.answer === null) shown.push({ id: movie.key, title: movie.title, plot: movie.plot, columns: movie.columns })
  }
  return shown
}

const movieText = ({ id, title, plot, columns }: Shown): string =>
  [`${id}  ${title}`, ...columns.map(({ name, value }) => `  ${name}: ${value}`), wrap(plot, 100, '  ')].join('\n')

/** @throws UserError `no-audit` */
async function stateOf(engine: Engine): Promise<AuditState> {
  await engine.call('audit.movie', {})
  return required(await engine.call('audit.state', {}), 'an audit')
}

/** @throws UserError `no-audit`, `too-few-answers` */
async function result(engine: Engine): Promise<AuditResult> {
  const { answered } = await stateOf(engine)
  const found = await engine.call('audit.result', {})
  if (found) return found
  throw new UserError('too-few-answers', `${many(answered, 'movie')} labelled: a result needs ${MIN_AUDITED}.`)
}

const points = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 2 : 1)}%`
const between = ({ rate, low, high }: Interval): string => `${points(rate)} (${points(low)} to ${points(high)})`

function resultText(r: AuditResult): string {
  const note = (reliable: boolean): string => (reliable ? '' : 'too few to rely on')
  const rows = r.genres.map((g) => [g.name, points(g.rate), `${points(g.low)} to ${points(g.high)}`, count(g.carriers), note(g.reliable)])
  const valid = r.interval === 'fixed' ? 'for the size fixed at the start' : 'valid whenever you stop'
  const how = r.estimator === 'ppi' ? 'prediction-powered (PPI++), in strata' : 'stratified mean'
  const { search, reviewed } = r
  return [
    stateText(r),
    `Movies with a wrong label: ${between(r.movies)}. Wrong labels among all cells: ${between(r.cells)}; missing ${between(r.missing)}, spurious ${between(r.spurious)}.`,
    `95% interval, ${valid}; ${how}. Without predictions: movies ${between(r.movies.stratified)}.`,
    search && `The search for suspects expected ${points(search.movies)} of the movies and ${points(search.cells)} of the cells.`,
    reviewed.movies > 0 &&
      `Of ${many(reviewed.movies, 'movie')} reviewed outside the sample, ${points(reviewed.corrected / reviewed.movies)} had a wrong label.`,
    table(['genre', 'movies with it wrong', 'interval', 'labelled', ''], rows),
  ]
    .filter((part) => typeof part === 'string')
    .join('\n\n')
}
