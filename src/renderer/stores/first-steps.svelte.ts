import type { Labels } from './labels.svelte.ts'
import type { Nav, View } from './nav.svelte.ts'
import type { Project } from './project.svelte.ts'
import { isTexts, type SettingsStore } from './settings.svelte.ts'
import type { Training } from './training.svelte.ts'

/** Name in the window's state. */
const SEEN = 'projects.cleaning-seen'
/** Projects whose cleaning was looked at that are remembered. */
const MAX_SEEN = 50

/** The five steps from files to corrected files, in the open project. */
export class FirstSteps {
  /** Paths of the projects whose cleaning the analyst has looked at: nothing in a project says so. */
  readonly #seen = $derived.by(() => this.settings.recall(SEEN, isTexts, []))
  readonly steps = $derived.by(() => {
    const { info } = this.project
    const { corrections, reviewed } = this.labels.state
    return [
      { step: 'import', view: 'import', done: info?.sample === false },
      { step: 'clean', view: 'clean', done: info !== null && this.#seen.includes(info.path) },
      { step: 'train', view: 'train', done: this.training.current !== null },
      { step: 'review', view: 'review', done: corrections + reviewed > 0 },
      { step: 'retrain', view: 'train', done: this.training.done.some(({ parent }) => parent !== null) },
    ] as const satisfies readonly { readonly step: string; readonly view: View; readonly done: boolean }[]
  })
  readonly done = $derived(this.steps.filter(({ done }) => done).length)

  constructor(
    private readonly nav: Nav,
    private readonly project: Project,
    private readonly labels: Labels,
    private readonly training: Training,
    private readonly settings: SettingsStore,
  ) {}
  /** The Clean screen is shown. */
  sawCleaning(): void {
    const path = this.project.info?.path
    if (path === undefined || this.#seen.includes(path)) return
    void this.settings.remember(SEEN, [path, ...this.#seen].slice(0, MAX_SEEN))
  }
  get open(): boolean {
    return this.nav.guide
  }
  setOpen(open: boolean): void {
    this.nav.setGuide(open)
  }
}
