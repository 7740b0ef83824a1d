/** Something that is found by its name. */
export interface Found {
  readonly id: string
  readonly title: string
  /** A second, muted text. */
  readonly note?: string
  readonly key?: string
  readonly act: () => unknown
}
export interface FoundGroup {
  readonly title: string
  readonly items: readonly Found[]
}
