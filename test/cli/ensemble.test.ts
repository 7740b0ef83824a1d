/** Ensembles on the command line: real trainings, combined, predicting a typed plot, explained, and refused with a reason. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Explanation, RunInfo, TextPrediction } from '../../src/contract/records.ts'
import { CommandLine } from '../support/command-line.ts'
import { root } from '../support/paths.ts'

const cli = new CommandLine()
const P = join(cli.folder, 'Both.reel')
const QUICK = ['--folds', '2', '--char-ngrams', 'none']

test('two runs are combined; the ensemble predicts, explains and is combined again', async () => {
  await cli.text('import', P, join(root, 'resources/sample/movies.csv'))
  await cli.text('train', P, ...QUICK)
  await cli.text('train', P, ...QUICK, '--ratio-share', '0', '--bayes-weight', '0')
  const run = await cli.json<RunInfo>('train', P, '--runs', '1,2', '--how', 'stack')
  expect(run).toMatchObject({ id: 3, name: 'Ensemble of runs 1, 2', status: 'done', genres: { length: 19 } })
  expect(run.config).toMatchObject({ family: 'ensemble', runs: [1, 2], how: 'stack', reads: 'title-plot' })
  expect(run.summary!.microF1).toBeGreaterThan(0.3)
  await cli.text('runs', P, '--restore', '3')

  const text = 'A haunted house, a ghost and a killer in the cellar.'
  const [said] = await cli.json<TextPrediction[]>('predict', P, '--text', text, '--run', '3')
  expect([said!.family, said!.problem, said!.genres.length]).toEqual(['ensemble', null, 19])
  expect(await cli.text('show', P, 'm001', '--genre', 'Horror')).toMatch(/^Horror \(.*\): \w/m)

  // what each member says of a word adds up to the word's contribution, and all words to the logit
  const { explanations } = await cli.json<{ explanations: Explanation[] }>('show', P, 'm001', '--genre', 'Horror')
  const { terms, rest, intercept, logit, members } = explanations[0]!
  expect(members).toEqual([1, 2])
  for (const { contribution, shares } of terms) expect(shares!.reduce((a, b) => a + b)).toBeCloseTo(contribution, 9)
  expect(terms.reduce((sum, { contribution }) => sum + contribution, rest + intercept)).toBeCloseTo(logit, 6)
  expect(terms.some(({ shares }) => shares!.every((share) => share !== 0))).toBe(true)
  expect(await cli.text('show', P, 'm001', '--genre', 'Horror', '--by-member')).toMatch(/word +sum +run 1 +run 2\n/)

  const again = await cli.json<RunInfo>('retrain', P)
  expect(again).toMatchObject({ id: 4, parent: 3, config: { family: 'ensemble', runs: [1, 2], how: 'stack' } })
  expect(await cli.text('runs', P)).toContain('stack of runs 1, 2')
}, 120_000)

test.each([
  [['--runs', '1'], 3, 'An ensemble combines at least two finished runs'],
  [['--runs', '1,9'], 3, 'no run 9'],
  [['--runs', '1,3'], 3, 'Run 3 is an ensemble itself'],
  [['--runs', '1,2', '--c', '2'], 2, '--c is of the linear family, --runs is not'],
])(
  'train %j is refused, and leaves no run',
  async (args, code, says) => {
    const ended = await cli.run(['train', P, ...args])
    expect([ended.code, ended.err.includes(says), ended.err]).toEqual([code, true, ended.err])
    expect(await cli.json<RunInfo[]>('runs', P)).toHaveLength(4)
  },
  60_000,
)

test('runs that read different texts are not combined, and a deleted member is named', async () => {
  await cli.text('train', P, ...QUICK, '--reads', 'plot')
  expect((await cli.run(['train', P, '--runs', '1,5'])).err).toContain('Runs 1 and 5 read different texts of a movie')
  await cli.text('runs', P, '--delete', '2')
  const [said] = await cli.json<TextPrediction[]>('predict', P, '--text', 'A war.', '--run', '3')
  expect(said!.problem).toContain('Run 2, a member of this ensemble, was deleted')
}, 120_000)
