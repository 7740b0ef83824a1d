import { expect, test } from 'vitest'
import type { MetricsReport, MovieDetail } from '../../src/contract/records.ts'
import { answers, Bench, codeOf } from '../support/project.ts'

const LINES = Array.from({ length: 24 }, (_, i) => {
  const genres = [['Drama'], ['Comedy', 'War'], ['War'], ['Drama', 'Comedy']][i % 4]!
  return `m${i}: ${genres.join(', ')} | ${i < 16 ? 'train' : 'test'}`
})
const b1 = async (): Promise<Bench> => {
  const b = await Bench.open(LINES)
  b.compute.script = answers((_, row, column) => ((row * 31 + column * 17) % 23) / 23)
  await b.train()
  return b
}
const details = async (b: Bench): Promise<MovieDetail[]> => {
  const { movies } = await b.call('review.query', { sort: 'file' })
  return Promise.all(Array.from(movies, (movie) => b.call('review.movie', { movie })))
}

/** Micro-F1 and the mean Jaccard index, from what the review shows. */
function plainly(rows: readonly MovieDetail[], label: 'label' | 'source', cut: number | null): [number, number] {
  let [tp, fp, fn] = [0, 0, 0]
  const jaccard: number[] = []
  for (const { allCells } of rows) {
    const top = Math.max(...allCells.map((c) => c.probability!))
    const over = allCells.map((c) => c.probability! >= (cut ?? c.threshold!))
    const said = over.includes(true) ? over : allCells.map((c) => c.probability === top)
    const both = allCells.filter((c, j) => c[label] && said[j]).length
    const either = allCells.filter((c, j) => c[label] || said[j]).length
    tp += both
    fp += said.filter((x) => x).length - both
    fn += allCells.filter((c) => c[label]).length - both
    jaccard.push(either === 0 ? 0 : both / either)
  }
  return [(2 * tp) / (2 * tp + fp + fn), jaccard.reduce((a, x) => a + x, 0) / jaccard.length]
}

test('scores follow part, labels and threshold', async () => {
  const b = await b1()
  await b.decide('m16', '+War', '-Drama')
  await b.decide('m3', '-Comedy')
  const all = await details(b)
  const seen = new Set<number>()
  for (const part of ['test', 'oof'] as const)
    for (const labels of ['corrected', 'source'] as const)
      for (const threshold of ['per-genre', 0.5, 0.99] as const) {
        const m: MetricsReport = await b.call('metrics.get', { part, labels, threshold })
        const rows = all.filter((d) => d.split === (part === 'test' ? 'test' : 'train'))
        const [f1, jaccard] = plainly(rows, labels === 'source' ? 'source' : 'label', threshold === 'per-genre' ? null : threshold)
        expect([m.micro.f1, m.jaccard_samples]).toEqual([expect.closeTo(f1, 9), expect.closeTo(jaccard, 9)])
        expect(m).toMatchObject({ run: 1, part, labels, threshold, movies: rows.length, genres: ['Comedy', 'Drama', 'War'] })
        seen.add(m.micro.f1)
      }
  expect(seen.size).toBeGreaterThan(8)
  expect(await codeOf(() => b.call('metrics.get', { part: 'valid' }))).toBe('empty-part')
  expect(await codeOf(() => b.call('metrics.get', { run: 5 }))).toBe('no-run')
})

test('cells that a person marked or that are estimated impossible are left out of the answerable scores', async () => {
  const b = await b1()
  const before = await b.call('metrics.get', { part: 'oof' })
  const all = (await details(b)).filter((d) => d.split === 'train')
  const estimated = all.flatMap((d) => d.allCells.filter((c) => c.impossibleEstimate))
  expect(before.answerable).toMatchObject({ marked: 0, estimated: estimated.length })
  const [movie] = all.filter((d) => d.allCells.some((c) => c.label && c.predicted === false && !c.impossibleEstimate))
  const cell = movie!.allCells.find((c) => c.label && c.predicted === false && !c.impossibleEstimate)!
  await b.call('labels.apply', { changes: [{ field: 'verdict', movie: movie!.movie, genre: cell.genre, to: 'impossible' }] })
  const after = await b.call('metrics.get', { part: 'oof' })
  expect(after.micro).toEqual(before.micro)
  expect(after.answerable).toMatchObject({ marked: 1, estimated: estimated.length })
  const cells = all.flatMap((d) => d.allCells.filter((c) => !c.impossibleEstimate && c !== cell))
  const both = cells.filter((c) => c.label && c.predicted).length
  const either = cells.filter((c) => c.label || c.predicted).length
  expect(after.answerable.micro_f1).toBeCloseTo((2 * both) / (both + either), 9)
})

test('a run is not scored on movies and genres that it has not predicted', async () => {
  // copies of test movies and a genre return after the training
  const b = await Bench.open([
    ...LINES.slice(0, 20).map((l) => `${l} | A plot ${l.slice(0, 3)}.`),
    'x: War | test | A plot m16.',
    'y: Opera, War | test | A plot m17.',
    'z: Opera | train | A plot m3:.',
  ])
  b.compute.script = answers((_, row, column) => ((row * 31 + column * 17) % 23) / 23)
  await b.train()
  const figures = () => b.call('metrics.get', { part: 'test' })
  const before = await figures()
  await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': false } }))
  expect((await b.call('project.info', {})).genres.map((g) => g.name)).toEqual(['Comedy', 'Drama', 'Opera', 'War'])
  expect(await figures()).toEqual(before)
  expect(before).toMatchObject({ movies: 4, genres: ['Comedy', 'Drama', 'War'] })
  expect(before.per_label.f1).toHaveLength(3)
  // a run that has seen them is compared on the movies that both have seen
  await b.train()
  expect((await figures()).movies).toBe(6)
  const c = await b.call('runs.compare', { a: 1, b: 2, resamples: 100 })
  expect([c.part, c.movies, c.perGenre.map((g) => g.genre)]).toEqual(['test', 4, ['Comedy', 'Drama', 'War']])
  expect([c.corrected.microF1.old, c.perGenre.map((g) => g.old)]).toEqual([before.micro.f1, before.per_label.f1])
})

test('a part whose movies cleaning has replaced has no figures instead of perfect ones', async () => {
  const b = await Bench.open([...LINES.slice(0, 16), 'x: War | valid | The plot of m0 is told here at some length.'])
  await b.train()
  await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': false } }))
  expect(await codeOf(() => b.call('metrics.get', { part: 'valid' }))).toBe('empty-part')
})

test('the overview counts what the review shows', async () => {
  const b = await b1()
  await b.decide('m1', '-War', 'impossible Drama')
  await b.decide('m2', 'keep War', 'reviewed')
  await b.decide('m5', 'reviewed')
  const all = await details(b)
  const o = await b.call('overview.get', {})
  const kinds = { missing: 'missing', spurious: 'spurious', swapped: 'swapped' } as const
  o.genres.forEach((g, j) => {
    const cells = all.map((d) => d.allCells[j]!)
    const impossible = cells.filter((c) => c.verdict === 'impossible' || (c.verdict === null && c.impossibleEstimate))
    expect([g.source, g.corrected, g.impossible]).toEqual([
      cells.filter((c) => c.source).length,
      cells.filter((c) => c.label).length,
      impossible.length,
    ])
    for (const kind of Object.values(kinds))
      expect(g[kind]).toBe(cells.filter((c) => c.kind === kind && c.verdict === null && !impossible.includes(c)).length)
    o.genres.forEach((_, i) =>
      expect(o.cooccurrence[i * 3 + j]).toBe(all.filter((d) => d.allCells[i]!.label && d.allCells[j]!.label).length),
    )
  })
  const { buckets } = await b.call('review.query', {})
  expect([o.movies, o.reviewed]).toEqual([24, 3])
  expect(buckets).toMatchObject({ all: 24, ...o.buckets })
})

test('before the first training there are labels to see and no scores', async () => {
  const b = await Bench.open(LINES)
  for (const call of [() => b.call('metrics.get', {}), () => b.call('review.explain', { movie: 1, genre: 1 })])
    expect(await codeOf(call)).toBe('no-run')
  const o = await b.call('overview.get', {})
  expect([o.genres.map((g) => g.source), o.buckets]).toEqual([[12, 12, 12], { good: 0, bad: 0, impossible: 0 }])
  const [cell] = (await b.call('review.movie', { movie: 1 })).allCells
  expect(cell).toMatchObject({ probability: null, threshold: null, predicted: null, kind: null, verdict: null })
})

test('a movie shows its original columns, also those that Reelabel does not use', async () => {
  const b = await Bench.open(['a: Drama | test | A "quoted", long plot.'])
  const d = await b.call('review.movie', { movie: 1 })
  expect(d.columns.map((c) => `${c.name}=${c.value}`)).toEqual([
    'id=a',
    'title=Title a',
    'plot=A "quoted", long plot.',
    'genres=Drama',
    'split=test',
  ])
  expect(await codeOf(() => b.call('review.movie', { movie: 9 }))).toBe('no-movie')
  expect(await codeOf(() => b.call('review.rows', { movies: [1, 9] }))).toBe('no-movie')
})

test('scores of a filter are those of its movies, with intervals that hold them and baselines beside them', async () => {
  const b = await b1()
  const some = await b.call('metrics.get', { part: 'oof', where: 'genre:War', resamples: 200 })
  const rows = (await details(b)).filter((d) => d.split === 'train' && d.labels.includes('War'))
  const [f1, jaccard] = plainly(rows, 'label', null)
  expect([some.movies, some.where]).toEqual([rows.length, 'genre:War'])
  expect([some.micro.f1, some.jaccard_samples]).toEqual([expect.closeTo(f1, 9), expect.closeTo(jaccard, 9)])
  const { microF1, macroF1 } = some.intervals!
  expect(microF1.low).toBeLessThan(some.micro.f1)
  expect(microF1.high).toBeGreaterThan(some.micro.f1)
  expect(macroF1.high).toBeGreaterThan(macroF1.low)
  // every movie has War: 2 * 8 hits, 8 predictions, and as many labels as the movies have
  const labels = rows.reduce((sum, d) => sum + d.labels.length, 0)
  expect(some.baselines.majority.microF1).toBeCloseTo((2 * rows.length) / (rows.length + labels), 9)
  expect(some.baselines.always.microF1).toBeCloseTo((2 * labels) / (3 * rows.length + labels), 9)
  expect(some.baselines.never).toEqual({ microF1: 0, macroF1: 0, jaccard: 0 })
  expect((await b.call('metrics.get', { part: 'oof' })).intervals).toBeNull()
  expect((await b.call('metrics.get', { part: 'oof', where: 'genre:War', resamples: 200 })).intervals).toEqual(some.intervals)
  expect(await codeOf(() => b.call('metrics.get', { part: 'oof', where: 'genre:War -genre:War' }))).toBe('no-movies')
})
