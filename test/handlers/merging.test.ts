import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { MergePlan } from '../../src/contract/merging.ts'
import { Bench, codeOf, csvOf, exportOf, tinyProject } from '../support/project.ts'

const OLD = ['a: Drama', 'b: Comedy', 'c: War, Drama', 'd: Western']

/** Stages lines as an update of the bench's project. */
async function staged(b: Bench, lines: readonly string[], name = 'new.csv'): Promise<MergePlan> {
  const path = join(b.folder, name)
  writeFileSync(path, csvOf(lines))
  const end = await b.job(() => b.engine.call('merge.stage', { paths: [path], mapping: MAPPING, format: 'table' }))
  expect([end.state, end.message]).toEqual(['done', end.message])
  return (await b.engine.call('merge.plan', {}))!
}
const MAPPING = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }
const run = (b: Bench, { token }: MergePlan, removed: 'keep' | 'remove' = 'remove') =>
  b.job(() => b.engine.call('merge.run', { token, removed }))

test('an update says what is new, changed, missing and the same, and changes nothing yet', async () => {
  const b = await Bench.open(OLD)
  await b.decide('b', '+Drama')
  await b.decide('d', '+War')
  const before = await b.engine.call('project.info', {})
  const plan = await staged(b, ['a: Drama', 'b: Comedy, Drama', 'c: War || Another plot of c, told at some length.', 'e: War'])
  expect(plan).toMatchObject({ by: 'id', added: 1, changed: 2, removed: 1, same: 1, warnings: [] })
  expect(plan.corrections).toEqual({ kept: 1, onChanged: 1, onRemoved: 1, agreed: 1 })
  expect(plan.examples.added).toMatchObject([{ key: 'e', fields: [] }])
  expect(plan.examples.removed).toMatchObject([{ key: 'd', corrections: 1 }])
  expect(plan.examples.changed.map((m) => [m.key, m.fields.map((f) => f.field), m.corrections])).toEqual([
    ['b', ['genres'], 1],
    ['c', ['plot', 'genres'], 0],
  ])
  expect(plan.examples.changed[0]!.fields).toEqual([{ field: 'genres', was: 'Comedy', becomes: 'Comedy, Drama' }])
  expect(await b.engine.call('project.info', {})).toEqual(before)
})

test('decisions stay on their movies, new movies are added, missing ones are removed and can return', async () => {
  const b = await Bench.open(OLD)
  await b.decide('b', '+War')
  await b.decide('d', '+War')
  const ids = [await b.movie('b'), await b.movie('d')]
  expect(await run(b, await staged(b, ['b: Comedy || A new plot of b that is long enough.', 'a: Drama', 'e: War, Horror']))).toMatchObject({
    state: 'done',
  })
  expect(await b.engine.call('import.report', {})).toMatchObject({ files: [{ name: 'new.csv', records: 3 }], clean: { kept: 3 } })
  expect(await b.labels('b')).toBe('Comedy, War')
  expect(await b.labels('e')).toBe('Horror, War')
  expect(await b.engine.call('project.info', {})).toMatchObject({ kept: 3 })
  expect(await codeOf(() => b.decide('d', '+War'))).toBe('no-movie')
  const text = async (words: string): Promise<number> => (await b.engine.call('review.query', { where: words })).movies.length
  expect([await text('new plot'), await text('plot of b is told')]).toEqual([1, 0])
  await b.restart()
  expect(await run(b, await staged(b, ['b: Comedy', 'd: Western', 'a: Drama, War'], 'third.csv'))).toMatchObject({ state: 'done' })
  expect(await b.labels('d')).toBe('War, Western')
  expect([await b.movie('b'), await b.movie('d')]).toEqual(ids)
  // undo still knows its decisions
  expect(await b.engine.call('labels.undo', {})).toMatchObject({ movies: [ids[1]] })
})

test.each([
  ['remove', ['cleaned.csv'], 'id,title,plot,genres\nb,Title b,The plot of b is told here at some length.,Comedy\n'],
  ['keep', ['cleaned-tiny.csv', 'cleaned-new.csv'], 'id,title,plot,genres\na,Title a,The plot of a is told here at some length.,Drama\n'],
] as const)('an export after an update that says %s about missing movies', async (removed, names, first) => {
  const b = await Bench.open(['a: Drama', 'b: Comedy'])
  await run(b, await staged(b, ['b: Comedy']), removed)
  const files = (await exportOf(b.engine, { what: 'catalogue', path: null })).files
  expect(files.map((f) => f.name)).toEqual(names)
  const bytes = (await b.engine.call('files.get', { file: files[0]!.file!, offset: 0 })).bytes
  expect(new TextDecoder().decode(bytes)).toBe(first)
})

test('without ids movies are matched by title and plot, and namesakes are never guessed', async () => {
  const b = await Bench.open(['x: Drama'])
  const path = join(b.folder, 'old.csv')
  const table = (rows: string[]): string => ['title,plot,genres', ...rows, ''].join('\n')
  const long = (s: string): string => `${s} is a story that is told here at some length.`
  writeFileSync(path, table([`Dune,${long('Old')},Drama`, `Dune,${long('New')},War`, `Heat,${long('Cops')},Crime`]))
  const mapping = { title: 'title', plot: 'plot', genres: 'genres' }
  await b.job(() => b.engine.call('import.run', { paths: [path], name: 'text', mapping, format: 'table' }))
  writeFileSync(path, table([`Heat,${long('Robbers')},Crime`, `Dune,${long('New')},War`, `Dune,${long('Third')},War`]))
  await b.job(() => b.engine.call('merge.stage', { paths: [path], mapping, format: 'table' }))
  const plan = (await b.engine.call('merge.plan', {}))!
  // the third Dune could be the old one with another plot: that cannot be known
  expect(plan).toMatchObject({ by: 'text', same: 1, changed: 1, added: 1, removed: 1 })
  expect(plan.examples.changed[0]).toMatchObject({ title: 'Heat', fields: [{ field: 'plot' }] })
})

test('a new movie gets the split of its table, a copy of an old movie the split of that movie', async () => {
  const b = await Bench.open(['a: Drama | test', 'b: Drama | train', 'c: War | train'])
  await run(
    b,
    await staged(b, [
      'a: Drama | test',
      'b: Drama | train',
      'c: War | train',
      'd: War | test',
      'e: War | train | The plot of a is told here at some length.',
    ]),
  )
  const splits = await b.engine.call('review.rows', { movies: [await b.movie('d')] })
  expect(splits[0]!.split).toBe('test')
  // e repeats a, so cleaning removes it as a duplicate: it appears once the rule is off
  expect((await b.engine.call('project.info', {})).kept).toBe(4)
})

test('predictions of a plot that has changed are no longer shown', async () => {
  const b = await Bench.open([...OLD, 'e: Drama', 'f: War'])
  await b.train()
  await run(b, await staged(b, ['a: Drama', 'b: Comedy || Quite another plot of b, and long enough.', 'c: War, Drama', 'd: Western']))
  const score = async (key: string): Promise<number | null> =>
    (await b.engine.call('review.rows', { movies: [await b.movie(key)] }))[0]!.score
  expect(await score('a')).not.toBe(null)
  expect(await score('b')).toBe(null)
})

test('decisions made during the update are part of it', async () => {
  const b = await Bench.open(OLD)
  const plan = await staged(b, ['a: Drama', 'b: Comedy', 'c: War', 'd: Western'])
  const job = run(b, plan)
  await b.decide('a', '+War')
  expect(await job).toMatchObject({ state: 'done' })
  expect(await b.labels('a')).toBe('Drama, War')
  expect((await b.engine.call('labels.history', {})).filter((h) => h.field === 'label')).toHaveLength(1)
})

test('a genre that only a decision gives stays a genre', async () => {
  const b = await Bench.open(['a: Drama', 'b: War', 'c: Western'])
  await b.decide('a', '+War', '+Western')
  await b.decide('a', '-Western')
  await run(b, await staged(b, ['a: Drama']))
  expect(await b.labels('a')).toBe('Drama, War')
  expect((await b.engine.call('project.info', {})).genres.map((g) => g.name)).toEqual(['Drama', 'War'])
})

test('a cancelled update changes nothing and leaves no file', async () => {
  const b = await Bench.open(OLD)
  const plan = await staged(b, ['a: War'])
  const { job } = await b.engine.call('merge.run', { token: plan.token, removed: 'remove' })
  expect((await b.engine.call('jobs.cancel', { job })).state).toBe('cancelled')
  expect(await b.labels('a')).toBe('Drama')
  expect(readdirSync(b.folder).filter((f) => f.endsWith('.tmp'))).toEqual([])
})

test('while the files of an update are read, no other project is opened', async () => {
  const b = await Bench.open(OLD)
  const other = await tinyProject(b.folder, OLD, 'other')
  const staging = staged(b, OLD)
  expect(await codeOf(() => b.call('project.open', { path: other }))).toBe('busy')
  expect(await staging).toMatchObject({ same: OLD.length })
})

test('an update needs its token, and a table with hardly any known movie causes a warning', async () => {
  const b = await Bench.open(OLD)
  const plan = await staged(b, ['x: Drama', 'y: War'])
  expect(plan.warnings).toEqual([expect.stringMatching(/Only 0 of the project's 4 movies/)])
  await b.engine.call('merge.discard', {})
  expect(await b.engine.call('merge.plan', {})).toBe(null)
  expect(await codeOf(() => b.engine.call('merge.run', { token: plan.token, removed: 'keep' }))).toBe('no-update')
})
