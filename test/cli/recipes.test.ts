/** Recipes on the command line, with the sample. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RecipeFile, RecipeReport } from '../../src/contract/recipe-files.ts'
import { CommandLine } from '../support/command-line.ts'
import { root } from '../support/paths.ts'

const cli = new CommandLine()
const P = join(cli.folder, 'Sample.reel')
const mine = join(cli.folder, 'mine.json')

test('recipes are listed, explained, and printed as files', async () => {
  const names = (await cli.json<readonly RecipeFile[]>('recipe', 'list')).map(({ name }) => name)
  expect(names).toContain('popular-distilbert')
  expect(await cli.text('recipe', 'show', 'popular-distilbert')).toMatch(/ {2}Split: 70% to train, 20% to validate, 10% to test/)
  const recipe = await cli.json<RecipeFile>('recipe', 'show', 'rare-genres')
  const models = recipe.models.filter(({ name }) => name === 'TF-IDF' || name === 'SMOTE')
  writeFileSync(mine, JSON.stringify({ ...recipe, name: 'mine', models }))
  const { code, err } = await cli.run(['recipe', 'show', 'nothing'])
  expect([code, err]).toEqual([3, expect.stringMatching(/no recipe and no file "nothing": recipes are letterboxd-bert, /)])
})

let report: RecipeReport
test('a recipe of a file runs on a project; predictions are written', async () => {
  await cli.text('import', P, join(root, 'resources/sample/movies.csv'), '--seed', '1')
  const csv = join(cli.folder, 'out.csv')
  report = await cli.json<RecipeReport>(
    'recipe',
    'run',
    mine,
    P,
    '--set',
    'sample.movies=200',
    '--set',
    'split.seed=7',
    '--predictions',
    csv,
  )
  expect([report.recipe.sample.movies, report.recipe.split.seed, report.rows.afterRules > 200]).toEqual([200, 7, true])
  const f1 = report.results.filter(({ model }) => model === 'TF-IDF').map(({ figures }) => figures!.f1_micro)
  expect(f1[0]).toBeGreaterThan(0.3)
  expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(2 + 2 * report.rows.parts.test.length)
})

test('the project keeps the report; a wrong parameter is refused', async () => {
  expect(await cli.json('recipe', 'reports', P)).toEqual([report])
  expect(await cli.text('recipe', 'reports', P)).toMatch(/SMOTE against TF-IDF: micro-F1 /)
  const { code, err } = await cli.run(['recipe', 'run', mine, P, '--set', 'sample.movies=some'])
  expect([code, err]).toEqual([2, expect.stringMatching(/--set sample\.movies=some: write PATH=NUMBER with a path of sample\.movies, /)])
})
