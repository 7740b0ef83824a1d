import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import { required } from '../contract/required.ts'

/** What the choice depends on; tests give their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly home: string
}

const FOLDERS: Readonly<Record<string, (s: Surroundings) => string>> = {
  win32: ({ env, home }) => win32.join(env['APPDATA'] || win32.join(home, 'AppData', 'Roaming'), 'Reelabel'),
  darwin: ({ home }) => posix.join(home, 'Library/Application Support/Reelabel'),
  // the specification says that a relative XDG_DATA_HOME is to be ignored
  linux: ({ env, home }) =>
    posix.join(env['XDG_DATA_HOME']?.startsWith('/') ? env['XDG_DATA_HOME'] : posix.join(home, '.local/share'), 'reelabel'),
}

/** Folder of projects and settings outside Electron (which has its own `userData`). `REELABEL_DATA` overrides it everywhere. */
export function defaultDataDir(s: Surroundings = { env: process.env, platform: process.platform, home: homedir() }): string {
  return s.env['REELABEL_DATA'] || (FOLDERS[s.platform] ?? required(FOLDERS['linux'], 'linux'))(s)
}
