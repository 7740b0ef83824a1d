import { expect, onTestFinished, test } from 'vitest'
import { isMark } from '../../src/contract/records.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { Bits } from '../../src/main/catalogue/bits.ts'
import { Catalogue } from '../../src/main/catalogue/catalogue.ts'
import { Derived } from '../../src/main/catalogue/derived.ts'
import { Planes } from '../../src/main/catalogue/planes.ts'
import { Predictions } from '../../src/main/catalogue/predictions.ts'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { Bench } from '../support/project.ts'

const GENRES = ['Comedy', 'Drama', 'Horror', 'War']

/** A trained project whose engine is closed, opened in this process. */
async function trained(): Promise<Workspace> {
  const draw = seededDraws(11)
  const lines = Array.from({ length: 70 }, (_, i) => {
    const genres = GENRES.filter(() => draw(3) === 0)
    return `m${i}: ${(genres.length > 0 ? genres : ['Drama']).join(', ')} | ${['train', 'valid', 'test'][i % 3]!}`
  })
  const b = await Bench.open(lines)
  const plain = b.compute.script
  b.compute.script = (job, say, die) =>
    plain(
      job,
      // every fifth prediction is the opposite of the label
      (m) => say(m.t === 'predictions' ? { ...m, probabilities: m.probabilities.map((p, c) => (c % 5 === 0 ? 1 - p : p)) } : m),
      die,
    )
  expect((await b.train()).state).toBe('done')
  await b.engine.close()
  const w = new Workspace(b.path)
  onTestFinished(() => w.close())
  return w
}

function decide(w: Workspace, draw: (n: number) => number): void {
  const { catalogue } = w
  const movie = catalogue.ids[draw(catalogue.n)]!
  const genre = catalogue.genres[draw(catalogue.k)]!.id
  const field = (['label', 'verdict', 'reviewed', 'skipped', 'flagged'] as const)[draw(5)]!
  const was = catalogue.valueOf(movie, isMark(field) ? null : genre, field)
  const becomes = field === 'verdict' ? ['', 'keep', 'impossible'][draw(3)]! : was === '1' ? '0' : '1'
  if (was === becomes) return
  const change = { movie, genre: isMark(field) ? null : genre, field, was, becomes }
  const { movies } = w.log.append({ who: 'me', why: '', description: '', run: null }, [change])
  w.refresh(movies)
}

test('bits and triage updated by single decisions equal those of a fresh start', async () => {
  const w = await trained()
  const draw = seededDraws(12)
  for (let step = 0; step < 200; step++) decide(w, draw)
  const fresh = new Catalogue(w.store)
  const predictions = Predictions.load(fresh, w.store, w.store.runs.get(1)!)
  const planes = runToEnd(Planes.loadInSteps(fresh, predictions))
  expect(w.index.planes.cells).toEqual(planes.cells)
  expect([w.index.planes.buckets, w.index.planes.marks, w.index.planes.splits]).toEqual([planes.buckets, planes.marks, planes.splits])
  expect([w.predictions!.score, w.predictions!.kinds, w.predictions!.estimates]).toEqual([
    predictions.score,
    predictions.kinds,
    predictions.estimates,
  ])
  expect(new Set(predictions.kinds).size).toBeGreaterThan(2)
  expect(w.catalogue.corrections()).toBe(fresh.corrections())
})

test('stored scores and silent cells equal computed ones, whatever was decided since', async () => {
  const w = await trained()
  const { store } = w
  const run = store.runs.get(1)!
  const draw = seededDraws(13)
  const load = (least: number): Predictions => {
    const catalogue = new Catalogue(store)
    return Predictions.load(catalogue, store, run, new Derived(store, catalogue, run, least))
  }
  const derived = (): Derived => new Derived(store, new Catalogue(store), run, 1)
  decide(w, draw)
  expect([derived().scores(), derived().silent()]).toEqual([null, null])
  load(1)
  const kept = derived().scores()!
  expect([kept.lastBatch, kept.scores.length, derived().silent()]).toEqual([w.log.state().newest, 70, expect.any(Uint32Array)])
  for (let step = 0; step < 60; step++) decide(w, draw)
  const [plain, fromKept] = [load(Infinity), load(1)]
  expect([fromKept.score, fromKept.estimates, fromKept.buckets]).toEqual([plain.score, plain.estimates, plain.buckets])
  expect(plain.score).not.toEqual(kept.scores)
})

test('stored scores are trusted and not computed again', async () => {
  const { store } = await trained()
  const catalogue = new Catalogue(store)
  const derived = new Derived(store, catalogue, store.runs.get(1)!, 1)
  derived.keepScores(new Float32Array(70).fill(0.25), 0)
  const { score } = Predictions.load(catalogue, store, store.runs.get(1)!, derived)
  expect([...score]).toEqual([...new Float32Array(70).fill(0.25)])
})

test('reading everything in slices misses no decision', async () => {
  const w = await trained()
  const draw = seededDraws(14)
  const before = w.catalogue
  const reloaded = w.reloadInTurns()
  for (let step = 0; step < 30; step++) decide(w, draw)
  await reloaded
  expect(w.catalogue).not.toBe(before)
  expect([w.catalogue.labels, w.catalogue.verdicts, w.log.state()]).toEqual([before.labels, before.verdicts, expect.anything()])
  const run = w.reloadRunInTurns()
  for (let step = 0; step < 30; step++) decide(w, draw)
  await run
  const fresh = new Catalogue(w.store)
  expect(w.predictions!.score).toEqual(Predictions.load(fresh, w.store, w.store.runs.get(1)!).score)
  expect(w.index.planes.cells).toEqual(runToEnd(Planes.loadInSteps(fresh, w.predictions)).cells)
})

test.each([0, 1, 31, 32, 33, 100])('bits of %i movies', (n) => {
  const draw = seededDraws(n)
  const [a, b] = [0, 1].map(() => Array.from({ length: n }, () => draw(2) === 1)) as [boolean[], boolean[]]
  const bits = (from: readonly boolean[]): Bits => {
    const made = Bits.all(n)
    from.forEach((on, i) => made.set(i, on))
    return made
  }
  const list = (x: Bits): boolean[] => Array.from({ length: n }, (_, i) => x.has(i))
  expect([Bits.all(n).count(), bits(a).count(), bits(a).copy().and(bits(b)).count()]).toEqual([
    n,
    a.filter(Boolean).length,
    a.filter((on, i) => on && b[i]).length,
  ])
  expect(list(bits(a).and(bits(b)))).toEqual(a.map((on, i) => on && b[i]))
  expect(list(bits(a).andNot(bits(b)))).toEqual(a.map((on, i) => on && !b[i]))
})
