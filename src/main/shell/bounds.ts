/** Size and place of the window, kept for the next start in a file of the data folder. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { BrowserWindow, Rectangle } from 'electron'
import { z } from 'zod'
import { writeFileAtomically } from '../files/atomic.ts'
import { jsonIn } from '../files/read.ts'

export const MIN_SIZE = { width: 720, height: 480 } as const
const USUAL = { width: 1280, height: 800 } as const
/** Pixels of the title bar that must be on a display, so that the window can be moved. */
const GRIP = { width: 120, height: 32 } as const

const pixels = z.int().min(-100_000).max(100_000)
const PLACE = z.strictObject({ x: pixels, y: pixels, width: pixels, height: pixels, maximised: z.boolean() })
export type WindowPlace = z.output<typeof PLACE>

/** Where the window begins. @param kept its last place @param areas of the displays that are connected now, without bars of the system */
export function beginPlace(kept: WindowPlace | null, areas: readonly Rectangle[]): Partial<Rectangle> & { readonly maximised: boolean } {
  if (!kept) return { ...USUAL, maximised: false }
  const overlap = (from: number, size: number, start: number, length: number) =>
    Math.min(from + size, start + length) - Math.max(from, start)
  const area = areas.find(
    (a) =>
      overlap(kept.x, kept.width, a.x, a.width) >= GRIP.width &&
      // the upper edge itself, because there the window is moved
      kept.y >= a.y &&
      kept.y + GRIP.height <= a.y + a.height,
  )
  const { width: widest, height: highest } = area ?? areas[0] ?? USUAL
  const width = Math.max(MIN_SIZE.width, Math.min(kept.width, widest))
  const height = Math.max(MIN_SIZE.height, Math.min(kept.height, highest))
  // the display is no longer connected: let the system place the window
  return { width, height, ...(area ? { x: kept.x, y: kept.y } : {}), maximised: kept.maximised }
}

export const keptPlace = (path: string): WindowPlace | null => jsonIn(path, PLACE)

const SETTLED_MS = 500
/** Stores the window's place whenever it has changed. Errors are ignored: the next start then uses an earlier place. */
export function keepPlace(window: BrowserWindow, path: string): void {
  let timer: NodeJS.Timeout | undefined
  const keep = (): void => {
    clearTimeout(timer)
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return
    const { x, y, width, height } = window.getNormalBounds()
    try {
      mkdirSync(dirname(path), { recursive: true })
      writeFileAtomically(path, JSON.stringify({ x, y, width, height, maximised: window.isMaximized() } satisfies WindowPlace))
    } catch (error) {
      console.error(error)
    }
  }
  const later = (): void => {
    clearTimeout(timer)
    timer = setTimeout(keep, SETTLED_MS)
  }
  window.on('resize', later)
  window.on('move', later)
  window.on('close', keep)
}
