import { expect, test, vi } from 'vitest'
import type { Menu } from '../../src/contract/menu.ts'
import { acceleratorOf, menuTemplate } from '../../src/main/shell/menu.ts'

vi.mock('electron', () => ({ Menu: {} }))

interface Item {
  readonly id?: string
  readonly label?: string
  readonly role?: string
  readonly type?: string
  readonly accelerator?: string
  readonly registerAccelerator?: boolean
  readonly submenu?: readonly Item[]
  click?(): void
}
const MENU: Menu = {
  file: [[{ id: 'open', title: 'Open a project…', key: 'Ctrl+O' }], [{ id: 'copy', title: 'Save a copy…', key: null }]],
  view: [[{ id: 'import', title: 'Import', key: 'Ctrl+1' }]],
  help: [[{ id: 'keys', title: 'Keyboard shortcuts', key: '?' }]],
}
const flat = (items: readonly Item[]): Item[] => items.flatMap((i) => [i, ...flat(i.submenu ?? [])])
const items = (sent: string[], platform: NodeJS.Platform, menu = MENU, developing = false): Item[] =>
  flat(menuTemplate(menu, (c) => sent.push(c), developing, platform) as unknown as Item[])

test.each<NodeJS.Platform>(['linux', 'win32', 'darwin'])(
  'on %s the items of the page stand in their menus and name their actions',
  (platform) => {
    const sent: string[] = []
    const own = items(sent, platform).filter((i) => i.id !== undefined)
    expect(own.map((i) => [i.id, i.label, i.accelerator])).toEqual([
      ['open', 'Open a project…', 'CmdOrCtrl+O'],
      ['copy', 'Save a copy…', undefined],
      ['import', 'Import', 'CmdOrCtrl+1'],
      ['keys', 'Keyboard shortcuts', undefined],
    ])
    for (const item of own) item.click?.()
    expect(sent).toEqual(['open', 'copy', 'import', 'keys'])
  },
)
test('the page handles the keys, so that none is handled twice', () => {
  expect(items([], 'linux').filter((i) => i.accelerator !== undefined && i.registerAccelerator !== false)).toEqual([])
})
test('before the page is loaded, the menus have the items of the system', () => {
  const roles = items([], 'linux', {}).flatMap(({ role }) => role ?? [])
  expect(roles).toEqual([
    'quit',
    'cut',
    'copy',
    'paste',
    'selectAll',
    'resetZoom',
    'zoomIn',
    'zoomOut',
    'togglefullscreen',
    'help',
    'about',
  ])
})
test('the page is reloaded and inspected only where the program is developed', () => {
  const tools = (developing: boolean): unknown[] =>
    items([], 'linux', MENU, developing).flatMap(({ role }) =>
      ['reload', 'forceReload', 'toggleDevTools'].includes(role ?? '') ? [role] : [],
    )
  expect([tools(true), tools(false)]).toEqual([['reload', 'toggleDevTools'], []])
})
test.each([
  ['Ctrl+Shift+Z', 'CmdOrCtrl+Shift+Z'],
  ['Alt+1', 'Alt+1'],
  ['?', undefined],
  ['Shift+A', undefined],
  [null, undefined],
])('the key %s is shown as %s', (key, shown) => expect(acceleratorOf(key)).toBe(shown))
