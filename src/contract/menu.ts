/** The window's part of the menu bar: the page sends it, so that titles, screens and keys are those of its own table of actions. */
import { z } from 'zod'

const MENUS = ['file', 'edit', 'view', 'help'] as const
const item = z.strictObject({
  /** Id of the action that the shell sends when the item is chosen. */
  id: z.string().min(1).max(64),
  title: z.string().min(1).max(100),
  /** Keyboard shortcut such as `Ctrl+K`; null: none. */
  key: z.string().max(40).nullable(),
})
const section = z.array(item).max(40)
/** Items by menu, in sections with lines between them. */
export const MENU = z.partialRecord(z.enum(MENUS), z.array(section).max(20))
export type MenuItem = z.output<typeof item>
export type Menu = z.output<typeof MENU>
