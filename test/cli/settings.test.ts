import { expect, test } from 'vitest'
import { DEFAULTS } from '../../src/contract/settings.ts'
import { CommandLine } from '../support/command-line.ts'

const cli = new CommandLine()

test('settings are changed, listed, read and reset from the command line', async () => {
  expect(await cli.json('settings', 'set', 'trainingThreads', '4')).toBe(4)
  expect(await cli.text('settings', 'set', 'theme', 'dark')).toBe('theme: dark\n')
  expect(await cli.text('settings', 'get', 'theme')).toBe('dark\n')
  expect(await cli.text('settings', 'list')).toMatch(/trainingThreads\s+4\s+null/)
  expect(await cli.json('settings', 'reset', 'theme')).toEqual({ ...DEFAULTS, trainingThreads: 4 })
}, 180_000)
test.each([
  [['settings', 'set', 'hourlyBackups', '0'], '--hourly-backups: Too small'],
  [['settings', 'get', 'colour'], 'choose one of theme, density'],
])(
  '%j is refused',
  async (args, why) => {
    const { code, err } = await cli.run(args)
    expect([code, err]).toEqual([2, expect.stringContaining(why)])
  },
  180_000,
)
