/** Items and groups of menus. */
interface MenuItem {
  readonly label: string
  /** A second, muted text: beside the label where there is room, else below it. */
  readonly note?: string
  readonly current?: boolean
  readonly disabled?: boolean
  readonly act: () => unknown
}
export interface MenuGroup {
  readonly title?: string
  readonly items: readonly MenuItem[]
}
