import { messageOf } from '../../contract/errors.ts'
import type { JobEvent } from '../../contract/events.ts'
import { parseRecipe, type RecipeFile, type RecipeReport } from '../../contract/recipe-files.ts'
import { withParameter, type RecipeParameter } from '../../contract/recipe-steps.ts'
import { download } from '../download.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** Published experiments and those of files, and the reports of their runs. */
export class RecipeFiles {
  /** The published ones, and those that were opened from files. */
  list = $state.raw<readonly RecipeFile[]>([])
  /** The chosen one, with the changes of its parameters. */
  chosen = $state.raw<RecipeFile | null>(null)
  reports = $state.raw<readonly RecipeReport[]>([])
  /** The report that is shown; null: the newest one. */
  shown = $state.raw<number | null>(null)
  /** Why a file could not be opened. */
  problem = $state.raw('')
  readonly report = $derived(this.reports.find(({ id }) => id === this.shown) ?? this.reports[0] ?? null)

  constructor(
    private readonly api: ProjectApi,
    private readonly jobs: Jobs,
  ) {
    jobs.onEnd((job) => {
      if (job.kind !== 'recipe' || job.state !== 'done') return
      this.shown = null
      void this.load()
    })
  }
  get job(): JobEvent | null {
    return this.jobs.latest('recipe')
  }
  reset(): void {
    this.reports = []
    this.shown = null
    this.problem = ''
  }
  async load(): Promise<void> {
    if (this.list.length === 0)
      await this.api.ask('recipes.list', {}, (list) => {
        this.list = list
        this.chosen ??= list[0] ?? null
      })
    await this.api.ask('recipes.reports', {}, (reports) => (this.reports = reports))
  }
  choose(name: string): void {
    this.chosen = this.list.find((recipe) => recipe.name === name) ?? null
  }
  edit(parameter: RecipeParameter, value: number | null): void {
    if (this.chosen) this.chosen = withParameter(this.chosen, parameter, value)
  }
  /** Adds the recipe of a file to the list, in the place of one with its name, and chooses it. */
  async open(file: File): Promise<void> {
    try {
      const recipe = parseRecipe(await file.text(), file.name)
      this.problem = ''
      this.list = [...this.list.filter(({ name }) => name !== recipe.name), recipe]
      this.chosen = recipe
    } catch (error) {
      this.problem = messageOf(error)
    }
  }
  /** Offers the chosen recipe, with its changes, as a file. */
  save(): void {
    if (this.chosen) download(`${this.chosen.name}.json`, 'application/json', [JSON.stringify(this.chosen, null, 2)])
  }
  async run(): Promise<void> {
    if (this.chosen) await this.api.ask('recipes.run', { recipe: this.chosen })
  }
  async delete(report: number): Promise<void> {
    await this.api.ask('recipes.delete', { report })
    await this.load()
  }
}
