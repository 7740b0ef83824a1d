import fc from 'fast-check'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { CleanRuleSet, CleanStep } from '../../src/contract/cleaning.ts'
import { DEFAULT_RULE_SET, withSwitches } from '../../src/main/data/clean/rule-set.ts'
import { forkProcess, type SpawnProcess, type WorkProcess } from '../../src/main/processes/work-process.ts'
import { Store } from '../../src/main/store/store.ts'
import { Bench, finished, integrity, scratch, start, tinyProject } from '../support/project.ts'

const on = (rule: CleanStep['rule'], params: CleanStep['params'] = {}): CleanStep => ({ rule, on: true, params })

const LINES = [
  'a: Sci-Fi, Slasher || A boy &amp; his   dog.',
  'b: Science Fiction || A boy & his dog.',
  'c: Drama, Misc || Add a Plot',
  'd: drama || She sails around the world alone and finds a letter in a bottle.',
  'e: Slasher, Drama || She sails around the world alone and finds a letter in the bottle.',
  'f: Misc, Drama || Short.',
]
const kept = async (b: Bench): Promise<number> => (await b.call('project.info', {})).kept
/** Key, plot and genres of every kept movie. */
async function whole(b: Bench): Promise<unknown> {
  const { movies } = await b.call('review.query', { sort: 'file' })
  const shown = await Promise.all([...movies].map((movie) => b.call('review.movie', { movie })))
  const { genres, splits } = await b.call('project.info', {})
  const state = await b.call('labels.state', {})
  return {
    genres: genres.map((g) => g.name),
    splits,
    state,
    movies: shown.map(({ key, plot, labels, allCells, reviewed, note }) => ({
      key,
      plot,
      labels,
      reviewed,
      note,
      cells: allCells.map((c) => [c.name, c.label, c.source, c.verdict]),
    })),
  }
}
const set = (b: Bench, ruleSet: CleanRuleSet) => b.job(() => b.call('clean.set', { ruleSet: [...ruleSet] }))

test('cleaning with another rule set is reported step by step, and is in force after the next start', async () => {
  const b = await Bench.open(LINES)
  expect(await b.call('clean.ruleSet', {})).toEqual(DEFAULT_RULE_SET)
  expect(await kept(b)).toBe(4)
  const ruleSet = [
    on('html'),
    on('whitespace'),
    on('placeholder'),
    on('exact-duplicate'),
    on('near-duplicate', { similarity: 0.6 }),
    on('too-short', { shortest: 3 }),
  ]
  expect(await set(b, ruleSet)).toMatchObject({ state: 'done', kind: 'clean', message: '2 of 6 movies kept.' })
  const report = await b.call('clean.report', {})
  expect(report.steps.map((s) => [s.rule, s.rowsIn, s.count, s.rowsOut])).toEqual([
    ['html', 6, 1, 6],
    ['whitespace', 6, 1, 6],
    ['placeholder', 6, 1, 5],
    ['exact-duplicate', 5, 1, 4],
    ['near-duplicate', 4, 1, 3],
    ['too-short', 3, 1, 2],
  ])
  expect(report.steps[4]!.conflicts[0]!.movies.map((m) => [m.key, ...m.genres])).toEqual([['d', 'drama'], ['e', 'Slasher', 'Drama']]) // prettier-ignore
  expect((await b.call('review.movie', { movie: await b.movie('a') })).plot).toBe('A boy & his dog.')
  await b.restart()
  expect([await kept(b), (await b.call('clean.ruleSet', {})).map((s) => s.rule)]).toEqual([2, ruleSet.map((s) => s.rule)])
})

test('an invalid rule set is refused before anything is done', async () => {
  const b = await Bench.open(LINES)
  await expect(b.call('clean.set', { ruleSet: [on('too-short', { shortest: 0 })] })).rejects.toMatchObject({ code: 'bad-rule-set' })
  await expect(b.call('clean.preview', { ruleSet: [on('column-filter')] })).rejects.toMatchObject({ code: 'bad-rule-set' })
  expect((await b.call('jobs.list', {})).filter((j) => j.kind === 'clean' || j.kind === 'preview')).toEqual([])
})

test('a preview reports what would change, and writes nothing', async () => {
  const b = await Bench.open(LINES)
  const before = [await whole(b), await b.call('clean.report', {})]
  const ruleSet = [on('too-short', { shortest: 6 }), { ...on('near-duplicate'), on: false }]
  const report = await b.call('clean.preview', { ruleSet })
  expect(report).toMatchObject({ movies: 6, kept: 2, steps: [{ count: 4 }, { on: false, counted: true }] })
  expect([await whole(b), await b.call('clean.report', {})]).toEqual(before)
  const [job] = (await b.call('jobs.list', {})).filter((j) => j.kind === 'preview')
  expect(job).toMatchObject({ state: 'done', message: '2 of 6 movies would be kept.' })
})

test('a cancelled preview rejects with its cancellation', async () => {
  const b = await Bench.open(
    Array.from({ length: 3000 }, (_, i) => `m${i}: Drama || Plot ${i} of a film that is long enough to be looked at for a while.`),
  )
  const asked = b.call('clean.preview', { ruleSet: [on('near-duplicate'), on('boilerplate')] })
  const refused = expect(asked).rejects.toMatchObject({ code: 'cancelled' })
  const running = (await b.call('jobs.list', {})).find((j) => j.state === 'running')!
  expect(await b.call('jobs.cancel', { job: running.job })).toMatchObject({ kind: 'preview', state: 'cancelled' })
  await refused
})

test('original columns filter movies', async () => {
  const b = await Bench.open(LINES)
  expect((await b.call('clean.rules', {})).columns).toEqual(['id', 'title', 'plot', 'genres'])
  await set(b, [on('column-filter', { column: 'title', condition: 'one of', values: ['title a', 'Title F'] })])
  expect(await kept(b)).toBe(2)
  expect((await b.call('clean.report', {})).steps[0]!.examples[0]).toMatchObject({ key: 'b', after: 'removed: title is “Title b”' })
})

test('the genre table is shown before it is applied, and decisions follow its genres', async () => {
  const b = await Bench.open(LINES)
  await set(b, [])
  await b.decide('a', '-Slasher')
  await b.decide('e', '+Misc')
  const before = await whole(b)
  const ruleSet = [on('genre-table', { table: { 'Sci-Fi': ['Science Fiction'], Slasher: ['Horror'], drama: ['Drama'], Misc: [] } })]
  // an incomplete filter is ignored
  const preview = await b.call('clean.genres', { ruleSet: [on('column-filter'), ...ruleSet] })
  expect(preview).toMatchObject({ movies: 6, changed: 5, emptied: 0 })
  expect(preview.before.map((g) => [g.name, g.count, g.becomes])).toContainEqual(['Slasher', 2, ['Horror']])
  expect(preview.after.map((g) => [g.name, g.count, g.from])).toContainEqual(['Drama', 4, ['Drama', 'drama']])
  await set(b, ruleSet)
  expect((await b.call('project.info', {})).genres.map((g) => g.name)).toEqual(['Drama', 'Horror', 'Science Fiction'])
  // the decision on Slasher now applies to Horror; the one on Misc is kept for later
  expect(await Promise.all(['a', 'e'].map((k) => b.labels(k)))).toEqual(['Science Fiction', 'Drama, Horror'])
  await set(b, [])
  expect(await whole(b)).toEqual(before)
})

test('saved rule sets are available in every project', async () => {
  const b = await Bench.open(LINES)
  const ruleSet = withSwitches(DEFAULT_RULE_SET, { language: true })
  const saved = await b.call('clean.save', { name: 'English only', ruleSet: [...ruleSet] })
  const text = readFileSync(saved.path, 'utf8')
  expect(JSON.parse(text)).toEqual({ reelabel: 'cleaning rule set', version: 1, steps: ruleSet })
  writeFileSync(join(saved.path, '..', 'notes.json'), '{}')
  expect((await b.call('clean.saved', {})).map((s) => [s.name, s.steps])).toEqual([['English only', ruleSet]])
  expect(await b.call('clean.load', { name: 'English only' })).toEqual(ruleSet)
  expect(await b.call('clean.load', { text })).toEqual(ruleSet)
  await expect(b.call('clean.load', { text: '{}' })).rejects.toMatchObject({ code: 'bad-rule-set' })
  await expect(b.call('clean.save', { name: '../out', ruleSet: [] })).rejects.toMatchObject({ code: 'bad-arguments' })
  await b.call('clean.delete', { name: 'English only' })
  expect([existsSync(saved.path), await b.call('clean.saved', {})]).toEqual([false, []])
  await expect(b.call('clean.load', { name: 'English only' })).rejects.toMatchObject({ code: 'no-rule-set' })
})

test('an import with a rule set', async () => {
  const b = await Bench.open(['old: Drama'])
  const csv = join(b.folder, 'more.csv')
  writeFileSync(csv, 'id,plot,genres\n1,One two three four.,Drama\n2,One.,Drama\n')
  const mapping = { id: 'id', plot: 'plot', genres: 'genres' }
  await b.job(() =>
    b.call('import.run', { paths: [csv], name: 'more', mapping, ruleSet: [on('too-short', { shortest: 2 })], clean: { missing: true } }),
  )
  expect((await b.call('clean.report', {})).steps.map((s) => [s.rule, s.on, s.count])).toEqual([['too-short', true, 1], ['missing', true, 0]]) // prettier-ignore
})

test('returning to the first rule set restores movies, labels and verdicts, whatever was tried in between', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '-Science Fiction', '+Drama')
  await b.decide('f', 'impossible Misc', '+Slasher')
  await b.decide('d', 'keep Drama')
  const before = (await whole(b)) as { state: { newest: number } }
  const params: Partial<Record<CleanStep['rule'], CleanStep['params']>> = {
    'rare-genres': { movies: 2 },
    'too-short': { shortest: 4 },
    'near-duplicate': { similarity: 0.6 },
    'genre-table': { table: { Slasher: ['Horror', 'Slasher'], Drama: [], 'Science Fiction': ['Drama'] } },
  }
  const rules = DEFAULT_RULE_SET.map((s) => s.rule).filter((rule) => rule !== 'language' && rule !== 'column-filter')
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(rules), fc.constantFrom('d', 'e'), async (chosen, key) => {
      await set(
        b,
        chosen.map((rule) => on(rule, params[rule])),
      )
      // a decision under that rule set, undone
      const { genres } = await b.call('project.info', {})
      const movie = await b.movie(key)
      if (genres[0] && (await b.call('review.query', {})).movies.includes(movie)) {
        const [row] = await b.call('review.rows', { movies: [movie] })
        await b.apply([{ field: 'label', movie, genre: genres[0].id, to: !row!.labels.includes(genres[0].name) }])
        await b.call('labels.undo', {})
      }
      await set(b, DEFAULT_RULE_SET)
      const now = (await whole(b)) as { state: object }
      // the log keeps the decision and its undo
      expect({ ...now, state: { ...now.state, redo: null, newest: before.state.newest } }).toEqual(before)
    }),
    { numRuns: 6 },
  )
})

test('a cleaning whose process is killed leaves the previous one in force, and no data', async () => {
  const folder = scratch()
  // enough work for the kill to come in time, also on a busy machine
  const more = Array.from({ length: 5000 }, (_, i) => `more${i}: Drama || The plot of film ${i} begins in the year ${i} and ends badly.`)
  const path = await tinyProject(folder, [...LINES, ...more])
  const children: WorkProcess[] = []
  const spawn: SpawnProcess = (kind) => {
    const child = forkProcess(kind)
    children.push(child)
    // killed at its first message; later ones that it had sent by then would make the kill come too late
    let killed = false
    child.onMessage(() => {
      if (!killed) child.kill()
      killed = true
    })
    const first: WorkProcess['onMessage'] = (listener) => {
      let heard = false
      child.onMessage((m) => {
        if (!heard) listener(m)
        heard = true
      })
    }
    return { ...child, onMessage: first }
  }
  const engine = await start(folder, path, spawn)
  onTestFinished(() => engine.close())
  const before = await engine.call('project.info', {})
  const end = await finished(engine, () => engine.call('clean.set', { ruleSet: [] }))
  expect(end).toMatchObject({ state: 'failed', code: 'cleaning-died' })
  expect(children).toHaveLength(1)
  expect(await engine.call('clean.ruleSet', {})).toEqual(DEFAULT_RULE_SET)
  const after = await engine.call('project.info', {})
  expect([after.movies, after.kept]).toEqual([before.movies, before.kept])
  expect(after.kept).toBeLessThan(after.movies)
  const store = new Store(path, 'open')
  onTestFinished(() => store.close())
  expect([store.cleanings.others(), integrity(path)]).toEqual([[], 'ok'])
})
