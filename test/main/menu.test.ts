import { expect, test, vi } from 'vitest'
import { MENU_COMMANDS } from '../../src/contract/bridge.ts'
import { menuTemplate } from '../../src/main/shell/menu.ts'

vi.mock('electron', () => ({ Menu: {} }))

interface Item {
  readonly id?: string
  readonly label?: string
  readonly role?: string
  readonly accelerator?: string
  readonly submenu?: readonly Item[]
  click?(): void
}
const flat = (items: readonly Item[]): Item[] => items.flatMap((i) => [i, ...flat(i.submenu ?? [])])
const items = (sent: string[], platform: NodeJS.Platform, developing = false): Item[] =>
  flat(menuTemplate((c) => sent.push(c), developing, platform) as unknown as Item[])

test.each<NodeJS.Platform>(['linux', 'win32', 'darwin'])('on %s every command has one menu item, which sends the command', (platform) => {
  const sent: string[] = []
  const commands = items(sent, platform).filter((i) => i.id !== undefined)
  for (const c of commands) c.click?.()
  expect(sent.toSorted()).toEqual([...MENU_COMMANDS].sort())
  expect(commands.map((c) => c.id)).toEqual(sent)
})
test('the page is reloaded and inspected only where the program is developed', () => {
  const tools = (developing: boolean): unknown[] =>
    items([], 'linux', developing).flatMap(({ role }) => (['reload', 'forceReload', 'toggleDevTools'].includes(role ?? '') ? [role] : []))
  expect([tools(true), tools(false)]).toEqual([['reload', 'toggleDevTools'], []])
})
test('no two items share a shortcut', () => {
  const keys = items([], 'linux').flatMap((i) => i.accelerator ?? [])
  expect(new Set(keys).size).toBe(keys.length)
})
