import Database from 'better-sqlite3'
import { copyFileSync, cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { JobEvent } from '../../src/contract/events.ts'
import { NOT_TRAINING, type TrainJob } from '../../src/contract/jobs.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { assignFolds, groupsOf, rowsOf } from '../../src/main/compute/evaluate.ts'
import { processOf } from '../../src/main/files/process-identity.ts'
import { ProjectLock, thisProgram } from '../../src/main/store/project-lock.ts'
import { eachPlot } from '../../src/main/store/reader.ts'
import { compareRuns } from '../../src/main/catalogue/scoring.ts'
import { Store } from '../../src/main/store/store.ts'
import {
  answers,
  Bench,
  believeLabels,
  codeOf,
  diesHalfway,
  finished,
  hangs,
  projectOf,
  scratch,
  start,
  tinyProject,
} from '../support/project.ts'

vi.mock('../../src/main/catalogue/scoring.ts', { spy: true })

const LINES = Array.from({ length: 30 }, (_, i) => {
  const genres = [['Drama'], ['Comedy'], ['War', 'Drama']][i % 3]!
  return `m${i}: ${genres.join(', ')} | ${i < 20 ? 'train' : i < 24 ? 'valid' : 'test'}`
})
const config = { folds: 2 }
/** Number of movies with predictions in the file, for each run. */
function stored(path: string): Record<number, number> {
  const store = new Store(path, 'open')
  const rows = store.runs.all().map((r) => [r.id, [...store.runs.predictions(r.id)].reduce((sum, { movies }) => sum + movies.length, 0)])
  store.close()
  return Object.fromEntries(rows) as Record<number, number>
}
/** The folds that the compute process makes for a job. */
function foldsOf(job: TrainJob): Uint8Array {
  const rows = rowsOf(job.split, 'train')
  const plots = () => eachPlot(job.project, rows.map((row) => job.movies[row]!)) // prettier-ignore
  return assignFolds(job, rows, groupsOf(plots, rows.length))
}
const currentRun = async (b: Bench) => (await b.call('project.info', {})).currentRun

test('a training becomes the current run, with thresholds, figures and predictions of every movie', async () => {
  const b = await Bench.open(LINES)
  const end = await b.train()
  expect(end).toMatchObject({ state: 'done', kind: 'train', run: 1, progress: 1 })
  expect(end.message).toMatch(/^Run 1: micro-F1 1\.000.* 6 test movies\./)
  const [run] = await b.call('runs.list', {})
  expect(run).toMatchObject({ id: 1, status: 'done', current: true, parent: null, corrections: 0, features: 3, error: null })
  expect(run!.summary).toEqual({ part: 'test', microF1: 1, macroF1: 1, jaccard: 1 })
  expect(run!.config).toMatchObject({ ...(await b.call('train.defaults', {})), ...config })
  expect(run!.genres.map((g) => g.name)).toEqual(['Comedy', 'Drama', 'War'])
  for (const t of run!.thresholds) expect(t > 0.1 && t < 0.9).toBe(true)
  expect(stored(b.path)).toEqual({ 1: 30 })
})

test('a movie below all thresholds gets its most probable genre', async () => {
  const b = await Bench.open(LINES)
  b.compute.script = answers((job, row, j) => (row === 29 ? [0.01, 0.02, 0.015][j]! : believeLabels(job, row, j)))
  await b.train()
  const [row] = await b.call('review.rows', { movies: [await b.movie('m29')] })
  expect(row!.predicted).toEqual(['Drama'])
})

test('the job trains on the training part only, in balanced folds, with duplicates in one', async () => {
  const b = await Bench.open([...LINES.slice(3), ...['x', 'y', 'z'].map((k) => `${k}: War | train | The same plot.`)])
  await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': false } }))
  await b.train()
  const { labels, excluded, rowWeight } = b.compute.jobs[0]!
  const parts = [...foldsOf(b.compute.jobs[0]!)]
  expect(parts.filter((f) => f !== NOT_TRAINING).length).toBe(20)
  expect(parts.slice(17, 27).every((f) => f === NOT_TRAINING)).toBe(true)
  expect(new Set(parts.slice(27)).size).toBe(1)
  const sizes = [0, 1].map((f) => parts.filter((x) => x === f).length)
  expect(Math.abs(sizes[0]! - sizes[1]!)).toBeLessThanOrEqual(2)
  expect([labels.length, excluded.length, new Set(rowWeight)]).toEqual([90, 0, new Set([1])])
})

test('a retrain keeps recipe and folds, masks impossible cells, weighs reviewed movies and learns corrected labels', async () => {
  const b = await Bench.open(LINES)
  await b.train({ config: { folds: 3, seed: 7, c: 2, reviewedWeight: 4 } })
  await b.decide('m0', '+War', '-Drama')
  await b.decide('m4', 'impossible Comedy')
  // neither had a suggestion that this answered: the analyst confirms the movies
  const confirmed = await Promise.all(['m0', 'm4'].map((key) => b.movie(key)))
  await b.call('labels.apply', { changes: confirmed.map((movie) => ({ field: 'reviewed' as const, movie, to: true })) })
  const end = await b.train({ retrain: true })
  expect(end).toMatchObject({ kind: 'retrain', state: 'done', run: 2 })
  const [first, second] = b.compute.jobs
  expect([...second!.corrected]).toEqual([1, 2])
  expect(foldsOf(second!)).toEqual(foldsOf(first!))
  expect(second!.config).toEqual({ ...first!.config })
  expect([...second!.labels.slice(0, 3)]).toEqual([0, 0, 1])
  expect([...second!.excluded]).toEqual([4 * 3])
  expect([...second!.rowWeight].map((w, i) => `${i}:${w}`).filter((w) => !w.endsWith(':1'))).toEqual(['0:4', '4:4'])
  const [old, fresh] = await b.call('runs.list', {})
  expect([old!.current, fresh!.current, fresh!.parent, fresh!.corrections, fresh!.name]).toEqual([false, true, 1, 2, 'Retraining of run 1'])
  // one setting changed, the others are those of the parent
  await b.train({ retrain: true, config: { c: 9 } })
  expect(b.compute.jobs[2]!.config).toEqual({ ...first!.config, c: 9 })
})

test('a retrain needs a run, and a training needs enough movies', async () => {
  const b = await Bench.open(LINES)
  expect(await codeOf(() => b.call('train.start', { retrain: true }))).toBe('no-run')
  expect(await codeOf(() => b.call('train.start', { config: { folds: 11 } }))).toBe('too-few-movies')
  expect(await codeOf(() => b.call('train.start', { config: { folds: 1 } }))).toBe('bad-arguments')
  expect(await b.call('runs.list', {})).toEqual([])
})

test('a cancelled training leaves the current run and no predictions of its own', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  b.compute.script = hangs
  const phases: string[] = []
  b.engine.on('job', (e) => phases.push(`${e.state} ${e.phase}`))
  const { job, run } = await b.call('train.start', { config })
  await new Promise<void>((resolve) => b.engine.on('job', () => resolve()))
  const end = await b.call('jobs.cancel', { job })
  expect(end).toMatchObject({ job, state: 'cancelled', run, message: 'Cancelled: everything is as it was before.' })
  expect(b.compute.killed).toBeGreaterThan(1)
  expect(phases).toContain('running fold 1 of 2')
  expect((await b.call('runs.list', {})).map((r) => [r.status, r.current])).toEqual([
    ['done', true],
    ['cancelled', false],
  ])
  expect(await currentRun(b)).toBe(1)
  expect(stored(b.path)).toEqual({ 1: 30, 2: 0 })
  // cancelling a job that has ended returns how it ended
  expect((await b.call('jobs.cancel', { job })).state).toBe('cancelled')
  expect(await codeOf(() => b.call('jobs.cancel', { job: 99 }))).toBe('no-job')
  b.compute.script = answers()
  expect((await b.train()).state).toBe('done')
})

test('a compute process that dies fails one job and nothing else', async () => {
  const b = await Bench.open(LINES)
  b.compute.script = diesHalfway
  const end = await b.train()
  expect(end.state).toBe('failed')
  expect(end.message).toMatch(/^The training was killed before it finished\. No label was lost/)
  expect((await b.call('runs.list', {}))[0]).toMatchObject({ status: 'failed', error: end.message })
  expect(stored(b.path)).toEqual({ 1: 0 })
  await b.decide('m0', '+War')
  b.compute.script = answers()
  expect((await b.train()).state).toBe('done')
})

test('an error of the compute process is the reason given', async () => {
  const b = await Bench.open(LINES)
  b.compute.script = (_, say) => say({ t: 'error', error: { code: 'no-words', message: 'No plot has a word.' } })
  expect(await b.train()).toMatchObject({ state: 'failed', message: 'No plot has a word.' })
  // a reply that the store cannot take fails the run too
  b.compute.script = (job, say) =>
    say({ t: 'predictions', movies: Int32Array.of(999), probabilities: new Float32Array(job.genres.length), evidence: new Float32Array(3) })
  expect((await b.train()).state).toBe('failed')
  expect(stored(b.path)).toEqual({ 1: 0, 2: 0 })
})

test('the next start reports a run that a killed program left, and removes its results', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  await b.engine.close()
  const store = new Store(b.path, 'open')
  const { config: recipe, genres } = store.runs.get(1)!
  const run = store.runs.start({ name: 'Training', createdAt: '', config: recipe, parent: null, genres, corrections: 0, lastBatch: 0 })
  store.runs.addPredictions(run, Int32Array.of(1), new Float32Array(3), new Float32Array(3))
  store.close()
  await b.restart()
  const info = await b.call('project.info', {})
  expect(info.notices).toEqual(['Run 2 was interrupted when the program ended; its unfinished results were removed. Start it again.'])
  expect(info.currentRun).toBe(1)
  expect((await b.call('runs.list', {})).map((r) => r.status)).toEqual(['done', 'interrupted'])
  expect(stored(b.path)).toEqual({ 1: 30, 2: 0 })
  await b.restart()
  expect((await b.call('project.info', {})).notices).toEqual([])
})

test('a run of another program that is still running is left alone', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  await b.engine.close()
  const store = new Store(b.path, 'open')
  const { config: recipe, genres } = store.runs.get(1)!
  store.runs.start({ name: 'Training', createdAt: '', config: recipe, parent: null, genres, corrections: 0, lastBatch: 0 })
  store.close()
  const theirs = new ProjectLock(b.path, { ...thisProgram('another window'), ...processOf(process.ppid) })
  await b.restart()
  expect((await b.call('runs.list', {})).map((r) => r.status)).toEqual(['done', 'running'])
  expect((await b.call('project.info', {})).others).toEqual([expect.stringMatching(/^another window of /)])
  theirs.release()
})

test('closing the program ends a training as cancelled', async () => {
  const b = await Bench.open(LINES)
  b.compute.script = hangs
  await b.call('train.start', { config })
  await b.restart()
  expect((await b.call('runs.list', {}))[0]).toMatchObject({ status: 'cancelled' })
  expect((await b.call('project.info', {})).notices).toEqual([])
})

test('while a job runs, labels can be changed and conflicting calls are refused', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  b.compute.script = hangs
  const { job } = await b.call('train.start', { config })
  const refused: (() => Promise<unknown>)[] = [
    () => b.call('train.start', { config }),
    () => b.call('project.open', { path: b.path }),
    () => b.call('project.sample', {}),
    () => b.call('clean.set', { switches: { missing: false } }),
    () => b.call('import.run', { paths: [b.path.replace('.reel', '.csv')], name: 'x' }),
    () => b.call('runs.restore', { run: 1 }),
  ]
  for (const call of refused) expect(await codeOf(call)).toBe('busy')
  await b.decide('m0', '+War')
  expect(await b.labels('m0')).toBe('Drama, War')
  expect((await b.call('jobs.list', {})).filter((j: JobEvent) => j.state === 'running').map((j) => j.job)).toEqual([job])
  await b.call('jobs.cancel', { job })
  expect(await codeOf(() => b.call('project.open', { path: b.path }))).toBe('none')
})

test('restoring a run makes it current, also after a restart', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  b.compute.script = answers((job, row, j) => 1 - believeLabels(job, row, j))
  await b.train()
  await b.call('runs.restore', { run: 2 })
  const micro = async () => (await b.call('metrics.get', {})).micro.f1
  const wrong = await micro()
  expect(await b.call('runs.restore', { run: 1 })).toMatchObject({ id: 1, current: true })
  expect([await micro(), await currentRun(b), wrong < 0.7]).toEqual([1, 1, true])
  await b.restart()
  expect([await micro(), await currentRun(b)]).toEqual([1, 1])
  b.compute.script = diesHalfway
  await b.train()
  expect(await codeOf(() => b.call('runs.restore', { run: 3 }))).toBe('no-run')
  expect(await codeOf(() => b.call('runs.restore', { run: 99 }))).toBe('no-run')
})

test('a comparison of swapped runs has the opposite signs', async () => {
  const b = await Bench.open(LINES)
  // the first run is wrong about every second test movie
  b.compute.script = answers((job, row, j) => (row % 2 === 0 ? 1 - believeLabels(job, row, j) : believeLabels(job, row, j)))
  await b.train()
  b.compute.script = answers()
  await b.train()
  const there = await b.call('runs.compare', { a: 1, b: 2, resamples: 300 })
  const back = await b.call('runs.compare', { a: 2, b: 1, resamples: 300 })
  expect([there.verdict, back.verdict, there.part, there.movies]).toEqual(['better', 'worse', 'test', 6])
  for (const kind of ['corrected', 'source'] as const)
    for (const figure of ['microF1', 'macroF1', 'jaccard'] as const) {
      const [x, y] = [there[kind][figure], back[kind][figure]]
      expect([y.old, y.new]).toEqual([x.new, x.old])
      expect([y.difference, y.low, y.high]).toEqual([-x.difference, -x.high, -x.low].map((v) => expect.closeTo(v, 9) as number))
    }
  expect(back.perGenre).toEqual(there.perGenre.map((g) => ({ ...g, old: g.new, new: g.old })))
  const same = await b.call('runs.compare', { a: 2, b: 2, resamples: 100 })
  expect([same.verdict, same.corrected.microF1.difference]).toEqual(['undecided', 0])
})

test('a comparison of many resamples does not block other calls', async () => {
  const b = await Bench.open(Array.from({ length: 400 }, (_, i) => `m${i}: ${i % 2 ? 'Drama' : 'War'} | ${i % 2 ? 'test' : 'train'}`))
  await b.train()
  await b.train()
  const ended: string[] = []
  const done = (what: string) => () => void ended.push(what)
  const comparison = b.call('runs.compare', { a: 1, b: 2, resamples: 20_000 }).then(done('comparison'))
  // one turn of the event loop, like a call over a port
  await new Promise((resolve) => setImmediate(resolve))
  await b.call('labels.state', {}).then(done('state'))
  await comparison
  expect(ended).toEqual(['state', 'comparison'])
})

test('the real compute process trains, explains, and can be stopped', { timeout: 60_000 }, async () => {
  const words = { Comedy: 'laughing clown jokes wedding', Horror: 'ghost scream blood cellar', War: 'soldiers trench battle tanks' }
  const lines = Array.from({ length: 60 }, (_, i) => {
    const [genre, text] = Object.entries(words)[i % 3]!
    return `m${i}: ${genre} | ${i < 45 ? 'train' : 'test'} | ${text.split(' ')[i % 4]!} and ${text.split(' ')[(i + 1) % 4]!} in town ${i}.`
  })
  const b = await Bench.open(lines)
  await b.engine.close()
  b.engine = await start(b.folder, b.path, forkProcess)
  const begin = () => b.call('train.start', { config: { folds: 3 } })
  const [end] = await Promise.all([finished(b.engine, begin)])
  expect(end.message).toMatch(/^Run 1: micro-F1/)
  expect((await b.call('metrics.get', {})).micro.f1).toBeGreaterThan(0.9)
  const movie = await b.movie('m1')
  const explained = await b.call('review.explain', { movie, genre: await b.genre('Horror') })
  const plot = (await b.call('review.movie', { movie })).plot
  const top = explained.spans.reduce((a, s) => (s.score > a.score ? s : a))
  expect(words.Horror).toContain(plot.slice(top.start, top.end).trim().split(' ')[0]!)
  expect(explained.terms[0]!.contribution).toBeGreaterThan(0)
  // the movie is in the training part: the model of its fold predicted it, and explains it
  const { allCells } = await b.call('review.movie', { movie })
  const predicted = allCells.find((c) => c.name === 'Horror')!.probability!
  expect(explained.model).toBe('fold')
  expect(1 / (1 + Math.exp(-explained.logit))).toBeCloseTo(predicted, 3)
  // by deletion the same word comes first, and the sum is that of the exact explanation
  const occluded = await b.call('review.explain', { movie, genre: await b.genre('Horror'), method: 'occlusion' })
  const [first] = occluded.spans.toSorted((a, s) => s.score - a.score)
  expect([plot.slice(first!.start, first!.end), occluded.model]).toEqual([plot.slice(top.start, top.end), 'fold'])
  expect(occluded.logit).toBeCloseTo(explained.logit, 9)
  expect(occluded.note).toMatch(/^Occlusion/)
  expect((await b.job(() => b.call('errors.measureFaithfulness', { sample: 4 }))).state).toBe('done')
  const { methods, random } = (await b.call('errors.faithfulness', {}))!
  for (const { score } of methods) expect(score).toBeGreaterThan(random.score)
  // the training examples are movies that share its words, with their labels; never the movie itself
  const examples = await b.call('errors.examples', { movie, genre: await b.genre('Horror'), most: 5 })
  expect(examples).toHaveLength(5)
  expect(examples.map(({ movie: id }) => id)).not.toContain(movie)
  expect(examples[0]!.labels).toEqual(['Horror'])
  expect(examples.map((t) => t.similarity)).toEqual(examples.map((t) => t.similarity).toSorted((x, y) => y - x))
  const test = await b.call('review.explain', { movie: await b.movie('m46'), genre: await b.genre('Horror') })
  expect(test.model).toBe('final')
  const { job } = await begin()
  expect(await b.call('jobs.cancel', { job })).toMatchObject({ state: 'cancelled' })
  expect(stored(b.path)).toEqual({ 1: 60, 2: 0 })

  // another project gets the path of this one: its run 1 has another model
  const problem = async () => (await b.call('predict.text', { plot: 'A ghost.' }))[0]!.problem
  expect(await problem()).toBeNull()
  const { path: moved } = await b.call('project.move', { path: b.path, name: 'moved' })
  await b.call('project.open', { path: await tinyProject(b.folder, LINES, 'other') })
  copyFileSync(moved, b.path)
  const db = new Database(b.path)
  db.exec("update run set created_at = '2026-01-01T00:00:00.000Z'; update model set bytes = x'010203'")
  db.close()
  await b.call('project.open', { path: b.path })
  expect(await codeOf(async () => b.call('review.explain', { movie, genre: await b.genre('Horror') }))).toBe('model-damaged')
  expect(await problem()).toMatch(/^The stored model cannot be read/)
})

test(
  'a model reads the columns that its recipe names and not the words that it leaves out, and explanations agree',
  { timeout: 60_000 },
  async () => {
    const words = ['ghost', 'clown']
    const rows = Array.from(
      { length: 40 },
      (_, i) => `m${i},T ${i},Nothing is told in town ${i}.,${['Horror', 'Comedy'][i % 2]!},A ${words[i % 2]!} came`,
    )
    const folder = scratch()
    const path = await projectOf(folder, ['id,title,plot,genres,tagline', ...rows, ''].join('\n'), 'columns')
    const engine = await start(folder, path, forkProcess)
    onTestFinished(() => engine.close())
    expect(await engine.call('train.columns', {})).toEqual(['tagline'])
    expect(await codeOf(() => engine.call('train.start', { config: { columns: ['genres'] } }))).toBe('no-column')
    await finished(engine, () => engine.call('train.start', { config: { folds: 2, columns: ['tagline'] } }))
    const [run] = await engine.call('runs.list', {})
    expect(run!.config.columns).toEqual(['tagline'])
    expect((await engine.call('metrics.get', { part: 'oof' })).micro.f1).toBe(1)
    const { movie } = await engine.call('review.find', { key: 'm0' })
    const { id: genre } = await engine.call('review.genre', { name: 'Horror' })
    const { columnSpans, model } = await engine.call('review.explain', { movie, genre })
    const [{ column, spans }] = columnSpans as [(typeof columnSpans)[number]]
    const strongest = spans.reduce((a, b) => (b.score > a.score ? b : a))
    expect([model, column, 'A ghost came'.slice(strongest.start, strongest.end)]).toEqual(['fold', 'tagline', 'ghost'])

    await finished(engine, () => engine.call('train.start', { config: { dropWords: ['Ghost', 'clown'] }, retrain: true }))
    const [, without] = await engine.call('runs.list', {})
    expect([without!.config.columns, without!.config.dropWords]).toEqual([['tagline'], ['ghost', 'clown']])
    // nothing else tells the genres apart
    expect((await engine.call('metrics.get', { part: 'oof' })).micro.f1).toBeLessThan(1)
    const { columnSpans: left } = await engine.call('review.explain', { movie, genre })
    expect(left.flatMap((c) => c.spans).map((s) => 'A ghost came'.slice(s.start, s.end))).not.toContain('ghost')
    // a genre by a word would have another probability
    const [horror, comedy] = await Promise.all(['A ghost.', 'A clown.'].map((plot) => engine.call('predict.text', { plot })))
    expect(horror![0]!.genres).toEqual(comedy![0]!.genres)
  },
)

test('of two trainings started at once one is refused, and leaves no run behind', async () => {
  const b = await Bench.open(LINES)
  b.compute.script = hangs
  const both = await Promise.allSettled([b.call('train.start', { config }), b.call('train.start', { config })])
  expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await b.call('runs.list', {})).toHaveLength(1)
})

test('after a measurably worse new training the previous run stays current, with a notice', async () => {
  const b = await beforeAWorseRun()
  const worse = await b.train()
  expect(worse.message).toMatch(/Out of fold it is worse than run 1, which stays the current one\./)
  expect(await currentRun(b)).toBe(1)
  const retrained = await b.train({ retrain: true })
  expect([retrained.run, await currentRun(b)]).toEqual([3, 3])
  b.compute.script = answers(believeLabels)
  const better = await b.train()
  expect([better.message.includes('worse'), await currentRun(b)]).toEqual([false, 4])
})

/** A finished run, and a second one, not started yet, that will be measurably worse. */
async function beforeAWorseRun(): Promise<Bench> {
  const b = await Bench.open(Array.from({ length: 120 }, (_, i) => `m${i}: ${i % 2 ? 'Drama' : 'Comedy'} | ${i < 60 ? 'train' : 'test'}`))
  await b.train()
  b.compute.script = answers((job, row, j) => 1 - believeLabels(job, row, j))
  return b
}

test('a kill between the last message of a worse run and its end leaves the previous run current', async () => {
  const b = await beforeAWorseRun()
  const left = scratch()
  // a kill would leave the files as they are at the moment of the comparison
  vi.mocked(compareRuns).mockImplementationOnce(() => {
    for (const name of ['tiny.reel', 'tiny.reel-wal']) cpSync(join(b.folder, name), join(left, name))
    throw new Error('killed')
  })
  expect((await b.train()).state).toBe('failed')
  const engine = await start(left, join(left, 'tiny.reel'), b.compute.spawn)
  onTestFinished(() => engine.close())
  expect((await engine.call('project.info', {})).currentRun).toBe(1)
  expect((await engine.call('runs.list', {})).map((r) => r.status)).toEqual(['done', 'interrupted'])
})

test('a failed comparison leaves the previous run current, in the file and in memory', async () => {
  const b = await beforeAWorseRun()
  vi.mocked(compareRuns).mockImplementationOnce(() => {
    throw new Error('no comparison')
  })
  expect(await b.train()).toMatchObject({ state: 'failed', message: 'no comparison' })
  expect(await currentRun(b)).toBe(1)
  await b.restart()
  expect(await currentRun(b)).toBe(1)
  expect((await b.call('runs.list', {})).map((r) => r.status)).toEqual(['done', 'failed'])
})
