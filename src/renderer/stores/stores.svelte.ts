/** The stores' composition root: builds them for one connection and forwards the engine's `changed` events. */
import { createContext } from 'svelte'
import type { Connection, Host } from '../api.ts'
import type { Events } from '../../contract/events.ts'
import type { NewProject } from '../../contract/project.ts'
import { m } from '../messages/index.ts'
import { RejectedRecords } from './rejected.svelte.ts'
import { Arrangement } from './arrangement.svelte.ts'
import { Asking } from './asking.svelte.ts'
import { Auditing } from './auditing.svelte.ts'
import { Cleaning } from './cleaning.svelte.ts'
import { Codebook } from './codebook.svelte.ts'
import { Curves } from './curves.svelte.ts'
import { ErrorAnalysis } from './error-analysis.svelte.ts'
import { Exporting } from './exporting.svelte.ts'
import { History } from './history.svelte.ts'
import { FilePredictions } from './file-predictions.svelte.ts'
import { FirstSteps } from './first-steps.svelte.ts'
import { Hub } from './hub.svelte.ts'
import { Importing } from './importing.svelte.ts'
import { Jobs } from './jobs.svelte.ts'
import { Keymap } from './keymap.svelte.ts'
import { Labels } from './labels.svelte.ts'
import { Merging } from './merging.svelte.ts'
import { MergingDecisions } from './merging-decisions.svelte.ts'
import { Models } from './models.svelte.ts'
import { MovieMap } from './movie-map.svelte.ts'
import { Nav } from './nav.svelte.ts'
import { Notices } from './notices.svelte.ts'
import { Overview } from './overview.svelte.ts'
import { PaletteStore } from './palette.svelte.ts'
import { ProjectApi } from './project-api.ts'
import { Project } from './project.svelte.ts'
import { RecipeFiles } from './recipe-files.svelte.ts'
import { Recipes } from './recipes.svelte.ts'
import { Review } from './review.svelte.ts'
import { Safety } from './safety.svelte.ts'
import { PlotsStore } from './plots.svelte.ts'
import { ServicesStore } from './services.svelte.ts'
import { SettingsStore } from './settings.svelte.ts'
import { SliceSearch } from './slice-search.svelte.ts'
import { Thresholds } from './thresholds.svelte.ts'
import { Training } from './training.svelte.ts'
import { Tuning } from './tuning.svelte.ts'
import { Workers } from './workers.svelte.ts'

type What = Events['changed']['what']
const BURST_MS = 30

/** Fields of a derived class are initialised after this. */
class Connected {
  constructor(readonly connection: Connection) {}
}

export class Stores extends Connected {
  readonly host: Host = this.connection.host
  readonly notices = new Notices()
  readonly #api = new ProjectApi(this.connection.api, this.notices)
  readonly settings = new SettingsStore(
    this.#api,
    this.host.native !== undefined,
    () => this.recipes.forgetDefaults(),
    // what a person who decides blind may see is another thing for each person
    () => {
      void this.project.loadApp()
      this.review.rereadAll()
      this.history.invalidate()
    },
  )
  readonly nav = new Nav(this.settings)
  readonly keymap = new Keymap(this.settings)
  readonly palette = new PaletteStore(this.#api, this.settings)
  readonly jobs = new Jobs(this.#api, this.notices)
  readonly project = new Project(this.#api, this.notices, this.settings)
  readonly labels = new Labels(this.#api, this.notices)
  readonly recipes = new Recipes(this.#api)
  readonly workers = new Workers(this.#api)
  readonly training = new Training(this.#api, this.notices, this.jobs, this.recipes, this.workers)
  readonly tuning = new Tuning(this.#api, this.jobs, this.recipes, this.workers)
  readonly firstSteps = new FirstSteps(this.nav, this.project, this.labels, this.training, this.settings)
  readonly recipeFiles = new RecipeFiles(this.#api, this.jobs)
  readonly curves = new Curves(this.#api, this.training)
  readonly thresholds = new Thresholds(this.#api, this.notices, this.training)
  readonly errors = new ErrorAnalysis(this.#api, this.training)
  readonly slices = new SliceSearch(this.#api, this.training)
  readonly movieMap = new MovieMap(this.#api, this.jobs)
  readonly models = new Models(this.#api, this.host, this.jobs, this.recipes)
  readonly hub = new Hub(this.#api)
  readonly services = new ServicesStore(this.#api)
  readonly plots = new PlotsStore(this.#api, this.jobs)
  readonly asking = new Asking(this.#api, this.jobs)
  readonly filePredictions = new FilePredictions(this.#api, this.host, this.jobs)
  readonly auditing = new Auditing(this.#api, this.notices, this.labels)
  readonly codebook = new Codebook(this.#api)
  readonly overview = new Overview(this.#api, this.project, this.jobs)
  readonly review = new Review(this.#api, this.project, this.labels, this.keymap)
  readonly arrangement = new Arrangement(this.settings)
  readonly importing = new Importing(this.#api, this.host, this.jobs)
  readonly rejected = new RejectedRecords(this.#api, this.jobs)
  readonly merging = new Merging(this.#api, this.jobs)
  readonly mergingDecisions = new MergingDecisions(this.#api, this.jobs)
  readonly cleaning = new Cleaning(this.#api, this.notices, this.jobs)
  readonly exporting = new Exporting(this.#api, this.host, this.jobs, this.project)
  readonly history = new History(this.#api, this.notices, this.labels)
  readonly safety = new Safety(this.#api, this.host, this.notices, this.jobs, this.project)
  /** Everything that a screen needs to tell an empty project from one that is not read yet. */
  ready = $state.raw(false)
  #pending: What[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(connection: Connection) {
    super(connection)
    this.jobs.onEnd((job) => {
      if (job.kind === 'import' && job.result) this.#imported(job.job, job.result)
      if (job.kind === 'import' || job.kind === 'copy') void this.project.listEntries()
    })
    this.#api.on('changed', (change) => {
      if (change.what === 'project') this.#reset()
      void this.#changed(change)
    })
  }
  async start(): Promise<void> {
    await Promise.all([this.project.start(), this.settings.load()])
    await Promise.all([
      this.jobs.load(),
      this.labels.load(),
      this.training.load(),
      this.project.rank(),
      this.project.listEntries(),
      this.codebook.load(),
    ])
    this.nav.start(this.project.info?.sample === true && this.project.entries.length <= 1)
    this.ready = true
  }
  /** Opens an imported project if the screen that started the import is still shown; elsewhere the analyst is at work, and decides. */
  #imported(job: number, { path, name, movies }: NewProject): void {
    if (this.nav.view === 'import' && this.importing.isOwn(job)) void this.open(path)
    else this.notices.news(path, m.import.done(name, movies), { label: m.import.open, act: () => this.open(path) })
  }
  /** Opens another project; the engine's `changed` event brings the rest. */
  async open(path: string | null): Promise<void> {
    await (path === null ? this.project.sample() : this.safety.openProject(path))
  }
  /** Another project is open: clears everything of the previous one, whose ids mean something else. */
  #reset(): void {
    this.ready = false
    this.#api.nextProject()
    for (const store of [
      this.palette,
      this.notices,
      this.jobs,
      this.project,
      this.labels,
      this.workers,
      this.training,
      this.tuning,
      this.recipeFiles,
      this.curves,
      this.thresholds,
      this.errors,
      this.slices,
      this.movieMap,
      this.models,
      this.services,
      this.plots,
      this.asking,
      this.filePredictions,
      this.auditing,
      this.codebook,
      this.overview,
      this.review,
      this.importing,
      this.rejected,
      this.merging,
      this.mergingDecisions,
      this.cleaning,
      this.exporting,
      this.history,
      this.safety,
    ])
      store.reset()
  }
  /** Changes come in bursts (a decision and its undo state, a run and its labels): they are answered together. */
  async #changed(change: Events['changed']): Promise<void> {
    const { what } = change
    if (change.what === 'order') {
      void this.review.reorder(change.moved)
      this.overview.invalidate()
      return
    }
    if (what === 'map') {
      this.movieMap.invalidate()
      return
    }
    if (what === 'labels') {
      const sameProject = this.#api.current()
      const echo = await this.labels.own.takes(change.batch)
      if (!sameProject()) return
      if (echo) {
        this.history.invalidate()
        this.overview.invalidate()
        return
      }
    }
    this.#pending.push(what)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const all = this.#pending
      this.#pending = []
      void this.#reread((['project', 'catalogue', 'runs', 'labels'] as const).find((w) => all.includes(w)) ?? what)
    }, BURST_MS)
  }
  /** Reads what is stale after a change; of several changes, the one that affects most. */
  async #reread(what: What): Promise<void> {
    if (what === 'project') void this.project.listEntries()
    if (what === 'labels') {
      await this.labels.load()
      this.review.rereadAll()
      this.overview.invalidate()
      this.thresholds.invalidate()
      this.errors.invalidate()
      this.slices.invalidate()
      this.history.invalidate()
      this.movieMap.invalidate()
      return
    }
    await Promise.all([this.project.load(), this.labels.load(), this.training.load()])
    if (what !== 'runs') await Promise.all([this.project.rank(), this.codebook.load()])
    if (what !== 'runs' && this.nav.view === 'import') await Promise.all([this.importing.loadReport(), this.rejected.load()])
    if (what !== 'runs') {
      this.cleaning.invalidate()
      this.recipes.forgetCosts()
    }
    this.overview.invalidate()
    this.thresholds.invalidate()
    this.errors.invalidate()
    this.history.invalidate()
    this.slices.invalidate()
    this.movieMap.invalidate()
    this.review.invalidate(this.nav.view === 'review')
    if (what === 'project') this.ready = true
  }
}
const [get, set] = createContext<Stores>()
export const useStores = get
export const provideStores = set
