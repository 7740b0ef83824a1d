/** How a job reports its progress and learns that it should stop. */
export interface JobControl {
  readonly signal: AbortSignal
  /** @param fraction of the whole, 0 to 1 */
  progress(fraction: number, phase: string): void
}

/** The control of a part of a job: the part's 0 to 1 are `share` of the whole, from `from` on. */
export const part = (control: JobControl, from: number, share: number): JobControl => ({
  signal: control.signal,
  progress: (fraction, phase) => control.progress(from + share * fraction, phase),
})
