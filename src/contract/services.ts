/**
 * Services on other machines, such as an endpoint of language models, that are asked about movies. What a service answers is a suggestion: it
 * is kept beside the catalogue with its source, and changes nothing.
 */
import { z } from 'zod'
import { TASKS, type MovieAnswer, type TaskName } from './answers.ts'
import { appMethod, id, projectMethod, type, type JobStarted } from './method.ts'
import { FILTER } from './review.ts'

const SERVICE_NAME = z.string().regex(/^[a-z0-9][\w.-]{0,39}$/i, 'write letters, digits and . _ -, at most 40')
const price = z.number().min(0).max(100_000)
const VARIABLE = z.string().regex(/^[A-Z_][A-Z0-9_]{0,99}$/i, 'write the name of an environment variable')

/** `openai`: a language model behind the interface of OpenAI; `tmdb`, `omdb`: databases of movies, which have plots. */
export const KINDS = ['openai', 'tmdb', 'omdb'] as const
export type Kind = (typeof KINDS)[number]
/** The tasks of each kind of service, and its default settings. */
export const KIND_TABLE: Readonly<
  Record<Kind, { readonly tasks: readonly TaskName[]; readonly defaults: { readonly url?: string; readonly model?: string } }>
> = {
  openai: { tasks: TASKS.filter((task) => task !== 'plot'), defaults: {} },
  tmdb: { tasks: ['plot'], defaults: { url: 'https://api.themoviedb.org/3', model: 'en-US' } },
  omdb: { tasks: ['plot'], defaults: { url: 'https://www.omdbapi.com', model: 'full' } },
}

const MEMBERS = {
  kind: z.enum(KINDS),
  /** Address of the interface, such as `http://localhost:11434/v1`. */
  url: z.string().min(1).max(500),
  /** Name of the model as the endpoint knows it; of TMDB the language of plots, of OMDb `short` or `full` plots. */
  model: z.string().min(1).max(200),
  /** Price of a million tokens that are sent, and of a million that are received, in any currency; null: unknown. */
  priceIn: price.nullable(),
  priceOut: price.nullable(),
  /** Requests that are begun in a minute. */
  perMinute: z.int().min(1).max(60_000),
  /** Requests at a time. */
  parallel: z.int().min(1).max(64),
  /** A request has failed if no data arrive for that long. */
  timeoutSeconds: z.int().min(1).max(3600),
  /** Whether the endpoint can be asked for log-probabilities. */
  logProbabilities: z.boolean(),
  /** Environment variable that holds the key; null: the key is in the keychain, or none is needed. */
  keyVariable: VARIABLE.nullable(),
}
/** An endpoint with the interface of OpenAI (llama.cpp, Ollama, vLLM, or a provider), or a database of movies. */
export const SERVICE = z.strictObject({
  ...MEMBERS,
  kind: MEMBERS.kind.default('openai'),
  priceIn: MEMBERS.priceIn.default(null),
  priceOut: MEMBERS.priceOut.default(null),
  perMinute: MEMBERS.perMinute.default(60),
  parallel: MEMBERS.parallel.default(2),
  timeoutSeconds: MEMBERS.timeoutSeconds.default(120),
  logProbabilities: MEMBERS.logProbabilities.default(true),
  keyVariable: MEMBERS.keyVariable.default(null),
})
export type Service = z.output<typeof SERVICE>

export interface ServiceEntry extends Service {
  readonly name: string
  /** Where the key is; `missing`: the environment variable is not set; `unknown`: the keychain cannot be read, see `keychain.problem`. */
  readonly key: 'keychain' | 'variable' | 'missing' | 'none' | 'unknown'
}
export interface ServiceList {
  readonly services: readonly ServiceEntry[]
  readonly offline: boolean
  /** The reason why it is always offline; null if there is none. */
  readonly forced: string | null
  /** Where keys are kept. `problem`: why none can be kept; null if they can. */
  readonly keychain: { readonly name: string; readonly problem: string | null }
}
export interface ServiceTest {
  readonly elapsedMs: number
  /** True if the answer came with log-probabilities; null: a database has none. */
  readonly logProbabilities: boolean | null
}

/** Languages of back-translations where none are given: those of a published account, see docs/recipes.md. */
export const LANGUAGES: readonly string[] = ['Chinese', 'Filipino', 'Spanish', 'Japanese', 'Korean']
const LANGUAGE = z.string().regex(/^\p{L}[\p{L} ()-]{1,39}$/u, 'write the name of a language')
const COLUMN = z.string().max(1000).nullable().default(null)
/** The task of a service, and its movies. */
const QUESTION = {
  task: z.enum(TASKS),
  service: SERVICE_NAME,
  /** Only movies that match, see `review.query`. Not for plots: movies without one are mostly not in the catalogue. */
  where: FILTER.shape.where,
  /** The first movies: in the order of the file, or of the suspects for second opinions. */
  top: z.int().min(1).max(1_000_000).nullable().default(null),
  /** Length that a condensed plot should have at most; shorter plots are not sent. */
  words: z.int().min(5).max(500).default(60),
  /** Languages of back-translations, in English, and the language of the plots. */
  languages: z
    .array(LANGUAGE)
    .min(1)
    .max(10)
    .default([...LANGUAGES]),
  from: LANGUAGE.default('English'),
  /** Original columns that identify movies without a plot; null: found by their names. */
  columns: z.strictObject({ imdb: COLUMN, tmdb: COLUMN, year: COLUMN }).prefault({}),
}

/** The request, its receiver and its estimated cost. Nothing has been sent. */
export interface ServicePlan {
  readonly task: TaskName
  readonly service: string
  readonly host: string
  readonly model: string
  /** Movies that the question is about. */
  readonly movies: number
  /** Movies whose answer is known: they are not sent again. */
  readonly known: number
  /** Requests to be sent: one for each other movie; of a back-translation two for each language. */
  readonly requests: number
  /** Estimates, see docs/services.md; null: a database is asked, which counts none. */
  readonly tokensIn: number | null
  readonly tokensOut: number | null
  /** In the currency of the prices; null: the prices are not known. */
  readonly cost: number | null
  /** One sentence on what is sent, and to whom. */
  readonly sends: string
  /** The first request as it would be sent, with the key left out; null: nothing is to be sent. */
  readonly sample: string | null
  /** True if this project's movies may be sent to this service. */
  readonly consented: boolean
}

/** How a job ended that asked a service. Answers are kept, also those of a job that was stopped. */
export interface ServiceReport {
  readonly task: TaskName
  readonly service: string
  readonly answered: number
  readonly known: number
  readonly failed: number
  /** The first movies without an answer, and why. */
  readonly failures: readonly { readonly id: string; readonly why: string }[]
  /** As the service counted them; null: it does not. */
  readonly tokensIn: number | null
  readonly tokensOut: number | null
  readonly cost: number | null
}

/** How well zero-shot genres agree with the labels. */
export interface Agreement {
  readonly movies: number
  readonly microF1: number
  readonly macroF1: number
}

const MOVIES = z.array(id).max(1_000_000).nullable()

export const SERVICE_METHODS = {
  'services.list': appMethod({}, type<ServiceList>()),
  /** Adds a service, or changes some of its settings. A stored key belongs to the address that it was set for. */
  'services.set': appMethod({ name: SERVICE_NAME, values: z.strictObject(MEMBERS).partial() }, type<ServiceList>()),
  /** Stores a key in the keychain. No method returns one. */
  'services.key': appMethod({ name: SERVICE_NAME, key: z.string().trim().min(1).max(2000) }, type<ServiceList>()),
  /** Removes a service and its key. Its answers stay in their projects. */
  'services.forget': appMethod({ name: SERVICE_NAME }, type<ServiceList>()),
  /** Asks a service one fixed question, which has nothing of a project. */
  'services.test': appMethod({ name: SERVICE_NAME }, type<ServiceTest>()),
  'services.plan': projectMethod(QUESTION, type<ServicePlan>()),
  /** Sends the requests; a job. `consent`: remembers that this project's movies may be sent to this service. @throws UserError `consent` */
  'services.run': projectMethod({ ...QUESTION, consent: z.boolean() }, type<JobStarted>()),
  /** Withdraws the consents of this project. */
  'services.withdraw': projectMethod({}, type<null>()),
  /**
   * Puts plots of databases in the place of missing ones, and cleans again; a job. `movies`: null for all whose plot is certain, see `doubt`.
   * @throws UserError `nothing-to-accept`
   */
  'plots.accept': projectMethod({ movies: MOVIES }, type<JobStarted>()),
  /** Takes accepted plots back, of these movies or of all, and cleans again; a job. @throws UserError `nothing-to-take-back` */
  'plots.takeBack': projectMethod({ movies: MOVIES }, type<JobStarted>()),
  /** The newest answer of a task for each movie that matches, in file order. Plots: of movies that cleaning removed, too. `agreement`: of zero-shot genres; null for other tasks. */
  'services.results': projectMethod(
    {
      task: z.enum(TASKS),
      service: SERVICE_NAME.nullable().default(null),
      where: FILTER.shape.where,
      limit: z.int().min(1).max(10_000).default(1000),
    },
    type<{
      readonly total: number
      readonly movies: readonly (MovieAnswer & { readonly movie: number; readonly key: string; readonly title: string })[]
      readonly agreement: Agreement | null
    }>(),
  ),
}
