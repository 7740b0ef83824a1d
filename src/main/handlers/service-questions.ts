/** The requests to a service about the chosen movies, and the data that they need. Nothing is sent here. */
import type { Args } from '../../contract/api.ts'
import type { Answer } from '../../contract/answers.ts'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import { KIND_TABLE, type Service } from '../../contract/services.ts'
import type { Steps } from '../analysis/steps.ts'
import { isNoPlot, MAX_PLACEHOLDER_CHARACTERS } from '../data/clean/plots.ts'
import { columnsCalled, foldHeader } from '../data/import/detect/headers.ts'
import { recordCells } from '../data/import/files/tables.ts'
import { inSlices } from '../jobs/slices.ts'
import { BadAnswer, complete, completionsUrl, type Client, type Completion, type Request } from '../services/client.ts'
import { lookUp, plotRequest, type Wanted } from '../services/databases.ts'
import { readAnswer, requestBody, TASK_TABLE, type Question, type TextTask } from '../services/tasks.ts'
import { contentOf, digestOf, type StoredAnswer } from '../store/answers.ts'
import type { SourceFile } from '../store/sources.ts'
import type { Store } from '../store/store.ts'
import type { Workspace } from '../workspace.ts'
import type { Planned } from './answering.ts'
import type { Context } from './context.ts'

export type Asked = Args<'services.plan'>

/** An answer, and the tokens that it took; null: the service does not count them. */
export interface Said {
  readonly answer: Answer
  readonly used: Completion['used']
}
/** The question about one movie. */
export interface PlannedRequest extends Planned {
  /** The first request, without the key. */
  readonly first: Request
  /** Requests that follow each other. */
  readonly requests: number
  /** Estimates. */
  readonly tokensIn: number
  readonly tokensOut: number
  /** @throws BadAnswer if this movie gets no answer; UserError if others would get none either */
  readonly ask: (client: Client, signal: AbortSignal) => Promise<Said>
}

/** The requests about the chosen movies. @throws UserError `no-service`, `wrong-service`, `no-suspects`, `no-column`, errors of the filter */
export async function planned(c: Context, w: Workspace, asked: Asked): Promise<PlannedRequest[]> {
  const { task, where, top } = asked
  const service = c.services.get(asked.service)
  if (!KIND_TABLE[service.kind].tasks.includes(task))
    throw new UserError(
      'wrong-service',
      `${asked.service} is ${service.kind === 'openai' ? 'a language model, which has no plots' : 'a database of movies, which has nothing but plots'}: choose another service.`,
    )
  if (task === 'plot') {
    if (where !== '') throw new UserError('bad-arguments', 'Movies without a plot are mostly not in the catalogue: leave the filter out.')
    return inSlices(plotRequests(w.store, asked, service))
  }
  if (task === 'second-opinion' && !w.suspects)
    throw new UserError('no-suspects', 'Second opinions are about suspects, which were not searched for since the last import or cleaning: train a model, or search with `reelabel suspects PROJECT.reel --find`.') // prettier-ignore
  const matching = await w.index.matching(where)
  return inSlices(textRequests(w, task, asked, service, (row) => matching.has(row), top ?? Infinity))
}

/** Characters of a token in English, by OpenAI's rule of thumb. */
const CHARACTERS_PER_TOKEN = 4

function* textRequests(
  w: Workspace,
  task: TextTask,
  { words, languages, from }: Asked,
  service: Service,
  matches: (row: number) => boolean,
  top: number,
): Steps<PlannedRequest[]> {
  const { catalogue, suspects, store } = w
  const rows = task === 'second-opinion' ? required(suspects, 'suspects').ranking(null) : catalogue.ids.keys()
  const url = completionsUrl(service)
  const found: PlannedRequest[] = []
  for (const row of rows) {
    if (found.length >= top) break
    if (!matches(row)) continue
    yield
    const movie = required(catalogue.ids[row], 'the movie of a row')
    const { title, plot } = required(store.movies.text(movie), 'the text of a movie')
    const genres = genresFor(w, task, row)
    const isEmpty = task === 'condense' ? plot.split(/\s+/).length <= words : task !== 'translate' && genres.length === 0
    if (isEmpty || plot.trim() === '') continue
    const questions = (task === 'translate' ? languages : ['']).map((language): Question => ({ title, plot, genres, words, language }))
    const bodies = questions.map((question) => requestBody(task, question, service.model, service.logProbabilities))
    const request = digestOf(url.href, task === 'translate' ? [...bodies, from].join('\n') : bodies.join('\n'))
    // a translation goes there and back
    const times = task === 'translate' ? 2 : 1
    found.push({
      movie,
      request,
      content: contentOf({ title, plot }),
      known: store.answers.known(request, movie),
      first: { url, body: bodies[0] ?? '' },
      requests: times * bodies.length,
      tokensIn: (times * bodies.reduce((sum, { length }) => sum + length, 0)) / CHARACTERS_PER_TOKEN,
      tokensOut: times * questions.reduce((sum, question) => sum + TASK_TABLE[task].tokens(question), 0),
      ask: (client, signal) =>
        task === 'translate'
          ? translateBack(client, questions, from, signal)
          : answerTo(client, task, required(questions[0], 'a question'), signal),
    })
  }
  return found
}

function genresFor({ catalogue, suspects }: Workspace, task: TextTask, row: number): string[] {
  if (task === 'condense' || task === 'translate') return []
  if (task === 'zero-shot') return catalogue.genres.map(({ name }) => name)
  return (suspects?.suspects(row) ?? []).flatMap(({ name, suggestion }) => [name, ...(suggestion.by ? [suggestion.by.name] : [])])
}

async function answerTo(client: Client, task: TextTask, question: Question, signal: AbortSignal): Promise<Said> {
  const { model, logProbabilities } = client.service
  const completion = await complete(client, requestBody(task, question, model, logProbabilities), signal)
  const answer = readAnswer(task, question, completion)
  if (answer === null) throw new BadAnswer('its answer does not have the form that was asked for')
  return { answer, used: completion.used }
}

/** Translates a plot into the language of each question and back. The way back does not see the plot. */
async function translateBack(client: Client, questions: readonly Question[], from: string, signal: AbortSignal): Promise<Said> {
  const texts: Record<string, string> = {}
  let used: Completion['used'] = { tokensIn: 0, tokensOut: 0 }
  const translate = async (question: Question): Promise<string> => {
    const said = await answerTo(client, 'translate', question, signal)
    used = used && said.used && { tokensIn: used.tokensIn + said.used.tokensIn, tokensOut: used.tokensOut + said.used.tokensOut }
    return (said.answer.task === 'translate' && said.answer.texts[question.language]) || ''
  }
  for (const question of questions) {
    const there = await translate(question)
    texts[question.language] = await translate({ ...question, plot: there, language: from })
  }
  return { answer: { task: 'translate', texts }, used }
}

/** Days after which a database is asked again for a plot that it did not have. */
const ASK_AGAIN_DAYS = 30

/** Requests for the plots that the source lacks. Movies of which nothing is known that the database understands are left out. */
function* plotRequests(store: Store, { top, columns }: Asked, service: Service): Steps<PlannedRequest[]> {
  const { movies, answers } = store
  const wantedOf = wantedIn(store, columns)
  const accepted = new Set(answers.accepted())
  const found: PlannedRequest[] = []
  for (const movie of movies.withShortPlots(MAX_PLACEHOLDER_CHARACTERS)) {
    if (found.length >= (top ?? Infinity)) break
    yield
    const { key, title, plot } = required(movies.source(movie), 'the source of a movie')
    if (accepted.has(movie) || !isNoPlot(plot)) continue
    const wanted = wantedOf(movie, key, title)
    const first = plotRequest(service, wanted)?.request
    if (!first) continue
    const request = digestOf(first.url.href, '')
    const known = answers.known(request, movie)
    found.push({
      movie,
      request,
      content: contentOf({ title, plot: '' }),
      known: known && isLasting(known) ? known : null,
      first,
      requests: 1,
      tokensIn: 0,
      tokensOut: 0,
      ask: async (client, signal) => ({ answer: await lookUp(client, wanted, signal), used: null }),
    })
  }
  return found
}
const isLasting = ({ answer, at }: StoredAnswer): boolean =>
  answer.task === 'plot' && (answer.found !== null || Date.now() - Date.parse(at) < ASK_AGAIN_DAYS * 86_400_000)

/** Names of columns, as `foldHeader` writes them. */
const ID_COLUMNS = { imdb: ['imdbid', 'imdb', 'tconst', 'imdbtitleid'], tmdb: ['tmdbid', 'tmdb', 'themoviedbid'] }
const YEAR = /\b(?:18|19|20)\d\d\b/
const YEAR_AFTER_TITLE = /\s*\(((?:18|19|20)\d\d)\)\s*$/

/** Returns a function that reads what identifies a movie: its ids and year of the original columns, its id, and its title. @throws UserError `no-column` */
function wantedIn(store: Store, given: Asked['columns']): (movie: number, key: string, title: string) => Wanted {
  const files = store.sources.currentFiles()
  const stranger = Object.values(given).find((name) => name !== null && !files.some(({ columns }) => columns.includes(name)))
  if (stranger) throw new UserError('no-column', `No file of this project has a column ${stranger}.`)
  const places = new Map(files.map((file) => [file.id, { file, ...placesIn(file, given) }]))
  return (movie, key, title) => {
    const [record] = store.sources.ofMovie(movie, 1)
    const of = record && places.get(record.file)
    const cells = record && of ? recordCells(record.raw, of.file) : []
    const cell = (place: number | undefined): string => (place === undefined ? '' : (cells[place] ?? '').trim())
    const year = YEAR.exec(cell(of?.year))?.[0] ?? YEAR_AFTER_TITLE.exec(title)?.[1]
    return {
      title: title.replace(YEAR_AFTER_TITLE, '').trim(),
      year: year === undefined ? null : Number(year),
      imdb: imdbId(cell(of?.imdb)) ?? (/^tt\d{6,10}$/.test(key) ? key : null),
      tmdb: /^([1-9]\d{0,9})(?:\.0)?$/.exec(cell(of?.tmdb))?.[1] ?? null,
    }
  }
}
/** The id of IMDb in a cell: `tt0133093`, an address with it, or `133093`. */
const imdbId = (cell: string): string | null =>
  /\btt\d{6,10}\b/.exec(cell)?.[0] ?? (/^\d{3,10}$/.test(cell) ? `tt${cell.padStart(7, '0')}` : null)

function placesIn({ columns }: SourceFile, given: Asked['columns']): Partial<Record<'imdb' | 'tmdb' | 'year', number>> {
  const called = (names: readonly string[]): string | undefined => columns.find((name) => names.includes(foldHeader(name)))
  const chosen = {
    imdb: given.imdb ?? called(ID_COLUMNS.imdb),
    tmdb: given.tmdb ?? called(ID_COLUMNS.tmdb),
    year: given.year ?? columnsCalled('year', columns)[0],
  }
  const places = Object.entries(chosen).map(([what, name]) => [what, name === undefined ? -1 : columns.indexOf(name)] as const)
  return Object.fromEntries(places.filter(([, place]) => place >= 0))
}
