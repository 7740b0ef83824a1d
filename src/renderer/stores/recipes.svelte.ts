import { SvelteMap } from 'svelte/reactivity'
import type { ArgsIn } from '../../contract/api.ts'
import { OTHER_PROJECT, type ProjectApi } from './project-api.ts'
import { UserError, messageOf } from '../../contract/errors.ts'
import type { CostEstimate, TrainMode } from '../../contract/models.ts'
import type { EnsembleConfig, RunConfig } from '../../contract/records.ts'
import type { ConfigIn } from '../../contract/training.ts'
import { Latest } from './latest.ts'
import { choiceOf, LINEAR, merged, type Patch } from './recipe-logic.ts'

/** Estimated cost of a training, or why there is no estimate. */
export type Cost = { readonly estimate: CostEstimate } | { readonly problem: string }
const EDIT_MS = 300

/** The recipe of the next training. Each choice of the picker has its own: defaults and the analyst's changes. */
export class Recipes {
  /** The analyst's choice: {@link LINEAR}, or the id of a model. */
  picked = $state.raw<string | null>(null)
  /** The default choice. */
  usual = $state.raw(LINEAR)
  readonly choice = $derived(this.picked ?? this.usual)
  /** The analyst's changes, by choice. */
  readonly #edits = new SvelteMap<string, Patch>()
  /** Defaults by choice and mode, see {@link defaultsKey}. */
  readonly #defaults = new SvelteMap<string, RunConfig>()
  /** Original columns that a model may read. */
  columns = $state.raw<readonly string[]>([])
  /** Costs by choice: of the defaults, or of the edited recipe for the current choice. */
  readonly costs = new SvelteMap<string, Cost>()
  readonly config = $derived(this.configOf(this.choice))
  readonly cost = $derived(this.costs.get(this.choice) ?? null)
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #projects = new Latest()
  /** Begins with each event that makes estimates stale. */
  readonly #costEvents = new Latest()
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing on screen depends on it
  readonly #estimating = new Set<string>()

  constructor(private readonly api: ProjectApi) {}
  /** Another project is open: defaults and costs depend on the size of the catalogue. */
  reset(): void {
    clearTimeout(this.#timer)
    this.#projects.begin()
    this.#costEvents.begin()
    this.picked = null
    this.usual = LINEAR
    this.#edits.clear()
    this.columns = []
    this.#defaults.clear()
    this.costs.clear()
  }
  /** The engine has other defaults. */
  forgetDefaults(): void {
    this.#defaults.clear()
    void this.load()
  }
  /** Null until the defaults arrive. */
  configOf(choice: string): RunConfig | null {
    const edits = this.editsOf(choice)
    // each mode has its own defaults: until they arrive, the fields keep their values
    const defaults = this.#defaults.get(defaultsKey(choice, edits)) ?? this.#defaults.get(defaultsKey(choice, {}))
    return defaults ? merged(defaults, edits) : null
  }
  editsOf(choice: string): Patch {
    return this.#edits.get(choice) ?? {}
  }
  /** Argument of `train.start`. Values missing in a linear recipe get the engine's defaults. */
  get settings(): ConfigIn {
    if (this.choice === LINEAR) return { ...this.editsOf(LINEAR), family: 'linear' }
    return (this.config ?? { family: 'transformer' }) as ConfigIn
  }
  async load(): Promise<void> {
    const { choice } = this
    const sameProject = this.#projects.current()
    await this.api.guard(async () => {
      try {
        await this.#load(choice)
      } catch (error) {
        // the current run's model may be missing, which matters only when the analyst selects it
        if (this.picked !== null || choice === LINEAR || !sameProject()) throw error
        this.usual = LINEAR
        await this.#load(LINEAR)
      }
    })
  }
  async #load(choice: string): Promise<void> {
    const edits = this.editsOf(choice)
    const key = defaultsKey(choice, edits)
    if (this.#defaults.has(key)) return
    const sameProject = this.#projects.current()
    const [defaults, columns] = await Promise.all([
      this.api.call('train.defaults', defaultsArgs(choice, modeOf(edits))),
      this.api.call('train.columns', {}),
    ])
    if (!sameProject()) return
    this.#defaults.set(key, defaults)
    this.columns = columns
  }
  async pick(choice: string): Promise<void> {
    this.picked = choice
    await this.load()
    await this.estimate(choice)
  }
  edit(patch: Patch): void {
    const { choice } = this
    this.#edits.set(choice, merged(this.editsOf(choice), patch))
    clearTimeout(this.#timer)
    void this.load()
    this.#timer = setTimeout(() => void this.estimate(choice), EDIT_MS)
  }
  /** The next training has the settings of a run. */
  async take({ family, ...settings }: Exclude<RunConfig, EnsembleConfig>): Promise<void> {
    await this.pick(choiceOf({ family, ...settings } as RunConfig))
    this.edit(settings)
  }
  /** Loads the defaults of the current recipe. */
  undoEdits(): void {
    this.#edits.delete(this.choice)
    void this.load().then(() => this.estimate(this.choice))
  }
  get edited(): boolean {
    return Object.keys(this.editsOf(this.choice)).length > 0
  }
  /** Estimates the cost of each choice one after the other, so that the first figures appear soon. */
  async estimateAll(choices: readonly string[]): Promise<void> {
    for (const choice of choices) {
      if (this.costs.has(choice) || this.#estimating.has(choice)) continue
      this.#estimating.add(choice)
      await this.estimate(choice)
      this.#estimating.delete(choice)
    }
  }
  async estimate(choice: string): Promise<void> {
    const current = this.#costEvents.current()
    const cost = await this.#costOf(choice)
    if (current() && cost) this.costs.set(choice, cost)
  }
  /** Cost of a training with the recipe of a run. */
  costOfRun(config: RunConfig): Promise<Cost | null> {
    return this.#ask(() => Promise.resolve(config))
  }
  #costOf(choice: string): Promise<Cost | null> {
    return this.#ask(async () => {
      await this.#load(choice)
      return this.configOf(choice)
    })
  }
  async #ask(recipe: () => Promise<RunConfig | null>): Promise<Cost | null> {
    try {
      const config = await recipe()
      return config && { estimate: await this.api.call('models.estimate', { config: config as ConfigIn }) }
    } catch (error) {
      if (error instanceof UserError && error.code === OTHER_PROJECT) return null
      return { problem: messageOf(error) }
    }
  }
  /** Discards estimates after a change of the catalogue or a finished run. */
  forgetCosts(): void {
    this.#costEvents.begin()
    this.#estimating.clear()
    this.costs.clear()
  }
}
const modeOf = (edits: Patch): TrainMode | null => (edits.mode as TrainMode | undefined) ?? null
/** Key of `defaults`: learning rates and other defaults depend on the mode. */
const defaultsKey = (choice: string, edits: Patch): string => `${choice} ${modeOf(edits) ?? ''}`
const defaultsArgs = (choice: string, mode: TrainMode | null): ArgsIn<'train.defaults'> =>
  choice === LINEAR ? { family: 'linear' } : { family: 'transformer', model: choice, mode }
