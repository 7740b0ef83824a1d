import { dirname, join } from 'node:path'
import pkg from '../../../package.json' with { type: 'json' }
import type { ProgramFolder, SettingsInfo, SETTINGS_METHODS, UpdateCheck } from '../../contract/settings.ts'
import { isAfter, newestVersion } from '../services/newest-version.ts'
import type { Context, Handlers } from './context.ts'

export function settingsHandlers(c: Context): Handlers<typeof SETTINGS_METHODS> {
  return {
    'settings.get': () => infoOf(c),
    'settings.set': async ({ values, reset }) => {
      await c.settings.set(values, reset)
      return settingsChanged(c)
    },
    'settings.checkForUpdates': () => checkForUpdates(c),
    'settings.remember': async ({ state }) => {
      await c.settings.remember(state)
      return settingsChanged(c)
    },
  }
}

async function checkForUpdates({ settings, library }: Context): Promise<UpdateCheck> {
  const { version } = pkg
  const { updateAddress } = settings.settings
  if (updateAddress === '') return { version, newest: null, isNewer: false }
  const newest = await newestVersion(updateAddress, () => library.assertOnline())
  return { version, newest, isNewer: isAfter(newest, version) }
}

function infoOf(c: Context): SettingsInfo {
  const { settings, state, path, problem } = c.settings
  return { settings, state, file: path, problem, folders: folders(c) }
}
/** Tells all clients that the file of settings has changed. */
export function settingsChanged(c: Context): SettingsInfo {
  const now = infoOf(c)
  c.emit('settings', now)
  return now
}

const folders = ({ settings, projects, library, places }: Context): ProgramFolder[] => {
  const data = dirname(settings.path)
  return [
    { id: 'projects', path: projects.dir },
    { id: 'deleted', path: projects.deleted },
    { id: 'models', path: library.dir },
    { id: 'runs', path: join(data, 'runs') },
    { id: 'cache', path: places.cacheFolder },
    { id: 'data', path: data },
  ]
}
