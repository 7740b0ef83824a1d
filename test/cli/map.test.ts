/** The map on the command line, with the sample. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import type { AreaRow } from '../../src/contract/map.ts'
import { CommandLine } from '../support/command-line.ts'
import { root } from '../support/paths.ts'

const cli = new CommandLine()
const P = join(cli.folder, 'Sample.reel')

test('a map has areas and coordinates, and the same seed gives the same', async () => {
  await cli.text('import', P, join(root, 'resources/sample/movies.csv'))
  const [first, second] = ['first.csv', 'second.csv'].map((name) => join(cli.folder, name)) as [string, string]
  const options = ['map', P, '--sample', '100', '--seed', '3']
  const found = await cli.json<{ movies: number; trustworthiness: number; areas: AreaRow[] }>(...options, '--csv', first)
  expect(found.trustworthiness).toBeGreaterThan(0.6)
  expect(found.areas.reduce((sum, { movies }) => sum + movies, 0)).toBe(found.movies)
  const text = await cli.text(...options, '--csv', second)
  expect(text).toMatch(/movies by words, seed 3: UMAP placed 100, the others follow their nearest.*Trustworthiness 0\.\d{3}/)
  expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'))
  const rows = parse<{ id: string; area: string }>(readFileSync(first, 'utf8'), { columns: true })
  expect(rows).toHaveLength(found.movies)
  const { area, movies } = found.areas[0]!
  expect(rows.filter((row) => row.area === String(area))).toHaveLength(movies)
  expect(await cli.json('list', P, '--where', `area:${area}`, '--count')).toMatchObject({ count: movies })
}, 240_000)

test('a file is never replaced', async () => {
  const file = join(cli.folder, 'taken.csv')
  writeFileSync(file, 'mine')
  expect((await cli.run(['map', P, '--csv', file])).err).toMatch(/taken\.csv exists already: choose another name/)
  expect(readFileSync(file, 'utf8')).toBe('mine')
})
