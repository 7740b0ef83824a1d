import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DecisionsPlan } from '../../src/contract/people.ts'
import { CommandLine } from '../support/command-line.ts'
import { tinyProject } from '../support/project.ts'

const cli = new CommandLine()

test('two people decide on copies, and the copies are merged', async () => {
  const mine = await tinyProject(cli.folder, ['a: Drama', 'b: Comedy', 'c: War, Drama', 'd: Western'])
  const theirs = join(cli.folder, 'theirs.reel')
  copyFileSync(mine, theirs)
  await cli.text('label', mine, 'b', '+Drama', '--by', 'ann')
  await cli.text('label', theirs, 'b', '--keep', 'Drama', '--by', 'bo')
  const plan = await cli.json<DecisionsPlan>('merge', mine, theirs, '--dry-run')
  expect(plan).toMatchObject({ common: 0, own: 1, added: 1, people: [{ who: 'bo' }], conflicts: [{ newest: 'theirs' }] })
  const refused = await cli.run(['merge', mine, theirs])
  expect([refused.code, refused.err]).toEqual([3, expect.stringMatching(/1 conflict:\n.*\nb +Title b +Drama +yes, keep \(ann, .*\) +no, keep \(bo, .*\) +theirs\nNothing was changed: say who decides with --conflicts/)]) // prettier-ignore

  const file = join(cli.folder, 'choices.json')
  const ask = ['merge', mine, theirs, '--conflicts', 'ask-file', file]
  expect((await cli.run(ask)).err).toMatch(/1 conflict written to .*choices\.json: set "choose"/)
  expect((await cli.run(ask)).err).toMatch(/1 conflict, 1 without a choice/)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"choose": null', '"choose": "mine"'))
  expect(await cli.text(...ask, '--by', 'ann')).toMatch(/1 decision of theirs added, 1 conflict decided\.\n$/)
  expect(await cli.text('merge', mine, theirs, '--into', theirs, '--conflicts', 'newest')).toMatch(/2 decisions of tiny added/)
  expect(await cli.text('list', theirs, '--where', 'genre:Drama')).toMatch(/b +Title b +Comedy, Drama/)
  expect((await cli.run(['merge', mine, theirs, '--into', join(cli.folder, 'x.reel')])).err).toMatch(/choose one of the two/)
}, 300_000)

test('disputes are listed and settled', async () => {
  const P = await tinyProject(cli.folder, ['a: Drama', 'b: Comedy'], 'disputes')
  await cli.text('label', P, 'b', '+Drama', '--by', 'ann')
  await cli.text('label', P, 'b', '-Drama', '--by', 'bo', '--why', 'not serious')
  expect(await cli.text('disputes', P)).toMatch(/b +Title b +Drama +\d+% +ann +yes\n +bo +no +not serious\n1 movie with a dispute/)
  expect((await cli.run(['disputes', P, '--settle', 'b', '--genre', 'Drama'])).err).toMatch(/either --yes or --no/)
  expect(await cli.text('disputes', P, '--settle', 'b', '--genre', 'drama', '--no', '--why', 'agreed', '--by', 'cy')).toMatch(/^Settled: Title b: -Drama/) // prettier-ignore
  expect(await cli.text('disputes', P)).toBe('No dispute is open.\n')
}, 120_000)

test('movies are shared out, progress is shown, and who decides blind sees only own decisions', async () => {
  const P = await tinyProject(cli.folder, ['a: Drama', 'b: Comedy', 'c: War', 'd: War'], 'assigned')
  expect(await cli.text('assign', P)).toBe('No movie is assigned.\n')
  const shared = ['assign', P, '--to', 'ann, bo', '--where', 'NOT id:d', '--overlap', '1']
  expect(await cli.text(...shared)).toMatch(/3 movies shared out, 3 of them to 2 people each\n.*\nann +3 +0 +3\nbo +3 +0 +3\n/)
  expect((await cli.run(shared)).err).toMatch(/All 3 movies of the filter are assigned already/)
  expect((await cli.run(['assign', P, '--to', 'cy'])).err).toMatch(/2 people cannot decide the same movie: name more people/)
  await cli.text('label', P, 'a', '+War', '--reviewed', '--by', 'ann')
  expect(await cli.json('assign', P)).toEqual([
    { who: 'ann', movies: 3, decided: 1, shared: 3 },
    { who: 'bo', movies: 3, decided: 0, shared: 3 },
  ])
  expect(await cli.text('list', P, '--where', 'todo:ann')).not.toMatch(/Title a/)
  expect(await cli.text('assign', P, '--to', 'cy', '--overlap', '0', '--open')).toMatch(/1 movie shared out.*; 3 were assigned already/)
  expect(await cli.text('assign', P, '--clear')).toBe('No movie is assigned any more.\n')
  expect(await cli.json('assign', P)).toEqual([])
}, 120_000)

test('a name and a way to decide are checked', async () => {
  const [name, way] = await Promise.all([
    cli.run(['label', 'x.reel', 'b', '+War', '--by', ' ']),
    cli.run(['merge', 'x.reel', 'y.reel', '--conflicts', 'perhaps']),
  ])
  expect([name.code, way.code, way.err]).toEqual([2, 2, expect.stringMatching(/write mine, theirs, newest or ask-file FILE/)])
}, 120_000)
