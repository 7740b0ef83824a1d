import type { JobEvent } from '../../contract/events.ts'
import type { ConflictRule, DecisionsPlan, Side } from '../../contract/people.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** Decides the conflicts: a rule, or a choice for each. */
export type Deciding = ConflictRule | 'each'

/** Decisions of another copy of the open project: compared first, then added. */
export class MergingDecisions {
  /** Path of the other project; empty: none is chosen. */
  path = $state('')
  plan = $state.raw<DecisionsPlan | null>(null)
  /** null until the analyst has chosen. */
  deciding = $state<Deciding | null>(null)
  /** The sides that were chosen, by the number of the conflict. */
  choices = $state.raw<Readonly<Record<number, Side>>>({})
  readonly undecided = $derived(
    this.plan === null || this.plan.conflicts.length === 0
      ? 0
      : this.deciding === 'each'
        ? this.plan.conflicts.length - Object.keys(this.choices).length
        : this.deciding === null
          ? this.plan.conflicts.length
          : 0,
  )

  constructor(
    private readonly api: ProjectApi,
    private readonly jobs: Jobs,
  ) {
    jobs.onEnd((job) => {
      if (job.state !== 'done') return
      if (job.kind === 'compare-decisions') void this.api.ask('people.plan', {}, (plan) => (this.plan = plan))
      if (job.kind === 'merge-decisions') this.#forget()
    })
    // a decision that was made since makes the comparison void
    api.on('changed', ({ what }) => {
      if (what !== 'order' && what !== 'runs') this.#forget()
    })
  }
  get job(): JobEvent | null {
    return this.jobs.latest('compare-decisions', 'merge-decisions')
  }
  get busy(): boolean {
    return this.job?.state === 'running'
  }
  /** Another project is open. */
  reset(): void {
    this.path = ''
    this.#forget()
  }
  #forget(): void {
    this.plan = null
    this.deciding = null
    this.choices = {}
  }
  async compare(path: string): Promise<void> {
    this.#forget()
    this.path = path
    await this.api.ask('people.compare', { path })
  }
  choose(conflict: number, side: Side): void {
    this.choices = { ...this.choices, [conflict]: side }
  }
  async merge(): Promise<void> {
    const { plan, deciding } = this
    if (!plan || this.undecided > 0) return
    const choices = deciding === 'each' ? Object.entries(this.choices).map(([n, side]) => ({ conflict: Number(n), side })) : []
    await this.api.ask('people.merge', { token: plan.token, rule: deciding === 'each' ? null : deciding, choices })
  }
}
