import type { ArgsIn } from '../../contract/api.ts'
import type { JobEvent } from '../../contract/events.ts'
import type { Candidate, TuningState } from '../../contract/tuning.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'
import { patchAt } from './recipe-logic.ts'
import type { Recipes } from './recipes.svelte.ts'
import type { Workers } from './workers.svelte.ts'

type Values = ArgsIn<'tune.start'>['values']

/** A tuning of the recipe that is picked: the values to try, and what came out. */
export class Tuning {
  /** Typed or chosen values by their paths in the recipe, in the order in which the paths were added. */
  tried = $state.raw<Readonly<Record<string, readonly string[]>>>({})
  /** How many combinations are tried, drawn at random; null: all. */
  draws = $state.raw<number | null>(null)
  /** Successive halving. */
  halving = $state.raw(false)
  /** The recipes that were tried so far; null before that is read, and if none was. */
  state = $state.raw<TuningState | null>(null)
  readonly #requests = new Latest()
  /** The choice of the picker that the last tuning began with here. */
  #choice: string | null = null

  constructor(
    private readonly api: ProjectApi,
    private readonly jobs: Jobs,
    private readonly recipes: Recipes,
    private readonly workers: Workers,
  ) {}
  /** Another project is open. */
  reset(): void {
    this.tried = {}
    this.state = null
    this.#requests.begin()
    this.#choice = null
  }
  get job(): JobEvent | null {
    return this.jobs.latest('tune')
  }
  /** Reads what has been tried so far. */
  async load(): Promise<void> {
    const latest = this.#requests.begin()
    await this.api.ask('tune.state', {}, (state) => latest() && (this.state = state))
  }
  set(key: string, texts: readonly string[]): void {
    this.tried = { ...this.tried, [key]: texts }
  }
  remove(key: string): void {
    this.tried = Object.fromEntries(Object.entries(this.tried).filter(([name]) => name !== key))
  }
  async start(values: Values): Promise<void> {
    const { draws, halving } = this
    this.#choice = this.recipes.choice
    await this.recipes.load()
    await this.api.ask('tune.start', { config: this.recipes.settings, values, draws, halving, workers: this.workers.wanted })
  }
  /** The next training has the values of a recipe that was tried. */
  async use({ values }: Candidate): Promise<void> {
    if (this.#choice !== null) await this.recipes.pick(this.#choice)
    for (const [path, value] of Object.entries(values)) this.recipes.edit(patchAt(path, value))
  }
}
