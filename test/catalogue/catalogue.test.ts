import { expect, test } from 'vitest'
import { Catalogue } from '../../src/main/catalogue/catalogue.ts'
import { ChangeLog } from '../../src/main/catalogue/log.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { VERDICT_NAMES } from '../../src/main/analysis/triage.ts'
import type { LogChange } from '../../src/main/store/changes.ts'
import { Store } from '../../src/main/store/store.ts'
import { Bench, scratch, tinyProject } from '../support/project.ts'

test('rows are the kept movies in file order, columns their genres by name', async () => {
  const store = new Store(
    await tinyProject(scratch(), ['b: War, Drama | test', 'x: | train', 'a: Comedy | train', 'c: Drama | valid']),
    'open',
  )
  const c = new Catalogue(store)
  expect(Array.from(c.ids, (id) => store.movies.text(id)!.key)).toEqual(['b', 'a', 'c'])
  expect(c.genres.map((g) => g.name)).toEqual(['Comedy', 'Drama', 'War'])
  expect([...c.source]).toEqual([0, 1, 1, 1, 0, 0, 0, 1, 0])
  expect(Array.from({ length: 3 }, (_, i) => c.splitOf(i))).toEqual(['test', 'train', 'valid'])
  expect([c.row(c.ids[1]!), c.row(2), c.row(999), c.column(999)]).toEqual([1, -1, -1, -1])
  expect([[...c.rowsOf('train')], [...c.rowsOf('valid')], [...c.rowsOf('test')]]).toEqual([[1], [2], [0]])
  store.close()
})

const whole = (c: Catalogue): unknown => [
  [...c.labels],
  [...c.verdicts],
  ...Object.values(c.marks).map((mark) => [...mark]),
  [...c.notes].sort((a, b) => a[0] - b[0]),
]

test.each([1, 2, 3])('the log replayed gives what it gave live (seed %i)', async (seed) => {
  const draw = seededDraws(seed)
  const store = new Store(await tinyProject(scratch(), ['a: Drama', 'b: Comedy, War', 'c: Drama, War', 'd: Horror']), 'open')
  const live = new Catalogue(store)
  const log = new ChangeLog(store, live)
  const fields = {
    label: () => String(draw(2)),
    verdict: () => VERDICT_NAMES[draw(3)] ?? '',
    reviewed: () => String(draw(2)),
    skipped: () => String(draw(2)),
    flagged: () => String(draw(2)),
    note: () => ['', 'x', 'déjà\nvu'][draw(3)]!,
  } as const
  for (let step = 0; step < 60; step++) {
    const undo = draw(5) === 0 && log.state().undo !== null
    if (undo) log.write(log.undoing('me'))
    else {
      const changes = Array.from({ length: 1 + draw(3) }, (): LogChange => {
        const field = (Object.keys(fields) as (keyof typeof fields)[])[draw(6)]!
        const movie = live.ids[draw(live.n)]!
        const genre = field === 'label' || field === 'verdict' ? live.genres[draw(live.k)]!.id : null
        return { movie, genre, field, was: live.valueOf(movie, genre, field), becomes: fields[field]() }
      })
      // one change for each cell or field: `was` was read before the batch
      const once = new Map(changes.map((c) => [`${c.movie} ${c.genre} ${c.field}`, c]))
      log.append({ who: 'me', why: '', description: '', run: null }, [...once.values()])
    }
    const replayed = new Catalogue(store)
    expect(whole(replayed)).toEqual(whole(live))
    const { corrections, reviewed } = log.state()
    expect([corrections, reviewed]).toEqual([replayed.corrections(), replayed.reviewedCount()])
  }
  store.close()
})

test('a correction of a genre that an alias rule renames survives switching the rule off and on', async () => {
  const b = await Bench.open(['a: Sci-Fi', 'b: Science Fiction, Drama', 'c: Drama', 'd: Sci-Fi, Drama'])
  const rule = (on: boolean) => b.job(() => b.call('clean.set', { switches: { 'genre-alias': on } }))
  const all = async () => Promise.all(['a', 'b', 'c', 'd'].map((k) => b.labels(k)))
  expect(await all()).toEqual(['Science Fiction', 'Drama, Science Fiction', 'Drama', 'Drama, Science Fiction'])
  await b.decide('a', '-Science Fiction', '+Drama')
  await b.decide('c', '+Science Fiction')
  const corrected = ['Drama', 'Drama, Science Fiction', 'Drama, Science Fiction', 'Drama, Science Fiction']
  expect(await all()).toEqual(corrected)
  const { corrections } = await b.call('labels.state', {})
  expect((await rule(false)).state).toBe('done')
  expect((await b.call('project.info', {})).genres.map((g) => g.name)).toEqual(['Drama', 'Sci-Fi', 'Science Fiction'])
  // a decision on one of the two spellings
  await b.decide('d', '-Sci-Fi')
  expect(await b.labels('d')).toBe('Drama')
  await rule(true)
  expect(await all()).toEqual([...corrected.slice(0, 3), 'Drama'])
  expect(await b.call('labels.state', {})).toMatchObject({ corrections: corrections + 1, reviewed: 0 })
  await b.restart()
  expect(await all()).toEqual([...corrected.slice(0, 3), 'Drama'])
  await b.call('labels.undo', {})
  expect(await b.labels('d')).toBe('Drama, Science Fiction')
})

test.each<[what: string, on: boolean, words: string[], on: string, off: string]>([
  ['both spellings, one each way', false, ['+Science Fiction', '-Sci-Fi'], 'Drama, Science Fiction', 'Drama, Science Fiction'],
  ['a spelling beside the other', false, ['+Science Fiction'], 'Drama, Science Fiction', 'Drama, Sci-Fi, Science Fiction'],
  ['one spelling off', false, ['-Sci-Fi'], 'Drama', 'Drama'],
  ['the merged genre off', true, ['-Science Fiction'], 'Drama', 'Drama'],
  ['another genre', true, ['-Drama'], 'Science Fiction', 'Sci-Fi'],
])('decision on a merged genre: %s (rule on: %s)', async (_, ruleAtFirst, words, on, off) => {
  const b = await Bench.open(['a: Science Fiction', 'b: Sci-Fi, Drama', 'c: Science Fiction', 'd: Sci-Fi'])
  const rule = (state: boolean) => b.job(() => b.call('clean.set', { switches: { 'genre-alias': state } }))
  const expected = { true: on, false: off }
  const source = { true: 'Drama, Science Fiction', false: 'Drama, Sci-Fi' }
  await rule(ruleAtFirst)
  await b.decide('b', ...words)
  for (const state of [ruleAtFirst, !ruleAtFirst, ruleAtFirst] as const) {
    await rule(state)
    expect(await b.labels('b')).toBe(expected[`${state}`])
  }
  // undone with the rule on or off, everything is as before
  for (const state of [true, false] as const) {
    await rule(state)
    await b.call('labels.undo', {})
    for (const again of [state, !state]) {
      await rule(again)
      expect([await b.labels('b'), (await b.call('labels.state', {})).corrections]).toEqual([source[`${again}`], 0])
    }
    await b.call('labels.redo', {})
    await rule(state)
    expect(await b.labels('b')).toBe(expected[`${state}`])
  }
})

test('a verdict on a merged genre stays with its label when the rule is switched off, and one verdict replaces two', async () => {
  const b = await Bench.open(['a: Science Fiction', 'b: Sci-Fi, Drama', 'c: Sci-Fi, Science Fiction'])
  const rule = (on: boolean) => b.job(() => b.call('clean.set', { switches: { 'genre-alias': on } }))
  const verdicts = async (key: string) =>
    (await b.call('review.movie', { movie: await b.movie(key) })).allCells.filter((c) => c.verdict).map((c) => `${c.verdict} ${c.name}`)
  await b.decide('b', 'impossible Science Fiction')
  await rule(false)
  expect(await verdicts('b')).toEqual(['impossible Sci-Fi'])
  await b.decide('c', 'keep Sci-Fi', 'impossible Science Fiction')
  await rule(true)
  await b.decide('c', 'impossible Science Fiction')
  expect(await verdicts('c')).toEqual(['impossible Science Fiction'])
  await b.call('labels.undo', {})
  expect(await verdicts('c')).toEqual(['keep Science Fiction'])
  await b.decide('c', 'clear Science Fiction')
  expect(await verdicts('c')).toEqual([])
  expect((await b.decide('b', '-Science Fiction')).undo).toBe('Title b: -Science Fiction')
  expect(await verdicts('b')).toEqual(['keep Science Fiction'])
  await rule(false)
  expect(await verdicts('b')).toEqual(['keep Sci-Fi'])
})

test('decisions on a movie that cleaning removes are kept for its return', async () => {
  const b = await Bench.open(['a: Drama || Same plot here.', 'b: Comedy || Same plot here.', 'c: Drama, Comedy || Another plot.'])
  const rule = (on: boolean) => b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': on } }))
  await rule(false)
  await b.decide('b', '+Drama', 'note kept')
  await rule(true)
  expect((await b.call('labels.state', {})).corrections).toBe(0)
  await expect(b.labels('b')).rejects.toThrow('was removed by cleaning')
  await b.call('labels.undo', {})
  await b.call('labels.redo', {})
  await rule(false)
  expect(await b.labels('b')).toBe('Comedy, Drama')
  expect((await b.call('review.movie', { movie: await b.movie('b') })).note).toBe('kept')
})
