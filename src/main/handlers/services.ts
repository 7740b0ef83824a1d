/** Asks services about movies: what would be sent, the job that sends it, and the answers. */
import type { Args } from '../../contract/api.ts'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import type { MovieAnswer } from '../../contract/answers.ts'
import type { Agreement, SERVICE_METHODS, ServiceList, ServicePlan, ServiceReport } from '../../contract/services.ts'
import { many } from '../../contract/words.ts'
import { headline } from '../analysis/metrics.ts'
import type { Steps } from '../analysis/steps.ts'
import { inSlices } from '../jobs/slices.ts'
import type { JobEnd } from '../jobs/queue.ts'
import type { JobControl } from '../processes/job-control.ts'
import { BadAnswer, complete, completionsUrl } from '../services/client.ts'
import { askAll } from '../services/requests.ts'
import { unusable } from '../services/services.ts'
import { readAnswer, requestBody, TASK_TABLE, type Question } from '../services/tasks.ts'
import { contentOf, digestOf, type StoredAnswer } from '../store/answers.ts'
import type { Workspace } from '../workspace.ts'
import { takeAnswers, type Planned } from './answering.ts'
import type { Context, Handlers } from './context.ts'

type Asked = Args<'services.plan'>

/** A request about one movie. */
interface PlannedRequest extends Planned {
  readonly question: Question
  readonly body: string
}

export function serviceHandlers(c: Context): Handlers<typeof SERVICE_METHODS> {
  const list = async (): Promise<ServiceList> => {
    const { offline, forced } = c.library.settings()
    const { keychain } = c.services
    const [services, problem] = [await c.services.list(), await keychain.problem()]
    return { services, offline, forced, keychain: { name: keychain.name, problem } }
  }
  return {
    'services.list': list,
    'services.set': ({ name, values }) => c.services.set(name, values).then(list),
    'services.key': ({ name, key }) => c.services.setKey(name, key).then(list),
    'services.forget': ({ name }) => c.services.forget(name).then(list),
    'services.test': ({ name }) => c.services.test(name, AbortSignal.timeout(TEST_MS)),
    'services.plan': async (asked) => {
      const w = c.workspace()
      return planOf(c, w, asked, await planned(c, w, asked))
    },
    'services.run': async ({ consent, ...asked }) => {
      const w = c.workspace()
      await c.services.client(asked.service)
      const requests = await planned(c, w, asked)
      agree(c, w, planOf(c, w, asked, requests), consent)
      return c.jobs.start('ask', null, (control) => ask(c, w, asked, requests, control))
    },
    'services.withdraw': () => {
      c.workspace().store.meta.set('consents', [])
      return null
    },
    'services.results': async ({ task, service, where, limit }) => {
      const w = c.workspace()
      const matching = await w.index.matching(where)
      const found = await inSlices(resultsOf(w, task, service, (row) => matching.has(row)))
      return {
        total: found.length,
        movies: found.slice(0, limit).map((stored) => ({ movie: stored.movie, ...w.store.movies.head(stored.movie), ...shown(w, stored) })),
        agreement: task === 'zero-shot' ? agreementOf(w, found) : null,
      }
    },
  }
}

const TEST_MS = 300_000

/** The requests about the chosen movies. @throws UserError `no-service`, `no-suspects`, errors of the filter */
async function planned(c: Context, w: Workspace, asked: Asked): Promise<PlannedRequest[]> {
  const { task, where, top } = asked
  const service = c.services.get(asked.service)
  if (task === 'second-opinion' && !w.suspects)
    throw new UserError('no-suspects', 'Second opinions are about suspects, which were not searched for since the last import or cleaning: train a model, or search with `reelabel suspects PROJECT.reel --find`.') // prettier-ignore
  const matching = await w.index.matching(where)
  return inSlices(requestsOf(w, asked, completionsUrl(service).href, service, (row) => matching.has(row), top ?? Infinity))
}

function* requestsOf(
  w: Workspace,
  { task, words }: Asked,
  url: string,
  { model, logProbabilities }: { readonly model: string; readonly logProbabilities: boolean },
  matches: (row: number) => boolean,
  top: number,
): Steps<PlannedRequest[]> {
  const { catalogue, suspects, store } = w
  const rows = task === 'second-opinion' ? required(suspects, 'suspects').ranking(null) : catalogue.ids.keys()
  const found: PlannedRequest[] = []
  for (const row of rows) {
    if (found.length >= top) break
    if (!matches(row)) continue
    yield
    const movie = required(catalogue.ids[row], 'the movie of a row')
    const { title, plot } = required(store.movies.text(movie), 'the text of a movie')
    const genres = genresFor(w, task, row)
    const isEmpty = task === 'condense' ? plot.split(/\s+/).length <= words : genres.length === 0
    if (isEmpty || plot.trim() === '') continue
    const question = { title, plot, genres, words }
    const body = requestBody(task, question, model, logProbabilities)
    const request = digestOf(url, body)
    found.push({ movie, question, body, request, content: contentOf(question), known: store.answers.known(request, movie) })
  }
  return found
}

function genresFor({ catalogue, suspects }: Workspace, task: Asked['task'], row: number): string[] {
  if (task === 'condense') return []
  if (task === 'zero-shot') return catalogue.genres.map(({ name }) => name)
  return (suspects?.suspects(row) ?? []).flatMap(({ name, suggestion }) => [name, ...(suggestion.by ? [suggestion.by.name] : [])])
}

/** Characters of a token in English, by OpenAI's rule of thumb. */
const CHARACTERS_PER_TOKEN = 4

function planOf(c: Context, w: Workspace, { task, service: name }: Asked, requests: readonly PlannedRequest[]): ServicePlan {
  const service = c.services.get(name)
  const url = completionsUrl(service)
  const sent = requests.filter(({ known }) => known === null)
  const tokensIn = Math.ceil(sent.reduce((sum, { body }) => sum + body.length, 0) / CHARACTERS_PER_TOKEN)
  const tokensOut = Math.ceil(sent.reduce((sum, { question }) => sum + TASK_TABLE[task].tokens(question), 0))
  const signature = c.services.consent(name)
  return {
    task,
    service: name,
    host: url.host,
    model: service.model,
    movies: requests.length,
    known: requests.length - sent.length,
    requests: sent.length,
    tokensIn,
    tokensOut,
    cost: costOf(service, tokensIn, tokensOut),
    sends: `${url.host} gets ${TASK_TABLE[task].sends} of ${many(sent.length, 'movie')}, this machine's network address and the key of the service, if it has one; nothing else of the project is sent.`,
    sample: sent[0] === undefined ? null : sampleOf(url, sent[0].body),
    consented: signature !== null && (w.store.meta.get('consents') ?? []).includes(signature),
  }
}

const sampleOf = (url: URL, body: string): string =>
  `POST ${url.href}\ncontent-type: application/json\nauthorization: Bearer (the key, if there is one)\n\n${body}`

function costOf(
  prices: { readonly priceIn: number | null; readonly priceOut: number | null },
  tokensIn: number,
  tokensOut: number,
): number | null {
  const { priceIn, priceOut } = prices
  return priceIn === null || priceOut === null ? null : (tokensIn * priceIn + tokensOut * priceOut) / 1e6
}

/** Remembers a consent that is given. @throws UserError `consent` if there is none */
function agree(c: Context, w: Workspace, plan: ServicePlan, consent: boolean): void {
  if (plan.consented || plan.requests === 0) return
  if (!consent) throw new UserError('consent', `Nothing was sent. If you agree: ${plan.sends}`, plan)
  const signature = c.services.consent(plan.service)
  if (signature !== null) w.store.transaction(() => w.store.meta.set('consents', [...(w.store.meta.get('consents') ?? []), signature]))
}

async function ask(
  c: Context,
  w: Workspace,
  asked: Asked,
  requests: readonly PlannedRequest[],
  control: JobControl,
): Promise<JobEnd<'ask'>> {
  const { task, service: name } = asked
  const client = await c.services.client(name)
  const used = { tokensIn: 0, tokensOut: 0, isKnown: true }
  const source = { task, service: name, model: client.service.model }
  const taken = await takeAnswers(c, w, source, requests, control.signal, async ({ open, answered, failed }) => {
    let done = 0
    const progress = (): void => control.progress(done / Math.max(1, open.length), `${done} of ${many(open.length, 'movie')}`)
    progress()
    await askAll({
      items: open,
      service: client.service,
      signal: control.signal,
      wait: client.wait,
      unusable: (why) => unusable(name, why),
      failed: (planned, why) => {
        failed(planned, why)
        done++
        progress()
      },
      ask: async (planned, wait) => {
        const completion = await complete({ ...client, wait }, planned.body, control.signal)
        used.tokensIn += completion.used?.tokensIn ?? 0
        used.tokensOut += completion.used?.tokensOut ?? 0
        used.isKnown &&= completion.used !== null
        const answer = readAnswer(task, planned.question, completion)
        if (answer === null) throw new BadAnswer('its answer does not have the form that was asked for')
        w.store.transaction(() => answered(planned, answer))
        done++
        progress()
      },
    })
  })
  const { tokensIn, tokensOut } = used
  const cost = used.isKnown ? costOf(client.service, tokensIn, tokensOut) : null
  const result = {
    task,
    service: name,
    ...taken,
    ...(used.isKnown ? { tokensIn, tokensOut } : { tokensIn: null, tokensOut: null }),
    cost,
  }
  return { message: endText(result), result }
}

function endText({ service, answered, known, failed, failures }: ServiceReport): string {
  const before = known === 0 ? '' : ` ${known} were known before.`
  const without =
    failed === 0 ? '' : ` ${many(failed, 'movie')} got no answer that can be used: ${failures[0]?.id} because ${failures[0]?.why}.`
  return `${service} answered about ${many(answered, 'movie')}.${before}${without}`
}

/** An answer as it is shown. */
export function shown({ store }: Workspace, { movie, service, model, at, content, answer }: StoredAnswer): MovieAnswer {
  const text = store.movies.text(movie)
  return { service, model, at, outdated: !text || contentOf(text) !== content, answer }
}

function* resultsOf(w: Workspace, task: Asked['task'], service: string | null, matches: (row: number) => boolean): Steps<StoredAnswer[]> {
  const newest = new Map<number, StoredAnswer>()
  for (const stored of w.store.answers.all(task)) {
    const row = w.catalogue.row(stored.movie)
    if (row >= 0 && matches(row) && (service === null || stored.service === service)) newest.set(stored.movie, stored)
    yield
  }
  return [...newest.values()]
}

/** Compares zero-shot genres with the labels; null if there are none. Genres that the catalogue no longer has are left out. */
function agreementOf({ catalogue }: Workspace, found: readonly StoredAnswer[]): Agreement | null {
  if (found.length === 0) return null
  const { genres, k, labels } = catalogue
  const [y, h] = [new Uint8Array(found.length * k), new Uint8Array(found.length * k)]
  found.forEach(({ movie, answer }, i) => {
    const from = catalogue.row(movie) * k
    y.set(labels.subarray(from, from + k), i * k)
    if (answer.task === 'zero-shot') genres.forEach(({ name }, column) => (h[i * k + column] = Number(answer.genres.includes(name))))
  })
  const { microF1, macroF1 } = headline(y, h, found.length, k)
  return { movies: found.length, microF1, macroF1 }
}
