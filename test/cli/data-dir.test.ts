import { expect, test } from 'vitest'
import { defaultDataDir, type Surroundings } from '../../src/main/cli/with-engine.ts'

const at = (platform: string, env: Surroundings['env'] = {}): string =>
  defaultDataDir({ platform, env, home: platform === 'win32' ? 'C:\\Users\\ada' : '/home/ada' })

test.each([
  ['linux', {}, '/home/ada/.local/share/reelabel'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/reelabel'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/ada/.local/share/reelabel'],
  ['freebsd', {}, '/home/ada/.local/share/reelabel'],
  ['darwin', {}, '/home/ada/Library/Application Support/Reelabel'],
  ['win32', {}, 'C:\\Users\\ada\\AppData\\Roaming\\Reelabel'],
  ['win32', { APPDATA: 'D:\\Roaming' }, 'D:\\Roaming\\Reelabel'],
  ['linux', { REELABEL_DATA: '/elsewhere' }, '/elsewhere'],
  ['win32', { REELABEL_DATA: 'E:\\x' }, 'E:\\x'],
])('%s %o', (platform, env, expected) => expect(at(platform, env)).toBe(expected))
