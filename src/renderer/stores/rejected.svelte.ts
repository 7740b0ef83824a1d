import { SvelteMap } from 'svelte/reactivity'
import type { JobEvent } from '../../contract/events.ts'
import type { RecordCheck, RejectedRecord, ImportLogEntry } from '../../contract/importing.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Pages } from './pages.svelte.ts'
import type { ProjectApi } from './project-api.ts'

const CHECK_MS = 250
/** Text of a record for a text area: with plain line breaks, without one at the end. */
const shown = (record: RejectedRecord): string => record.raw.replace(/\r\n?/g, '\n').replace(/\n$/, '')
/** Limit of records per call. */
const MAX_PER_CALL = 200

/** The import log, and rejected records with their edits. */
export class RejectedRecords {
  readonly log: Pages<ImportLogEntry>
  readonly records: Pages<RejectedRecord>
  index = $state.raw(0)
  /** Edited text by record. */
  readonly edits = new SvelteMap<number, string>()
  /** Results of checking the current text of edited and viewed records. */
  readonly checks = new SvelteMap<number, RecordCheck>()
  readonly selected = $derived.by(() => this.records.items[this.index] ?? null)
  /** Edited records that fit now. */
  readonly fitting = $derived.by(() => [...this.edits.keys()].filter((r) => this.checks.get(r)?.why === null))
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly api: ProjectApi,
    private readonly jobs: Jobs,
  ) {
    this.log = new Pages((after) =>
      api.guard(async () => {
        const { entries, ...page } = await api.call('import.log', { after })
        return { ...page, items: entries }
      }),
    )
    this.records = new Pages((after) =>
      api.guard(async () => {
        const { records, ...page } = await api.call('rejected.list', { after })
        return { ...page, items: records }
      }),
    )
  }
  /** The running or last job that adds edited records. */
  get job(): JobEvent | null {
    return this.jobs.latest('repair')
  }
  async load(): Promise<void> {
    await Promise.all([this.log.reload(), this.records.reload()])
    const left = this.records.items.map((r) => r.record)
    // edited records beyond the loaded pages still exist
    if (this.records.items.length === this.records.total) for (const r of [...this.edits.keys()]) if (!left.includes(r)) this.revert(r)
    this.index = Math.min(this.index, Math.max(0, this.records.items.length - 1))
  }
  /** Another project is open. */
  reset(): void {
    clearTimeout(this.#timer)
    this.log.reset()
    this.records.reset()
    this.edits.clear()
    this.checks.clear()
    this.index = 0
  }
  select(index: number): void {
    this.index = Math.max(0, Math.min(this.records.items.length - 1, index))
  }
  textOf(record: RejectedRecord): string {
    return this.edits.get(record.record) ?? shown(record)
  }
  edit(record: RejectedRecord, raw: string): void {
    if (raw === shown(record)) {
      this.revert(record.record)
      return
    }
    this.edits.set(record.record, raw)
    this.checks.delete(record.record)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#check(record.record, raw), CHECK_MS)
  }
  revert(record: number): void {
    this.edits.delete(record)
    this.checks.delete(record)
    const original = this.records.items.find((r) => r.record === record)
    if (original && original === this.selected) this.look(original)
  }
  /** Called when the record is shown: checks its text. */
  look(record: RejectedRecord): void {
    if (!this.checks.has(record.record)) void this.#check(record.record, this.textOf(record))
  }
  async #check(record: number, raw: string): Promise<void> {
    if (raw === '') return
    await this.api.guard(async () => {
      const [check] = await this.api.call('rejected.check', { records: [{ record, raw }] })
      const original = this.records.items.find((r) => r.record === record)
      if (check && original && this.textOf(original) === raw) this.checks.set(record, check)
    })
  }
  /** Adds the edited records that fit. */
  async takeIn(records: readonly number[] = this.fitting): Promise<void> {
    const edited = records.slice(0, MAX_PER_CALL).flatMap((record) => {
      const raw = this.edits.get(record)
      return raw === undefined ? [] : [{ record, raw }]
    })
    if (edited.length === 0) return
    await this.api.ask('rejected.retry', { records: edited })
  }
}
