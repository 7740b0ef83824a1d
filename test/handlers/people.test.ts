import { copyFileSync, readdirSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DecisionsPlan } from '../../src/contract/people.ts'
import { Bench, codeOf, finished, scratch, tinyProject } from '../support/project.ts'
import type { ArgsIn } from '../../src/contract/api.ts'

const MOVIES = ['a: Drama', 'b: Comedy', 'c: War, Drama', 'd: Western']

const by = (b: Bench, annotator: string) => b.call('settings.set', { values: { annotator } })

/** Two copies of a project, in which ann and bo have decided apart after a decision in common. */
async function copies(): Promise<readonly [Bench, Bench]> {
  const ann = await Bench.open(MOVIES)
  await by(ann, 'base')
  await ann.decide('a', '+War')
  const path = join(scratch(), 'bo.reel')
  expect(await ann.job(() => ann.call('project.copy', { path }))).toMatchObject({ state: 'done' })
  const bo = await Bench.on(scratch(), path)
  await by(ann, 'ann')
  await by(bo, 'bo')
  return [ann, bo]
}
const compare = async (b: Bench, other: string): Promise<DecisionsPlan> => {
  const end = await b.job(() => b.call('people.compare', { path: other }))
  expect([end.state, end.message]).toEqual(['done', end.message])
  return (await b.call('people.plan', {}))!
}
const merge = (b: Bench, { token }: DecisionsPlan, rule: ArgsIn<'people.merge'>['rule'], choices: ArgsIn<'people.merge'>['choices'] = []) =>
  b.job(() => b.call('people.merge', { token, rule, choices }))
const logOf = async (b: Bench) =>
  (await b.call('labels.history', { limit: 100 })).toReversed().map((e) => `${e.who}: ${e.key} ${e.genre ?? ''} ${e.field} ${e.to}`)

test('decisions enter the log under the name in the settings, else under the name of the user', async () => {
  const b = await Bench.open(MOVIES)
  await b.decide('a', '+War')
  await by(b, 'Ann B.')
  await b.decide('b', '+War')
  await b.call('labels.undo', {})
  const people = (await b.call('labels.history', { limit: 10 })).map((e) => e.who)
  const [undone, first] = [people[0], people.at(-1)]
  expect(undone).toBe('Ann B.')
  expect(first).not.toBe('Ann B.')
  expect(first).not.toBe('')
  expect(await codeOf(() => by(b, 'a\nb'))).toBe('bad-arguments')
  expect(await codeOf(() => b.call('labels.apply', { changes: [], why: 'merge: rule' }))).toBe('bad-arguments')
})

test('the decisions of another copy are shown, then added with their people and times, and can be undone', async () => {
  const [ann, bo] = await copies()
  await ann.decide('b', '+Drama')
  await bo.decide('c', '-War', 'note by bo')
  await bo.decide('d', 'reviewed')
  await bo.call('labels.undo', {})
  const theirs = await bo.call('labels.history', { limit: 100 })
  const plan = await compare(ann, bo.path)
  expect(plan).toMatchObject({ name: 'bo', common: 1, own: 1, added: 3, movies: 2, notes: 0, conflicts: [], warnings: [] })
  expect(plan.people).toEqual([{ who: 'bo', batches: 3, changes: 5 }])
  const backups = ann.path.replace(/\.reel$/, '.backups')
  expect(await merge(ann, plan, null)).toMatchObject({ state: 'done', message: '3 decisions of bo added.' })
  expect(readdirSync(backups)).toEqual([expect.stringMatching(/before-merge/)])
  expect([await ann.labels('b'), await ann.labels('c')]).toEqual(['Comedy, Drama', 'Drama'])
  const [last] = await ann.call('labels.history', { limit: 1 })
  expect(last).toMatchObject({ who: 'bo', at: theirs[0]!.at, key: 'd', field: 'reviewed', to: '0' })
  // the undone decision is in the same place of the chain
  expect(await ann.call('labels.state', {})).toMatchObject({ undo: 'Title c: -War, note' })
  await ann.call('labels.undo', {})
  expect(await ann.labels('c')).toBe('Drama, War')
  expect(await compare(ann, bo.path)).toMatchObject({ common: 4, own: 2, added: 0, conflicts: [] })
  await ann.restart()
  expect(await ann.labels('b')).toBe('Comedy, Drama')
})

test('conflicts are decided by a rule or one by one, and both copies agree afterwards', async () => {
  const [ann, bo] = await copies()
  await ann.decide('b', '+Drama', 'note from ann')
  await ann.decide('c', 'impossible War')
  await bo.decide('b', 'keep Drama', 'note from bo')
  await bo.decide('c', '-War')
  const [before, original] = [await logOf(ann), join(scratch(), 'original.reel')]
  expect(await ann.job(() => ann.call('project.copy', { path: original }))).toMatchObject({ state: 'done' })
  const plan = await compare(ann, bo.path)
  expect(plan.conflicts.map((c) => [c.title, c.place.genre, c.mine.values, c.theirs.values, c.newest])).toEqual([
    ['Title b', 'Drama', { label: '1', verdict: 'keep' }, { label: '0', verdict: 'keep' }, 'theirs'],
    ['Title c', 'War', { label: '1', verdict: 'impossible' }, { label: '0', verdict: 'keep' }, 'theirs'],
  ])
  expect(plan.notes).toBe(1)
  expect(await codeOf(() => ann.call('people.merge', { token: plan.token, rule: null, choices: [{ conflict: 0, side: 'mine' }] }))).toBe(
    'undecided',
  )
  expect(await logOf(ann)).toEqual(before)
  expect(await merge(ann, plan, 'newest', [{ conflict: 1, side: 'mine' }])).toMatchObject({
    state: 'done',
    message: '2 decisions of bo added, 2 conflicts decided, 1 note joined.',
  })
  expect([await ann.labels('b'), await ann.labels('c')]).toEqual(['Comedy', 'Drama, War'])
  expect((await ann.call('review.movie', { movie: await ann.movie('b') })).note).toBe('from ann\n\nfrom bo')
  expect((await logOf(ann)).slice(0, before.length)).toEqual(before)
  // the other way round, the choice is known and nothing is a conflict of the newest decisions
  expect(await merge(bo, await compare(bo, ann.path), 'newest')).toMatchObject({ state: 'done' })
  for (const b of [ann, bo]) {
    expect([await b.labels('b'), await b.labels('c')]).toEqual(['Comedy', 'Drama, War'])
    expect((await b.call('review.movie', { movie: await b.movie('b') })).note).toBe('from ann\n\nfrom bo')
  }
  expect(await compare(ann, bo.path)).toMatchObject({ added: 0 })
  expect(await compare(bo, original)).toMatchObject({ added: 0 })
  // the choice of a conflict can be undone
  await ann.call('labels.undo', {})
  expect(await ann.labels('c')).toBe('Drama')
})

test('agreement is computed over cells that both decided apart, also after a merge', async () => {
  const [ann, bo] = await copies()
  expect(await ann.call('people.agreement', {})).toMatchObject({ pairs: [], people: [{ who: 'base', movies: 1 }] })
  await ann.decide('b', '+Drama')
  await ann.decide('c', 'keep War')
  await ann.decide('d', 'reviewed')
  await bo.decide('b', 'keep Drama')
  await bo.decide('c', '-War')
  await bo.decide('d', 'reviewed')
  await merge(ann, await compare(ann, bo.path), 'newest')
  const found = await ann.call('people.agreement', {})
  expect(found.pairs).toHaveLength(1)
  expect(found.pairs[0]).toMatchObject({ people: ['ann', 'bo'], movies: 3 })
  expect(found.pairs[0]!.genres.map((g) => [g.genre, g.n, g.differ])).toEqual([
    ['Comedy', 1, 0],
    ['Drama', 2, 1],
    ['War', 2, 1],
    ['Western', 1, 0],
  ])
  expect(found.disputed).toBe(2)
  expect(found.alpha).toEqual({ movies: 1, value: null })
})

test('disputes are listed with both sides, and settled by a decision with its reason', async () => {
  const b = await Bench.open(MOVIES)
  await by(b, 'ann')
  await b.decide('b', '+Drama')
  await b.decide('d', 'reviewed')
  expect((await b.call('people.disputes', {})).total).toBe(0)
  await by(b, 'bo')
  await b.decide('b', 'note The plot says nothing of it.')
  await b.apply([{ ...(await b.change(await b.movie('b'), '-Drama')) }])
  await b.decide('d', '+War')
  const listed = async (where: string): Promise<string[]> => {
    const { movies } = await b.call('review.query', { where, sort: 'file' })
    return (await b.call('review.rows', { movies: [...movies] })).map(({ key }) => key)
  }
  expect([await listed('disputed:yes'), await listed('disputed:no')]).toEqual([['b', 'd'], ['a', 'c']]) // prettier-ignore
  const { total, movies } = await b.call('people.disputes', { where: 'genre:Comedy' })
  expect([total, movies[0]!.key, movies[0]!.disputes.map((d) => d.name)]).toEqual([1, 'b', ['Drama']])
  expect(movies[0]!.disputes[0]!.opinions).toMatchObject([
    { who: 'ann', has: true, between: false, note: '' },
    { who: 'bo', has: false, note: 'The plot says nothing of it.' },
  ])
  expect((await b.call('review.movie', { movie: await b.movie('d') })).disputes.map((d) => d.name)).toEqual(['War'])

  await by(b, 'cy')
  const [movie, drama, war] = [await b.movie('b'), await b.genre('Drama'), await b.genre('War')]
  // the label stays as it is, and is decided all the same
  expect(await b.call('labels.adjudicate', { movie, genre: drama, has: false, reason: 'nothing in the plot' })).toMatchObject({ batch: 6 })
  expect(await listed('disputed:yes')).toEqual(['d'])
  expect((await b.call('labels.history', { limit: 1 }))[0]).toMatchObject({ who: 'cy', why: 'adjudication: nothing in the plot' })
  expect(await codeOf(() => b.call('labels.adjudicate', { movie, genre: drama, has: true }))).toBe('no-dispute')
  await b.call('labels.adjudicate', { movie: await b.movie('d'), genre: war, has: false })
  expect([await b.labels('d'), await listed('disputed:yes')]).toEqual(['Western', []])
  expect(await b.call('people.agreement', {})).toMatchObject({ disputed: 0, people: [{ who: 'ann' }, { who: 'bo' }] })
  // who decides otherwise afterwards opens it again, against who settled it
  await by(b, 'ann')
  await b.apply([{ field: 'label', movie, genre: drama, to: true }])
  const [again] = (await b.call('people.disputes', {})).movies
  expect(again!.disputes[0]!.opinions).toMatchObject([
    { who: 'cy', between: true, has: false, reason: 'nothing in the plot' },
    { who: 'ann', between: false, has: true },
  ])
  await b.call('labels.undo', {})
  await b.call('labels.undo', {})
  expect(await listed('disputed:yes')).toEqual(['d'])
  expect(await codeOf(() => b.call('labels.apply', { changes: [{ field: 'flagged', movie, to: true }], why: 'adjudication: x' }))).toBe('bad-arguments') // prettier-ignore
})

test('the consensus weighs people and the model', async () => {
  const b = await Bench.open(['a: Drama', 'b: Comedy', 'c: Drama', 'd: Comedy', 'e: Drama, Comedy'])
  expect((await b.train()).state).toBe('done')
  for (const who of ['ann', 'bo', 'cy']) {
    await by(b, who)
    for (const key of ['a', 'b', 'c', 'd']) await b.decide(key, 'reviewed no', 'reviewed')
  }
  await b.decide('e', 'keep Drama')
  await by(b, 'ann')
  await b.apply([await b.change(await b.movie('e'), '-Drama')])
  const [dispute] = (await b.call('review.movie', { movie: await b.movie('e') })).disputes
  expect(dispute!.opinions.map((o) => [o.who, o.has])).toEqual([['ann', false], ['cy', true]]) // prettier-ignore
  // the model, which agrees with everybody, says that it has the genre
  expect(dispute!.consensus).toBeGreaterThan(0.5)
})

test('a comparison is void after another decision', async () => {
  const [ann, bo] = await copies()
  await bo.decide('c', '-War')
  const plan = await compare(ann, bo.path)
  await ann.decide('d', '+War')
  expect(await ann.call('people.plan', {})).toBeNull()
  expect(await codeOf(() => ann.call('people.merge', { token: plan.token, rule: 'newest' }))).toBe('no-comparison')
})

test('a merge that fails on the way changes nothing', async () => {
  const [ann, bo] = await copies()
  await bo.decide('c', '-War')
  await bo.decide('c', '+Comedy')
  const plan = await compare(ann, bo.path)
  const before = await logOf(ann)
  // a backup would refuse the trigger
  await ann.call('backups.set', { automatic: false })
  const db = new Database(ann.path)
  db.exec("create trigger no_second before insert on batch when (select count(*) from batch) >= 2 begin select raise(abort, 'no'); end")
  const end = await merge(ann, plan, 'newest')
  db.exec('drop trigger no_second')
  db.close()
  expect(end.state).toBe('failed')
  expect(await logOf(ann)).toEqual(before)
  await ann.restart()
  expect([await logOf(ann), await ann.labels('c')]).toEqual([before, 'Drama, War'])
})

test.each([
  ['itself', 'same-project', (b: Bench) => b.path],
  ['a file that is not there', 'no-project', () => join(scratch(), 'none.reel')],
  [
    'another kind of file',
    'not-a-project',
    () => {
      const path = join(scratch(), 'text.reel')
      writeFileSync(path, 'A text that is no database, and long enough to be more than a header of one. '.repeat(20))
      return path
    },
  ],
  ['another catalogue', 'another-catalogue', () => tinyProject(scratch(), ['a: Drama', 'b: War', 'x: Drama', 'c: War, Drama'])],
  ['a newer version', 'project-newer', (b: Bench) => changed(b, (db) => db.pragma('user_version = 99'))],
  ['a file with a table of its own', 'project-damaged', (b: Bench) => changed(b, (db) => db.exec('create table extra (x)'))],
  [
    'a decision that Reelabel never writes',
    'project-damaged',
    (b: Bench) => changed(b, (db) => db.exec("insert into batch (at, who, why, description) values ('yesterday', 'x', '', ''); ")),
  ],
  [
    'a value that Reelabel never writes',
    'project-damaged',
    (b: Bench) =>
      changed(b, (db) =>
        db.exec(`insert into batch (at, who, why, description) values ('2026-11-01T10:00:00.000Z', 'x', '', '');
          insert into change (batch, movie, genre, field, was, becomes) values (last_insert_rowid(), 1, 1, 'label', '0', 'perhaps')`),
      ),
  ],
])('%s is refused', async (_, code, make) => {
  const b = await Bench.open(MOVIES)
  const path = await make(b)
  expect(await finished(b.engine, () => b.call('people.compare', { path }))).toMatchObject({ state: 'failed', code })
  if (code === 'another-catalogue')
    expect((await finished(b.engine, () => b.call('people.compare', { path }))).message).toBe(
      'tiny.reel holds another catalogue. Movies: 1 only in this project (d “Title d”); 1 only in the other (x “Title x”); 1 with another title, plot or genres (b “Title b”), and they were imported from different files. Decisions can be merged between copies of one project: update the older copy from the newer files first, or merge the copy that was made of this project.',
    )
})

function changed(b: Bench, change: (db: Database.Database) => void): string {
  const path = join(scratch(), 'copy.reel')
  const open = new Database(b.path)
  open.pragma('wal_checkpoint(truncate)')
  open.close()
  copyFileSync(b.path, path)
  const db = new Database(path)
  db.pragma('journal_mode = delete')
  change(db)
  db.close()
  return path
}
