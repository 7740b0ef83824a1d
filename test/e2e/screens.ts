/** Locators for screens, buttons and cards, by the names that a user reads. */
import type { Locator, Page } from 'playwright-core'
import { m } from '../../src/renderer/messages/index.ts'
import type { Driver } from './driver.ts'

export const VIEWS = [
  'Import',
  'Clean',
  'Overview',
  'Review',
  'Audit',
  'Errors',
  'Slices',
  'Map',
  'Train',
  'Thresholds',
  'Try',
  'Export',
  'Report',
  'History',
  'Settings',
] as const
export type View = (typeof VIEWS)[number]

export interface Screens {
  readonly page: () => Page
  readonly go: (view: View) => Promise<void>
  readonly button: (name: string | RegExp) => Locator
  readonly menuItem: (name: string) => Locator
  readonly card: (name: string) => Locator
  readonly dialog: (name: string) => Locator
  /** Chooses files on the Import screen. */
  readonly choose: (files: Parameters<Locator['setInputFiles']>[0]) => Promise<void>
}
export function screens(driver: () => Driver): Screens {
  const page = (): Page => driver().page
  return {
    page,
    go: async (view) => {
      await page().getByRole('navigation', { name: m.shell.screens }).getByRole('link', { name: view }).click()
      await page().getByRole('heading', { level: 1, name: view }).waitFor({ state: 'attached' })
    },
    button: (name) => page().getByRole('button', { name, exact: typeof name === 'string' }),
    menuItem: (name) => page().getByRole('menuitem', { name, exact: true }),
    card: (name) => page().getByRole('region', { name, exact: true }),
    dialog: (name) => page().getByRole('dialog', { name, exact: true }),
    choose: (files) => page().getByLabel(m.import.drop.input, { exact: true }).setInputFiles(files),
  }
}
