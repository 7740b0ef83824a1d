/** Keys of actions, their changes and conflicts. */
import { expect, test } from 'vitest'
import { Keymap, keyOf, type KeyLine } from '../../src/renderer/stores/keymap.svelte.ts'
import { ACTIONS, KEY_TABLES, menuOf } from '../../src/renderer/views/shell/actions.ts'
import { KEYS } from '../../src/renderer/views/review/keys.ts'
import { GROUPS } from '../../src/renderer/stores/nav.svelte.ts'
import { MENU } from '../../src/contract/menu.ts'

/** A keymap over settings in memory. */
function made(keys: Record<string, string[]> = {}): Keymap {
  const settings = { values: { keys }, set: (to: { keys: Record<string, string[]> }) => Promise.resolve(void (settings.values = to)) }
  const keymap = new Keymap(settings as never)
  keymap.define(KEY_TABLES)
  return keymap
}
const press = (key: string, modifiers: Partial<KeyboardEvent> = {}): KeyboardEvent => ({ key, ...modifiers }) as KeyboardEvent
const line = (id: string): KeyLine<never> => [...ACTIONS, ...KEYS].find((l) => l.id === id)!

test.each([
  [press('a'), 'A'],
  [press('A', { shiftKey: true }), 'Shift+A'],
  [press('?', { shiftKey: true }), '?'],
  [press('k', { ctrlKey: true }), 'Ctrl+K'],
  [press('k', { metaKey: true }), 'Ctrl+K'],
  [press('Z', { ctrlKey: true, shiftKey: true }), 'Ctrl+Shift+Z'],
  [press('ArrowLeft', { altKey: true }), 'Alt+←'],
  [press(' '), 'Space'],
  [press('Shift', { shiftKey: true }), null],
])('a key press is written %#', (event, written) => expect(keyOf(event)).toBe(written))

test('every screen is an action of the menu, the first nine by number', () => {
  const views = Object.values(GROUPS).flat()
  expect(ACTIONS.flatMap(({ screen }) => screen ?? [])).toEqual([...views, 'welcome'])
  expect(views.slice(0, 9).map((view) => line(view).keys[0])).toEqual(Array.from({ length: 9 }, (_, i) => `Ctrl+${i + 1}`))
  const menu = MENU.parse(menuOf(made()))
  expect(
    Object.values(menu)
      .flat(2)
      .map(({ id }) => id),
  ).toEqual(expect.arrayContaining([...views, 'welcome']))
})
test('no two actions have the same id, and none of the usual keys is in conflict', () => {
  const all = Object.values(KEY_TABLES).flatMap((lines): readonly KeyLine<never>[] => lines)
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  const keymap = made()
  expect(all.flatMap((l) => l.keys.flatMap((key) => keymap.conflicts(l, key).map((other) => [key, l.id, other.id])))).toEqual([])
})
test('a key with Shift does what it does alone, unless it has an action of its own; with Ctrl it does not', () => {
  const keymap = made()
  const found = (e: KeyboardEvent) => keymap.find(KEYS, e)?.id
  expect([found(press('S', { shiftKey: true })), found(press('A', { shiftKey: true }))]).toEqual(['review.skip', 'review.acceptAll'])
  expect(keymap.find(ACTIONS, press('I', { ctrlKey: true, shiftKey: true }))).toBeUndefined()
})
test('a chosen key replaces the usual ones, is taken from the action that had it, and can be reset', async () => {
  const keymap = made()
  const [keep, skip] = [line('review.keep'), line('review.skip')]
  expect(keymap.conflicts(keep, 'S').map(({ id }) => id)).toEqual(['review.skip'])
  await keymap.set(keep, ['S'])
  expect([keymap.of(keep), keymap.of(skip)]).toEqual([['S'], []])
  expect([keymap.shown('review.keep'), keymap.aria('review.keep'), keymap.aria('review.skip')]).toEqual(['S', 'S', undefined])
  await keymap.reset(keep)
  expect([keymap.of(keep), keymap.isChanged(keep), keymap.isChanged(skip)]).toEqual([['Space'], false, true])
})
test('a key of every screen is in conflict with one of Review, and those of two screens are not', () => {
  const keymap = made()
  expect(keymap.conflicts(line('palette'), 'J').map(({ id }) => id)).toEqual(['review.next', 'sweep.next'])
  expect(
    keymap.conflicts(
      KEY_TABLES.sweep.find(({ id }) => id === 'sweep.end')!,
      'F',
    ),
  ).toEqual([])
})
test('letters of Review are no keys of genres', () => {
  expect(made().letters.split('').sort().join('')).toBe('./=[]afgijknsxy→←↑↓'.split('').sort().join(''))
  expect(made({ 'review.next': ['D'] }).letters).toContain('d')
})
test('buttons show the shortest key, screen readers hear all', () => {
  const keymap = made()
  expect([keymap.shown('review.accept'), keymap.shown('review.acceptAll'), keymap.shown('sweep.end')]).toEqual(['A', '⇧A', 'Esc'])
  expect([keymap.aria('review.next'), keymap.aria('redo'), keymap.aria('review.keep')]).toEqual([
    'J ArrowDown',
    'Control+Y Control+Shift+Z',
    'Space',
  ])
})
