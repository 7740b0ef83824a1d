import { expect, test } from 'vitest'
import { DEFAULTS, type SettingsInfo, type WindowState } from '../../src/contract/settings.ts'
import type { ProjectApi } from '../../src/renderer/stores/project-api.ts'
import { SettingsStore } from '../../src/renderer/stores/settings.svelte.ts'

test('a value that the window keeps is not replaced by an older one that an event brings before the engine has the new one', async () => {
  let emit: (state: WindowState) => void = () => undefined
  const waiting: (() => void)[] = []
  const api = {
    on: (_: 'settings', listener: (info: SettingsInfo) => void) => {
      emit = (state) => listener({ settings: DEFAULTS, state } as SettingsInfo)
    },
    ask: () => new Promise<void>((resolve) => waiting.push(resolve)),
  } as unknown as ProjectApi
  const settings = new SettingsStore(api)
  const isNumber = (value: unknown): value is number => typeof value === 'number'
  const width = () => settings.recall('width', isNumber, 0)
  emit({ width: 100 })
  void settings.remember('view', 'review')
  const kept = settings.remember('width', 196)
  // the event about the view
  emit({ view: 'review', width: 100 })
  expect(width()).toBe(196)
  waiting.forEach((resolve) => resolve())
  await kept
  // another window
  emit({ view: 'review', width: 240 })
  expect(width()).toBe(240)
})
