import type { BulkAction } from '../../src/contract/review.ts'
import { expect, onTestFinished, test } from 'vitest'
import { conclude } from '../../src/main/compute/evaluate.ts'
import { answers, Bench, codeOf, start } from '../support/project.ts'

const LINES = ['a: Drama', 'b: Comedy', 'c: Drama, War', 'd: War, Comedy', 'e: Drama | test', 'f: Comedy | test']
const TRAINABLE = LINES.map((l) => (l.includes('|') ? l : `${l} | train`))
/** Changes of the newest batch: `label Drama 1>0`. */
const newest = async (b: Bench): Promise<string[]> => {
  const history = await b.call('labels.history', {})
  return history
    .filter((h) => h.batch === history[0]!.batch)
    .map((h) => [h.field, h.genre, `${h.from}>${h.to}`].filter((x) => x !== null).join(' '))
    .reverse()
}

test.each<[before: string[], decision: string[], log: string[]]>([
  // no suggestion is open, so none is answered
  [[], ['+War'], ['label War 0>1', 'verdict War >keep']],
  [[], ['-Drama', '+Comedy'], ['label Drama 1>0', 'verdict Drama >keep', 'label Comedy 0>1', 'verdict Comedy >keep']],
  [[], ['keep Drama'], ['verdict Drama >keep']],
  [[], ['impossible War'], ['verdict War >impossible']],
  [['impossible War'], ['keep War'], ['verdict War impossible>keep']],
  // taking a decision back takes back what came with it, unless the analyst says otherwise or it came with another decision
  [['impossible War'], ['clear War'], ['verdict War impossible>']],
  [['+War'], ['-War'], ['verdict War keep>', 'label War 1>0']],
  [['+War', 'reviewed'], ['-War'], ['reviewed 1>0', 'verdict War keep>', 'label War 1>0']],
  [['+War', 'note x'], ['-War'], ['label War 1>0']],
  [
    ['+War', 'reviewed'],
    ['-War', 'reviewed'],
    ['verdict War keep>', 'label War 1>0'],
  ],
  [['+War', '-Drama'], ['-War'], ['label War 1>0']],
  [['reviewed'], ['+War'], ['label War 0>1', 'verdict War >keep']],
  [[], ['reviewed'], ['reviewed 0>1']],
  // what is reviewed is not put off any more
  [['skipped', 'flagged'], ['reviewed'], ['reviewed 0>1', 'skipped 1>0']],
  [[], ['skipped', 'flagged'], ['skipped 0>1', 'flagged 0>1']],
  [['flagged'], ['flagged no'], ['flagged 1>0']],
  [[], ['note why not'], ['note >why not']],
  [[], ['-Drama', 'reviewed no'], ['label Drama 1>0', 'verdict Drama >keep']],
  [['keep Drama'], ['-Drama'], ['label Drama 1>0']],
  [['keep Drama'], ['-Drama', 'impossible Drama'], ['label Drama 1>0', 'verdict Drama keep>impossible']],
  // a label that does not change leaves its verdict alone
  [['keep Drama'], ['+Drama', 'note x'], ['note >x']],
])('after %j the decision %j is logged as %j', async (before, decision, log) => {
  const b = await Bench.open(LINES)
  if (before.length > 0) await b.decide('a', ...before)
  const done = await b.decide('a', ...decision)
  expect([await newest(b), done.changes]).toEqual([log, log.length])
})

test('a decision that changes nothing appends nothing', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War', 'note x', 'reviewed')
  const before = await b.call('labels.history', {})
  for (const words of [['+War'], ['+Drama', 'reviewed'], ['note x'], ['clear Comedy']]) {
    const done = await b.decide('a', ...words)
    expect([done.batch, done.changes, done.movies]).toEqual([0, 0, []])
  }
  expect(await b.call('labels.history', {})).toEqual(before)
})

test('a skipped movie is behind the others of every list until it is reviewed, also after a restart; a flag is found again', async () => {
  const b = await Bench.open(LINES)
  const list = async (filter = {}) => {
    const { movies } = await b.call('review.query', { sort: 'file', ...filter })
    return (await b.call('review.rows', { movies: [...movies] })).map(({ key }) => key).join('')
  }
  await b.decide('b', 'skipped')
  await b.decide('a', 'skipped', 'flagged')
  expect([await list(), await list({ descending: true }), await list({ where: 'title' })]).toEqual(['cdefab', 'fedcba', 'cdefab'])
  expect([await list({ where: 'skipped:yes' }), await list({ where: 'flagged:yes' })]).toEqual(['ab', 'a'])
  await b.restart()
  await b.decide('a', 'reviewed')
  expect([await list(), await list({ where: 'flagged:yes' })]).toEqual(['acdefb', 'a'])
  await b.call('labels.undo', {})
  expect(await list()).toBe('cdefab')
})

test('a verdict and a changed label in one request: the later change wins', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', 'keep Drama', '-Drama')
  const drama = (await b.call('review.movie', { movie: await b.movie('a') })).allCells.find((c) => c.name === 'Drama')!
  expect([drama.label, drama.verdict]).toEqual([false, 'keep'])
})

test('undo reverts a request that changed a cell twice', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', 'keep Drama')
  await b.decide('a', '-Drama', 'impossible Drama')
  const drama = async () => (await b.call('review.movie', { movie: await b.movie('a') })).allCells.find((c) => c.name === 'Drama')!
  expect(await drama()).toMatchObject({ label: false, verdict: 'impossible' })
  await b.call('labels.undo', {})
  expect(await drama()).toMatchObject({ label: true, verdict: 'keep' })
  await b.call('labels.redo', {})
  expect(await drama()).toMatchObject({ label: false, verdict: 'impossible' })
})

test('a request with one mistake changes nothing', async () => {
  const b = await Bench.open(LINES)
  const [movie, genre] = [await b.movie('a'), await b.genre('War')]
  const good = { field: 'label', movie, genre, to: true } as const
  expect(await codeOf(() => b.apply([good, { ...good, movie: 999 }]))).toBe('no-movie')
  expect(await codeOf(() => b.apply([good, { ...good, genre: 999 }]))).toBe('no-genre')
  expect(await codeOf(() => b.apply([]))).toBe('bad-arguments')
  expect(await b.labels('a')).toBe('Drama')
  expect(await b.call('labels.state', {})).toEqual({ undo: null, redo: null, corrections: 0, reviewed: 0, newest: 0 })
})

test('a movie that cleaning removed is named by its title and its own id', async () => {
  const b = await Bench.open([...TRAINABLE, 'gone: Drama | train |'])
  const [movie, genre] = [await b.movie('gone'), await b.genre('War')]
  const message = '"Title gone" (gone) was removed by cleaning: switch the rule off to see it.'
  await expect(b.call('review.movie', { movie })).rejects.toMatchObject({ code: 'no-movie', message })
  await expect(b.apply([{ field: 'label', movie, genre, to: true }])).rejects.toMatchObject({ code: 'no-movie', message })
})

test('the undo state describes what will be undone, also after a restart', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War', '-Drama', 'reviewed')
  await b.decide('b', 'impossible Comedy', 'reviewed')
  await b.restart()
  const state = () => b.call('labels.state', {})
  expect(await state()).toEqual({ undo: 'Title b: impossible Comedy', redo: null, corrections: 2, reviewed: 2, newest: 2 })
  await b.call('labels.undo', {})
  expect(await state()).toEqual({
    undo: 'Title a: +War, -Drama',
    redo: 'Title b: impossible Comedy',
    corrections: 2,
    reviewed: 1,
    newest: 3,
  })
  await b.restart()
  const undone = await b.call('labels.undo', {})
  expect([undone.changes, undone.movies, await b.labels('a')]).toEqual([5, [await b.movie('a')], 'Drama'])
  expect(await codeOf(() => b.call('labels.undo', {}))).toBe('nothing-to-undo')
  await b.restart()
  await b.call('labels.redo', {})
  expect(await b.labels('a')).toBe('War')
  await b.decide('c', 'reviewed')
  expect(await codeOf(() => b.call('labels.redo', {}))).toBe('nothing-to-redo')
  expect((await b.call('labels.history', { limit: 2 })).length).toBe(2)
})

test('the history says who made a decision, when, why and on which suggestion', async () => {
  const b = await Bench.open(TRAINABLE)
  await b.train()
  const changes = [await b.change(await b.movie('a'), '+War')]
  await b.call('labels.apply', { changes, why: 'it says so', suggestion: true })
  const [, label] = await b.call('labels.history', {})
  expect(label).toMatchObject({ key: 'a', title: 'Title a', genre: 'War', from: '0', to: '1', why: 'it says so', run: 1, undoes: null })
  expect(label!.who).not.toBe('')
  expect(Math.abs(Date.parse(label!.at) - Date.now())).toBeLessThan(60_000)
})

test('bulk counts first, then changes as one undoable decision', async () => {
  const b = await Bench.open(LINES)
  const args = { filter: { where: 'about:War' }, action: 'add', genre: 'drama' } as const
  expect(await b.call('labels.bulk', { ...args, dryRun: true })).toMatchObject({ count: 1, matched: 2, batch: null, corrections: 0 })
  expect(await b.labels('d')).toBe('Comedy, War')
  expect(await b.call('labels.bulk', { ...args, dryRun: false })).toMatchObject({ count: 1, matched: 2, batch: 1, corrections: 1 })
  expect(await b.labels('d')).toBe('Comedy, Drama, War')
  expect(await b.call('labels.bulk', { ...args, dryRun: false })).toMatchObject({ count: 0, matched: 2, batch: null })
  const everywhere = { filter: {}, action: 'remove', genre: await b.genre('Drama'), dryRun: false } as const
  const removed = await b.call('labels.bulk', everywhere)
  expect(removed).toMatchObject({ count: 4, matched: 6, undo: 'Remove Drama from 4 movies' })
  await b.call('labels.undo', {})
  expect(await Promise.all(['a', 'c', 'd', 'e'].map((k) => b.labels(k)))).toEqual(['Drama', 'Drama, War', 'Comedy, Drama, War', 'Drama'])
  expect(await codeOf(() => b.call('labels.bulk', { ...everywhere, genre: 'Opera' }))).toBe('no-genre')
})

test('bulk changes the movies of its list: those that have a genre, or those that the genre concerns', async () => {
  const b = await Bench.open(TRAINABLE)
  b.compute.script = answers(() => 0.9)
  await b.train()
  const filter = { where: 'genre:War' }
  expect((await b.call('review.query', filter)).movies).toHaveLength(2)
  expect((await b.call('review.query', { where: 'about:War' })).buckets).toMatchObject({ all: 6, good: 2, bad: 4, impossible: 0 })
  expect(await b.call('labels.bulk', { filter, action: 'remove', genre: 'War', dryRun: false })).toMatchObject({ count: 2, matched: 2 })
})

test.each<[BulkAction, string | null, string | null, readonly string[], string]>([
  ['replace', 'Drama', 'War', ['a', 'c'], 'Replace Drama by War in 2 movies'],
  ['keep', 'Drama', null, ['a', 'c', 'd'], 'Keep Drama as it is in 3 movies'],
  ['impossible', 'War', null, ['c', 'd'], 'Mark War as impossible in 2 movies'],
  ['flag', null, null, ['a', 'c', 'd'], 'Flag 3 movies'],
  ['review', null, null, ['a', 'c', 'd'], 'Mark 3 movies as reviewed'],
  ['unflag', null, null, [], ''],
])('the bulk edit %s of %s by %s changes %j of the chosen movies, and only these', async (action, genre, by, changed, undo) => {
  const b = await Bench.open(LINES)
  const movies = await Promise.all(['a', 'c', 'd'].map((key) => b.movie(key)))
  const edit = { filter: {}, movies, action, genre, by } as const
  const dry = await b.call('labels.bulk', { ...edit, dryRun: true })
  expect([...dry.changed]).toEqual(await Promise.all(changed.map((key) => b.movie(key))))
  expect(dry).toMatchObject({ count: changed.length, matched: 3, batch: null })
  const done = await b.call('labels.bulk', { ...edit, dryRun: false })
  expect(done.undo).toBe(undo || null)
  if (action === 'replace')
    expect(await Promise.all(['a', 'c', 'd', 'e'].map((k) => b.labels(k)))).toEqual(['War', 'War', 'Comedy, War', 'Drama'])
  expect((await b.call('labels.bulk', { ...edit, dryRun: true })).count).toBe(0)
})

test('a bulk edit needs its genres', async () => {
  const b = await Bench.open(LINES)
  const edit = { filter: {}, action: 'replace', genre: 'Drama', dryRun: true } as const
  expect(await codeOf(() => b.call('labels.bulk', edit))).toBe('no-genre')
  expect(await codeOf(() => b.call('labels.bulk', { ...edit, by: 'drama' }))).toBe('same-genre')
})

test('a label that bulk changes is decided, and its movie is not reviewed', async () => {
  const b = await Bench.open(LINES)
  const state = async () => {
    const { allCells, reviewed } = await b.call('review.movie', { movie: await b.movie('a') })
    return [allCells.find((c) => c.name === 'Drama')!.verdict, reviewed]
  }
  await b.call('labels.bulk', { filter: {}, action: 'remove', genre: 'Drama', dryRun: false })
  expect(await state()).toEqual(['keep', false])
  await b.call('labels.undo', {})
  expect(await state()).toEqual([null, false])
})

/** A project whose model predicts these genres for movie a, and agrees with all other labels. */
async function disagreeing(lines: readonly string[], ...genres: string[]): Promise<Bench> {
  const b = await Bench.open(lines)
  const { genres: all } = await b.call('project.info', {})
  b.compute.script = (job, say) => {
    const p = Float32Array.from(job.labels, (y) => (y ? 0.9 : 0.1))
    p.set(Float32Array.from(job.genres, (id) => (genres.includes(all.find((g) => g.id === id)!.name) ? 0.9 : 0.1)))
    say({ t: 'conclusion', conclusion: conclude(job, p) })
    say({ t: 'predictions', movies: job.movies, probabilities: p, evidence: p })
    say({ t: 'done', memoryMb: 300 })
  }
  await b.train()
  return b
}
const movieA = async (b: Bench) => b.call('review.movie', { movie: await b.movie('a') })
/** The findings of movie a: `spurious Drama`. */
const findings = async (b: Bench) => (await movieA(b)).allCells.filter((c) => c.kind !== 'good').map((c) => `${c.kind} ${c.name}`)

test.each<[decisions: string[][], findings: string[], reviewed: boolean]>([
  [[], ['swapped Drama', 'swapped War'], false],
  // a label that a person sets against the model is no finding, nor half of one
  [[['+Comedy']], ['swapped Drama', 'swapped War'], false],
  [[['keep Drama']], ['missing War'], false],
  [[['+War']], ['spurious Drama'], false],
  // a decision that answers no suggestion leaves the movie open, as does one that answers the first of two
  [[['impossible Comedy'], ['keep Drama']], ['missing War'], false],
  // the last decision makes the movie reviewed, taking it back makes it unreviewed
  [[['+War'], ['keep Drama']], [], true],
  [[['+War'], ['-Drama']], [], true],
  [[['+War'], ['-Drama'], ['+Drama']], ['spurious Drama'], false],
  [[['+Comedy'], ['-Comedy']], ['swapped Drama', 'swapped War'], false],
])('after the decisions %j the findings are %j and the movie is reviewed: %s', async (decisions, expected, reviewed) => {
  const b = await disagreeing(TRAINABLE, 'War')
  for (const words of decisions) await b.decide('a', ...words)
  expect([await findings(b), (await movieA(b)).reviewed]).toEqual([expected, reviewed])
})

test('a decision updates the triage of its movie at once, and undo restores it', async () => {
  const b = await disagreeing(TRAINABLE, 'War')
  const bad = async () => (await b.call('review.query', { bucket: 'bad' })).movies.length
  expect(await bad()).toBe(1)
  await b.decide('a', '+War', '-Drama')
  expect(await bad()).toBe(0)
  await b.call('labels.undo', {})
  expect(await bad()).toBe(1)
  await b.decide('a', 'keep Drama', 'keep War')
  expect(await bad()).toBe(0)
})

test('a movie labelled with a genre that the run does not know keeps its place in the list', async () => {
  const lines = ['a: Drama | train', 'b: Comedy | train', 'c: Drama | train', 'd: Comedy | train', 'x: Opera | test | Same plot.']
  const b = await Bench.open([...lines, 'y: Drama | test | Same plot.'].reverse())
  await b.train()
  await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': false } }))
  const score = async () => (await b.call('review.rows', { movies: [await b.movie('a')] }))[0]!.score
  const before = await score()
  await b.decide('a', '+Opera')
  expect(await score()).toBeCloseTo(before!, 3)
})

test('a change returns what it leaves behind, and its event names its batch: nothing has to be read again', async () => {
  const b = await Bench.open([...TRAINABLE, 'g: Opera | train'])
  await b.train()
  const batches: number[] = []
  b.engine.on('changed', (change) => change.what === 'labels' && batches.push(change.batch))
  const [a, next] = [await b.movie('a'), await b.movie('b')]
  const filter = { bucket: 'bad', where: 'kind:missing' } as const
  const read = async () => ({
    rows: await b.call('review.rows', { movies: [a] }),
    details: [await b.call('review.movie', { movie: a }), await b.call('review.movie', { movie: next })],
    buckets: (await b.call('review.first', { ...filter, limit: 1 })).buckets,
  })
  const shown = { filter, prefetch: [next, 999] }
  const changed = await b.call('labels.apply', { changes: [await b.change(a, '+War')], ...shown })
  expect(changed.after).toEqual(await read())
  expect(changed.after.rows![0]!.labels).toEqual(['Drama', 'War'])
  const undone = await b.call('labels.undo', shown)
  expect(undone.after).toEqual(await read())
  expect([undone.batch, undone.after.rows![0]!.labels]).toEqual([changed.batch, ['Drama']])
  const redone = await b.call('labels.redo', shown)
  expect(redone.after).toEqual(await read())
  expect(batches).toEqual([changed.newest, undone.newest, redone.newest])
  expect(new Set(batches).size).toBe(3)
  // a change without effect has no event
  const none = await b.call('labels.apply', { changes: [await b.change(a, '+War')] })
  expect([none.changes, none.newest, none.after.buckets, batches.length]).toEqual([0, redone.newest, null, 3])
})

test('the reply has no rows of more than 200 movies, and the detail of a movie only if it is the only one', async () => {
  const b = await Bench.open(Array.from({ length: 201 }, (_, i) => `m${i}: Drama`))
  const { movies } = await b.call('review.query', {})
  const reviewed = (count: number, to: boolean) =>
    b.call('labels.apply', { changes: [...movies.subarray(0, count)].map((movie) => ({ field: 'reviewed', movie, to }) as const) })
  const after = async (count: number, to: boolean) => {
    const { rows, details } = (await reviewed(count, to)).after
    return [rows?.length ?? null, details.length]
  }
  expect([await after(200, true), await after(1, false), await after(201, true)]).toEqual([
    [200, 0],
    [1, 1],
    [2, 0],
  ])
  expect(await after(201, false)).toEqual([null, 0])
  expect((await b.call('labels.undo', {})).after).toMatchObject({ rows: null, details: [] })
})

test('two programs on one project: a decision is refused, once, after the other has decided', async () => {
  const b = await Bench.open(LINES)
  const other = await start(b.folder, b.path, b.compute.spawn)
  onTestFinished(() => other.close())
  const [movie, genre] = [await b.movie('a'), await b.genre('War')]
  const note = (to: string) => other.call('labels.apply', { changes: [{ field: 'note', movie, to }] })
  await b.decide('a', '+War')
  // the other engine has not seen War: for it there is nothing to remove
  expect(await codeOf(() => other.call('labels.apply', { changes: [{ field: 'label', movie, genre, to: false }] }))).toBe('project-changed')
  expect((await other.call('review.rows', { movies: [movie] }))[0]!.labels).toEqual(['Drama', 'War'])
  await note('seen')
  const told: string[] = []
  b.engine.on('changed', ({ what }) => told.push(what))
  expect(await codeOf(() => b.call('labels.undo', {}))).toBe('project-changed')
  expect([await b.call('labels.state', {}), told]).toEqual([await other.call('labels.state', {}), ['catalogue']])
  // now it undoes the other engine's last decision
  expect((await b.call('labels.undo', {})).undo).toBe('Title a: +War')
  for (const again of [() => other.call('labels.redo', {}), () => note('x')]) {
    expect(await codeOf(again)).toBe('project-changed')
    expect(await codeOf(again)).toBe('none')
    const mine = () => b.decide('b', `note after ${again.toString()}`)
    expect([await codeOf(mine), await codeOf(mine)]).toEqual(['project-changed', 'none'])
  }
  const bulk = { filter: {}, action: 'add', genre: 'War', dryRun: false } as const
  expect(await codeOf(() => note('y'))).toBe('project-changed')
  await note('y')
  expect(await codeOf(() => b.call('labels.bulk', bulk))).toBe('project-changed')
  expect(await b.labels('b')).toBe('Comedy')
  const inMemory = await b.call('labels.state', {})
  await b.restart()
  expect(await b.call('labels.state', {})).toEqual(inMemory)
})

test('a large bulk change, its undo and its redo are one batch each, while others read and decide', async () => {
  const b = await Bench.open(Array.from({ length: 3000 }, (_, i) => `m${i}: ${i % 3 === 0 ? 'Drama, War' : 'Comedy'}`))
  const state = () => b.call('labels.state', {})
  const withWar = async (): Promise<number> => (await b.call('review.query', { where: 'genre:War' })).movies.length
  const ended: string[] = []
  const end = async <T>(what: string, work: Promise<T>): Promise<T> => work.finally(() => ended.push(what))
  const bulk = end('bulk', b.call('labels.bulk', { filter: {}, action: 'add', genre: 'War', dryRun: false }))
  const note = end('note', b.decide('m1', 'note seen'))
  const read = end('read', state())
  expect(await bulk).toMatchObject({ count: 2000, matched: 3000, batch: 1, corrections: 2000 })
  expect([(await note).batch, (await read).newest, ended]).toEqual([2, 0, ['read', 'bulk', 'note']])
  expect((await b.call('labels.undo', {})).batch).toBe(2)
  const [undone, after] = await Promise.all([b.call('labels.undo', {}), b.decide('m2', 'note later')])
  // of each movie the label and that it is decided
  expect([undone.batch, undone.changes, undone.corrections, after.batch, await withWar()]).toEqual([1, 4000, 0, 5, 1000])
  await b.call('labels.undo', {})
  const removed = { filter: {}, action: 'remove', genre: 'Comedy', dryRun: false } as const
  await b.call('labels.bulk', { ...removed, filter: { where: 'genre:Comedy' } })
  expect(await b.call('labels.undo', {})).toMatchObject({ changes: 4000, corrections: 0 })
  expect(await b.call('labels.redo', {})).toMatchObject({ changes: 4000, corrections: 2000 })
  const before = [await state(), await b.call('labels.history', { limit: 1000 }), await b.labels('m1'), await b.labels('m3')]
  await b.restart()
  expect([await state(), await b.call('labels.history', { limit: 1000 }), await b.labels('m1'), await b.labels('m3')]).toEqual(before)
}, 60_000)

test('a large bulk change is refused, and nothing of it is kept, where another program has decided meanwhile', async () => {
  const b = await Bench.open(Array.from({ length: 3000 }, (_, i) => `m${i}: ${i % 2 === 0 ? 'Drama, War' : 'Drama'}`))
  const other = await start(b.folder, b.path, b.compute.spawn)
  await other.call('labels.apply', { changes: [{ field: 'note', movie: await b.movie('m1'), to: 'x' }] })
  const bulk = { filter: {}, action: 'remove', genre: 'Drama', dryRun: false } as const
  expect(await codeOf(() => b.call('labels.bulk', bulk))).toBe('project-changed')
  expect([(await b.call('labels.state', {})).newest, await b.labels('m1')]).toEqual([1, 'Drama'])
  expect(await b.call('labels.bulk', bulk)).toMatchObject({ count: 3000, batch: 2 })
  await other.close()
}, 60_000)
