import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CommandLine } from '../support/command-line.ts'
import { tinyProject } from '../support/project.ts'

const cli = new CommandLine()

test('a codebook is set from a file, shown, exported, and kept in versions', async () => {
  const P = await tinyProject(cli.folder, ['a: Drama', 'b: Western'])
  const file = join(cli.folder, 'codebook.json')
  expect(await cli.text('codebook', P)).toBe('The codebook is empty.\n')
  writeFileSync(file, JSON.stringify({ codebook: [{ genre: 'Western', definition: 'Cowboys.', implies: ['Drama'] }] }))
  expect(await cli.text('codebook', P, '--set', file, '--by', 'ann')).toBe('New versions: Western.\n')
  expect(await cli.text('codebook', P)).toMatch(/Western +1 +0 +1 +Western implies Drama +Cowboys\.\n/)
  expect(await cli.json('codebook', P, '--versions', 'western')).toMatchObject([{ version: 1, who: 'ann' }])
  const out = join(cli.folder, 'out.json')
  expect(await cli.text('codebook', P, '--export', out)).toMatch(/^1 entry written/)
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
    codebook: [{ genre: 'Western', definition: 'Cowboys.', examples: [], counterExamples: [], parent: null, implies: ['Drama'], excludes: [] }], // prettier-ignore
  })
  expect(await cli.text('codebook', P, '--set', out)).toMatch(/^Nothing differs/)
  writeFileSync(file, '{"codebook": [{"genre": "Western", "define": "x"}]}')
  expect((await cli.run(['codebook', P, '--set', file])).err).toMatch(/codebook\.json is not a codebook: codebook\.0: .*define/)
}, 120_000)
