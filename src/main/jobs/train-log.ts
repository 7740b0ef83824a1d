import type { ComputeReply } from '../../contract/jobs.ts'
import type { EpochFigures, TrainingLog } from '../../contract/models.ts'
import type { Store } from '../store/store.ts'

export const NO_LOG: TrainingLog = { epochs: [], device: '', notes: [] }
/** A training that says more has gone wrong in a way that a list does not tell better. */
const MOST_NOTES = 200

/** How a training goes, written into its run as it is told: a run that goes on adds to what was there. */
export class TrainLog {
  readonly #store: Store
  readonly #run: number
  #log: TrainingLog
  constructor(store: Store, run: number) {
    this.#store = store
    this.#run = run
    this.#log = store.runs.log(run) ?? NO_LOG
  }
  take(m: ComputeReply): void {
    if (m.t === 'epoch') this.#put({ epochs: [...this.#log.epochs.filter((e) => !isSame(e, m.figures)), m.figures] })
    else if (m.t === 'device') this.#put({ device: m.text })
    else if (m.t === 'note') this.note(m.text)
  }
  note(text: string): void {
    if (this.#log.notes.length < MOST_NOTES && this.#log.notes.at(-1) !== text) this.#put({ notes: [...this.#log.notes, text] })
  }
  #put(part: Partial<TrainingLog>): void {
    this.#log = { ...this.#log, ...part }
    this.#store.runs.setLog(this.#run, this.#log)
  }
  /** Time of the whole training: of this process where nothing was told of earlier ones. */
  elapsedMs(ownMs: number): number {
    const told = new Map<string, number>()
    for (const e of this.#log.epochs) told.set(`${e.fold} ${e.stage}`, e.elapsedMs)
    return Math.max(ownMs, Math.round([...told.values()].reduce((sum, ms) => sum + ms, 0)))
  }
}

/** A run that goes on tells the epochs of before again. */
const isSame = (a: EpochFigures, b: EpochFigures): boolean => a.fold === b.fold && a.stage === b.stage && a.epoch === b.epoch
