/** Asks services about movies: what would be sent, the job that sends it, and the answers. */
import type { MovieAnswer } from '../../contract/answers.ts'
import { UserError } from '../../contract/errors.ts'
import type { Agreement, SERVICE_METHODS, ServiceList, ServicePlan, ServiceReport } from '../../contract/services.ts'
import { count, many } from '../../contract/words.ts'
import { headline } from '../analysis/metrics.ts'
import type { Steps } from '../analysis/steps.ts'
import { inSlices } from '../jobs/slices.ts'
import type { JobEnd } from '../jobs/queue.ts'
import type { JobControl } from '../processes/job-control.ts'
import { serviceAddress, type Request } from '../services/client.ts'
import { askAll } from '../services/requests.ts'
import { unusable } from '../services/services.ts'
import { TASK_TABLE } from '../services/tasks.ts'
import { contentOf, type StoredAnswer } from '../store/answers.ts'
import type { Workspace } from '../workspace.ts'
import { takeAnswers } from './answering.ts'
import type { Context, Handlers } from './context.ts'
import { plotHandlers } from './plots.ts'
import { planned, type Asked, type PlannedRequest } from './service-questions.ts'

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
    ...plotHandlers(c),
    'services.withdraw': () => {
      c.workspace().store.meta.set('consents', [])
      return null
    },
    'services.results': async ({ task, service, where, limit }) => {
      const w = c.workspace()
      const matching = await w.index.matching(where)
      // movies without a plot are mostly not in the catalogue
      const isAbout = (row: number): boolean => (row < 0 ? task === 'plot' && where === '' : matching.has(row))
      const found = await inSlices(resultsOf(w, task, service, isAbout))
      return {
        total: found.length,
        movies: found.slice(0, limit).map((stored) => ({ movie: stored.movie, ...w.store.movies.head(stored.movie), ...shown(w, stored) })),
        agreement: task === 'zero-shot' ? agreementOf(w, found) : null,
      }
    },
  }
}

const TEST_MS = 300_000

function planOf(c: Context, w: Workspace, { task, service: name }: Asked, requests: readonly PlannedRequest[]): ServicePlan {
  const service = c.services.get(name)
  const { host } = serviceAddress(service.url)
  const sent = requests.filter(({ known }) => known === null)
  const total = (of: (planned: PlannedRequest) => number): number => Math.ceil(sent.reduce((sum, planned) => sum + of(planned), 0))
  const tokens = task === 'plot' ? null : { tokensIn: total((p) => p.tokensIn), tokensOut: total((p) => p.tokensOut) }
  const signature = c.services.consent(name)
  const what = task === 'plot' ? 'the id, or title and year,' : TASK_TABLE[task].sends
  return {
    task,
    service: name,
    host,
    model: service.model,
    movies: requests.length,
    known: requests.length - sent.length,
    requests: total((p) => p.requests),
    tokensIn: tokens?.tokensIn ?? null,
    tokensOut: tokens?.tokensOut ?? null,
    cost: tokens && costOf(service, tokens.tokensIn, tokens.tokensOut),
    sends: `${host} gets ${what} of ${many(sent.length, 'movie')}, this machine's network address and the key of the service, if it has one; nothing else of the project is sent.`,
    sample: sent[0] === undefined ? null : sampleOf(sent[0].first),
    consented: signature !== null && (w.store.meta.get('consents') ?? []).includes(signature),
  }
}

const sampleOf = ({ url, body }: Request): string =>
  body === undefined
    ? `GET ${url.href}\naccept: application/json\n(and the key, if there is one)`
    : `POST ${url.href}\ncontent-type: application/json\nauthorization: Bearer (the key, if there is one)\n\n${body}`

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
  let plots = 0
  const source = { task, service: name, model: client.service.model }
  const taken = await takeAnswers(c, w, source, requests, control.signal, async ({ open, answered, failed }) => {
    let done = 0
    const progress = (): void => control.progress(done / Math.max(1, open.length), `${done} of ${many(open.length, 'movie')}`)
    progress()
    await askAll({
      items: open,
      service: client.service,
      requestsEach: open[0]?.requests ?? 1,
      signal: control.signal,
      wait: client.wait,
      unusable: (why) => unusable(name, why),
      failed: (planned, why) => {
        failed(planned, why)
        done++
        progress()
      },
      ask: async (planned, wait) => {
        const said = await planned.ask({ ...client, wait }, control.signal)
        used.tokensIn += said.used?.tokensIn ?? 0
        used.tokensOut += said.used?.tokensOut ?? 0
        used.isKnown &&= said.used !== null
        if (said.answer.task === 'plot' && said.answer.found !== null) plots++
        w.store.transaction(() => answered(planned, said.answer))
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
  return { message: endText(result, plots), result }
}

/** @param plots found for those that were asked about */
function endText({ task, service, answered, known, failed, failures }: ServiceReport, plots: number): string {
  const before = known === 0 ? '' : ` ${known} were known before.`
  const without =
    failed === 0 ? '' : ` ${many(failed, 'movie')} got no answer that can be used: ${failures[0]?.id} because ${failures[0]?.why}.`
  const found = task === 'plot' ? ` It has a plot of ${count(plots)} of them, which can be accepted.` : ''
  return `${service} answered about ${many(answered, 'movie')}.${found}${before}${without}`
}

/** An answer as it is shown. */
export function shown({ store }: Workspace, { movie, task, service, model, at, content, answer, accepted }: StoredAnswer): MovieAnswer {
  const text = store.movies.text(movie)
  // a plot was asked for without the text that it takes the place of
  const outdated = !text || contentOf(task === 'plot' ? { ...text, plot: '' } : text) !== content
  return { service, model, at, outdated, accepted, answer }
}

function* resultsOf(w: Workspace, task: Asked['task'], service: string | null, matches: (row: number) => boolean): Steps<StoredAnswer[]> {
  const newest = new Map<number, StoredAnswer>()
  for (const stored of w.store.answers.all(task)) {
    const isAbout = matches(w.catalogue.row(stored.movie)) && (service === null || stored.service === service)
    if (isAbout && newest.get(stored.movie)?.accepted !== true) newest.set(stored.movie, stored)
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
