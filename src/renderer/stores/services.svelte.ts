import type { ArgsIn } from '../../contract/api.ts'
import { messageOf } from '../../contract/errors.ts'
import type { TaskName } from '../../contract/answers.ts'
import { KIND_TABLE, LANGUAGES, type ServiceList, type ServicePlan, type ServiceTest } from '../../contract/services.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'

/** The task that the dialog asks for. */
export interface Question {
  readonly task: TaskName
  readonly service: string
  readonly where: string
  readonly top: number | null
  readonly words: number
  readonly languages: string[]
  /** Original columns that identify movies without a plot; null: found by their names. */
  readonly columns: { readonly imdb: string | null; readonly tmdb: string | null; readonly year: string | null }
}
/** The columns that can be named. */
export const IDENTIFYING = ['imdb', 'tmdb', 'year'] as const

const NO_COLUMNS: Question['columns'] = { imdb: null, tmdb: null, year: null }

/** The services that are set, and the dialog in which one is asked about movies. */
export class ServicesStore {
  list = $state.raw<ServiceList | null>(null)
  /** The service that is being tested. */
  testing = $state.raw<string | null>(null)
  tested = $state.raw<(ServiceTest & { readonly name: string }) | null>(null)
  open = $state(false)
  question = $state.raw<Question>({
    task: 'condense',
    service: '',
    where: '',
    top: null,
    words: 60,
    languages: [...LANGUAGES],
    columns: NO_COLUMNS,
  })
  /** Names of the original columns of the project. */
  columns = $state.raw<readonly string[]>([])
  /** The request that the question would send; null until it is known. */
  plan = $state.raw<ServicePlan | null>(null)
  /** Why there is no plan, or why nothing was sent. */
  problem = $state.raw('')
  agreed = $state(false)
  readonly #plans = new Latest()

  constructor(private readonly api: ProjectApi) {}
  /** Another project is open. */
  reset(): void {
    this.close()
    this.columns = []
    this.#ask({ where: '', top: null, columns: NO_COLUMNS })
  }
  async load(): Promise<void> {
    await this.api.ask('services.list', {}, (list) => (this.list = list))
  }
  /** Returns true if the service was saved. */
  async save(name: string, values: ArgsIn<'services.set'>['values']): Promise<boolean> {
    this.tested = null
    return (await this.api.ask('services.set', { name, values }, (list) => (this.list = list))) !== undefined
  }
  /** Returns true if the key was stored. It is not kept here. */
  async setKey(name: string, key: string): Promise<boolean> {
    return (await this.api.ask('services.key', { name, key }, (list) => (this.list = list))) !== undefined
  }
  async forget(name: string): Promise<void> {
    this.tested = null
    await this.api.ask('services.forget', { name }, (list) => (this.list = list))
  }
  async test(name: string): Promise<void> {
    this.testing = name
    this.tested = null
    await this.api.ask('services.test', { name }, (found) => (this.tested = { name, ...found }))
    this.testing = null
  }
  /** Names of the services that can be asked the question. */
  get able(): readonly string[] {
    return this.list?.services.filter(({ kind }) => KIND_TABLE[kind].tasks.includes(this.question.task)).map(({ name }) => name) ?? []
  }
  /** Opens the dialog for the movies that match. Missing plots are asked for only by name, because no filter finds their movies. */
  async show(where: string, task?: TaskName): Promise<void> {
    this.open = true
    this.#ask({ where, task: task ?? (this.question.task === 'plot' ? 'condense' : this.question.task) })
    await this.load()
    await this.api.ask('review.names', {}, ({ columns }) => (this.columns = columns.map(({ name }) => name)))
    await this.change({})
  }
  close(): void {
    this.open = false
    this.plan = null
    this.problem = ''
    this.#plans.begin()
  }
  #ask(change: Partial<Question>): void {
    this.question = { ...this.question, ...change }
    this.plan = null
    this.problem = ''
    this.agreed = false
  }
  get #asked(): Question {
    return this.question.task === 'plot' ? { ...this.question, where: '' } : this.question
  }
  /** Changes the question and asks what it would send. */
  async change(change: Partial<Question>): Promise<void> {
    this.#ask(change)
    const { able } = this
    if (!able.includes(this.question.service)) this.#ask({ service: able[0] ?? '' })
    this.#plans.begin()
    if (this.question.service === '') return
    const isLatest = this.#plans.current()
    try {
      const plan = await this.api.call('services.plan', this.#asked)
      if (isLatest()) this.plan = plan
    } catch (error) {
      if (isLatest()) this.problem = messageOf(error)
    }
  }
  /** True if the plan may be carried out: the analyst has agreed, now or before, and something is to be sent. */
  get mayRun(): boolean {
    const { plan, list } = this
    return plan !== null && plan.requests > 0 && (plan.consented || this.agreed) && list?.offline === false
  }
  /** Starts the job. */
  async run(): Promise<void> {
    if (!this.mayRun) return
    try {
      await this.api.call('services.run', { ...this.#asked, consent: this.agreed })
      this.close()
    } catch (error) {
      this.problem = messageOf(error)
    }
  }
}
