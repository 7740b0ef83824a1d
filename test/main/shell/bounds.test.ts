import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { beginPlace, keepPlace, keptPlace } from '../../../src/main/shell/bounds.ts'

const MAIN = { x: 0, y: 24, width: 1920, height: 1056 }
const RIGHT = { x: 1920, y: 0, width: 1280, height: 1024 }
const PLACE = { x: 2000, y: 100, width: 1000, height: 700, maximised: false }

test('the first window has the usual size, and the system chooses its place', () =>
  expect(beginPlace(null, [MAIN])).toEqual({ width: 1280, height: 800, maximised: false }))
test.each([
  ['where it was', PLACE, [MAIN, RIGHT], PLACE],
  ['elsewhere if its display is gone', PLACE, [MAIN], { width: 1000, height: 700, maximised: false }],
  ['elsewhere if its title bar is above the display', { ...PLACE, x: 10, y: -20 }, [MAIN], { width: 1000, height: 700, maximised: false }],
  ['elsewhere if its title bar is below the display', { ...PLACE, x: 10, y: 1070 }, [MAIN], { width: 1000, height: 700, maximised: false }],
  ['no larger than its display', { ...PLACE, width: 5000, height: 5000 }, [RIGHT], { ...PLACE, width: 1280, height: 1024 }],
  ['no smaller than it can be used', { ...PLACE, width: 10, height: 10, x: 0 }, [MAIN], { width: 720, height: 480, maximised: false }],
  ['maximised', { ...PLACE, maximised: true }, [RIGHT], { ...PLACE, maximised: true }],
])('the window begins %s', (_what, kept, areas, expected) => expect(beginPlace(kept, areas)).toEqual(expected))

test('the place is kept when the window closes; a damaged file is no place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-bounds-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'data', 'window.json')
  const window = Object.assign(new EventEmitter(), {
    isDestroyed: () => false,
    isMinimized: () => false,
    isFullScreen: () => false,
    isMaximized: () => true,
    getNormalBounds: () => ({ x: 1, y: 2, width: 900, height: 600 }),
  })
  keepPlace(window as never, path)
  window.emit('close')
  expect(keptPlace(path)).toEqual({ x: 1, y: 2, width: 900, height: 600, maximised: true })
  writeFileSync(path, '{"x":1}')
  expect(keptPlace(path)).toBeNull()
})
