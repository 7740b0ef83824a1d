import type { Labels } from './labels.svelte.ts'
import type { Nav, View } from './nav.svelte.ts'
import type { Project } from './project.svelte.ts'
import { remember, rememberedList } from './remembered.ts'
import type { Training } from './training.svelte.ts'

const SEEN = 'cleaning-seen'
/** Projects whose cleaning was looked at that are remembered. */
const MOST_SEEN = 50

/** The five steps from files to corrected files, in the open project. */
export class FirstSteps {
  /** Paths of the projects whose cleaning the analyst has looked at: nothing in a project says so. */
  #seen = $state.raw(rememberedList(SEEN))
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
  ) {}
  /** The Clean screen is shown. */
  sawCleaning(): void {
    const path = this.project.info?.path
    if (path === undefined || this.#seen.includes(path)) return
    this.#seen = [path, ...this.#seen].slice(0, MOST_SEEN)
    remember(SEEN, JSON.stringify(this.#seen))
  }
  get open(): boolean {
    return this.nav.guide
  }
  setOpen(open: boolean): void {
    this.nav.setGuide(open)
  }
}
