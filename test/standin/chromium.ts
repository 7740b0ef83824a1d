import { chromium, type Browser } from 'playwright-core'
import { findChromium } from '../../scripts/lib/chromium.mjs'

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // a window that a page opens is announced but not created, as in the app; closing a created one can crash its opener
  '--block-new-web-contents',
]
export function launchChromium(args: readonly string[] = [], executablePath = findChromium()): Promise<Browser> {
  if (executablePath === null) throw new Error('no Chromium: set CHROMIUM to its path')
  return chromium.launch({ executablePath, args: [...ARGS, ...args] })
}
