/** Suspects in the engine; a search is scripted. */
import { expect, test } from 'vitest'
import { Store } from '../../src/main/store/store.ts'
import { Bench, findsWrong, projectOf, scratch } from '../support/project.ts'

const LINES = Array.from({ length: 30 }, (_, i) => `m${i}: ${[['Drama'], ['Comedy'], ['War', 'Drama']][i % 3]!.join(', ')} | train`)
/** Rows in file order; columns: Comedy, Drama, War. */
const nothing = findsWrong(() => 0.05)

test('a search asks about the labels of the source, and about planted errors only where nobody decided', async () => {
  const b = await Bench.open(LINES)
  b.compute.suspectScript = nothing
  await b.decide('m0', '-Drama')
  await b.decide('m1', 'keep Comedy')
  await b.job(() => b.call('suspects.find', {}))
  const [{ labels, source, decided }] = b.compute.searches as [(typeof b.compute.searches)[0]]
  expect([labels[1], source[1]]).toEqual([0, 1])
  expect([...decided]).toEqual([1, 3])
})

test('the newest run of another family is a second opinion; without one the search says that there is none', async () => {
  const b = await Bench.open(LINES)
  b.compute.suspectScript = nothing
  await b.train()
  expect(b.compute.searches.at(-1)).toMatchObject({ family: null, config: { family: null } })
  const transformer = { config: { family: 'transformer', folds: 2 } } as const
  await b.train(transformer)
  await b.train(transformer)
  await b.train()
  const { family, config } = b.compute.searches.at(-1)!
  expect(config.family).toEqual({ run: 3, name: 'Small transformer' })
  // 0.9 for every label that a movie has, 0.1 for the others
  expect([...family!.slice(0, 3)].map((z) => z.toFixed(3))).toEqual(['-2.197', '2.197', '-2.197'])
  const health = await b.call('suspects.health', {})
  expect(health!.model.sources['family']).toMatch(/another family/)
  expect(health!.model.weights['family']).toBe(-1)
  expect(health!.model.planted).toEqual({ errors: 20, called: 10, found: 5 })
})

test('reasons name what they rest on: a movie with the same text and other labels, two genres that bring a third', async () => {
  const groups = [25, 20, 20].flatMap((count, i) => Array.from({ length: count }, () => ['Drama, War, History', 'Drama', 'War'][i]!))
  const lines = [...groups, 'Drama, War'].map((genres, i) => `m${i}: ${genres} | train`)
  const b = await Bench.open(lines)
  b.compute.suspectScript = findsWrong((row, column) => (row === 65 && column === 1 ? 0.9 : 0.01))
  await b.job(() => b.call('suspects.find', {}))
  const { movies } = await b.call('suspects.list', {})
  const [cell] = movies[0]!.cells
  expect(cell).toMatchObject({ name: 'History', suggestion: { kind: 'add' } })
  const [drama, war] = [await b.genre('Drama'), await b.genre('War')]
  expect(cell!.reasons.filter(({ kind }) => kind === 'duplicates' || kind === 'rules')).toEqual([
    {
      kind: 'duplicates',
      weight: 1,
      text: 'nearly the same text as m0, labelled Drama, History, War',
      proof: { show: 'movie', movie: await b.movie('m0') },
    },
    { kind: 'rules', weight: 0, text: 'beside Drama and War in 25 of 25 other movies', proof: { show: 'genres', genres: [drama, war] } },
  ])
})

const P = 0.4
/** Thirty movies whose Drama, present or absent, is a suspect. */
async function doubtful(): Promise<{ b: Bench; drama: number; pOf: (key: string) => Promise<number> }> {
  const b = await Bench.open(LINES)
  b.compute.suspectScript = findsWrong((_, column) => (column === 1 ? P : 0.01))
  await b.train()
  const drama = await b.genre('Drama')
  const pOf = async (key: string): Promise<number> => {
    const { suspects } = await b.call('review.movie', { movie: await b.movie(key) })
    return suspects?.find(({ genre }) => genre === drama)?.pWrong ?? 0
  }
  return { b, drama, pOf }
}

test('after every 25 answers the probabilities follow what was learnt from them, and clients hear how many movies moved up', async () => {
  const { b, pOf } = await doubtful()
  // every movie with Drama has it wrongly, every other one lacks it rightly
  for (let i = 0; i < 24; i++) await b.decide(`m${i}`, i % 3 === 1 ? 'keep Drama' : '-Drama')
  await b.restart()
  expect(await pOf('m26')).toBeCloseTo(P, 5)
  const moved: number[] = []
  b.engine.on('changed', (change) => void (change.what === 'order' && moved.push(change.moved)))
  await b.decide('m24', '-Drama')
  await expect.poll(() => moved.length).toBe(1)
  expect(await pOf('m26')).toBeGreaterThan(P + 0.2)
  // a label that nobody answered, of a movie whose other labels were
  expect((await b.call('review.movie', { movie: await b.movie('m28') })).score).toBeGreaterThan(1 - P)
  const { decisions } = (await b.call('suspects.health', {}))!.model
  expect([decisions.answers, decisions.wrong]).toEqual([25, 17])
  const [comedy, drama] = decisions.offsets
  expect(drama!.present).toBeGreaterThan(1)
  expect(drama!.absent).toBeLessThan(-0.5)
  expect(comedy!.present).toBeGreaterThan(0)
  expect(comedy!.present).toBeLessThan(drama!.present / 2)
  // a restart changes nothing
  const [score, before] = [(await b.call('review.first', {})).movies, await pOf('m26')]
  await b.decide('m25', 'keep Drama')
  await b.decide('m25', 'clear Drama')
  await b.restart()
  expect(await pOf('m26')).toBe(before)
  expect((await b.call('review.first', {})).movies).toEqual(score)
  // what was learnt is damaged: it is learnt again
  await b.engine.close()
  const store = new Store(b.path, 'open')
  store.transaction(() => store.columns.putDerived(store.cleanings.generation(), 'suspects learnt', Buffer.from('{"search":')))
  store.close()
  await b.restart()
  expect(await pOf('m26')).toBeCloseTo(before, 1)
})

test('a label left as it is in a reviewed movie was right; a search again keeps what was learnt', async () => {
  const { b, pOf } = await doubtful()
  for (let i = 0; i < 27; i++) await b.decide(`m${i}`, 'reviewed')
  await expect.poll(() => pOf('m29')).toBe(0) // below what is listed
  const { decisions } = (await b.call('suspects.health', {}))!.model
  expect([decisions.answers, decisions.wrong]).toEqual([25, 0])
  await b.job(() => b.call('suspects.find', {}))
  expect((await b.call('suspects.health', {}))!.model.decisions.answers).toBe(27)
})

test('an analyst who accepts every suggestion does not raise the number of wrong labels that are left, one who refuses them lowers it', async () => {
  const leftAfter = async (decide: (i: number) => string): Promise<number[]> => {
    const { b, pOf } = await doubtful()
    const left: number[] = []
    for (let i = 0; i <= 26; i++) {
      const { expected, low, high, genres } = (await b.call('suspects.health', {}))!
      expect(genres.reduce((sum, genre) => sum + genre.expected, 0)).toBeCloseTo(expected, 6)
      expect([low <= expected, high >= expected]).toEqual([true, true])
      left.push(expected)
      await b.decide(`m${i}`, decide(i))
    }
    if (decide(0) === '-Drama') expect(await pOf('m28')).toBeGreaterThan(P + 0.2)
    return left
  }
  const accepting = await leftAfter((i) => (i % 3 === 1 ? '+Drama' : '-Drama'))
  const refusing = await leftAfter(() => 'keep Drama')
  for (const left of [accepting, refusing]) left.forEach((now, i) => expect(now).toBeLessThanOrEqual((left[i - 1] ?? Infinity) + 1e-6))
  // four suspects and their 60 other labels, as the search expects; refused ones were no errors
  expect(accepting.at(-1)).toBeCloseTo(4 * P + 60 * 0.01, 3)
  expect(refusing.at(-1)).toBeLessThan(accepting.at(-1)! / 2)
})

test('records of one movie that disagree are a reason, which is not weighed', async () => {
  const folder = scratch()
  const plot = (i: number): string => `The plot of movie ${i} is told here at some length.`
  const rows = Array.from({ length: 12 }, (_, i) => [i, i % 2 ? 'Comedy' : 'Drama'] as const)
  const all = [...rows, [1, 'Comedy, War'], [3, 'Comedy']] as const
  const text = all.map(([i, genres]) => `m${i},Movie ${i},${plot(i)},"${genres}"`)
  const path = await projectOf(folder, ['movie_id,movie_name,description,genre', ...text, ''].join('\n'), 'lists', 'imdb-by-genre')
  const b = await Bench.on(folder, path)
  b.compute.suspectScript = findsWrong((row, column) => (row % 2 === 1 && column === (row === 1 ? 2 : 0) ? 0.9 : 0.01))
  await b.job(() => b.call('suspects.find', {}))
  const ofRecords = async (key: string) => {
    const { cells } = (await b.call('suspects.movie', { movie: await b.movie(key) }))!
    return cells[0]!.reasons.filter(({ kind }) => kind === 'records').map(({ text, weight, proof }) => [text, weight, proof.show])
  }
  expect(await b.labels('m1')).toBe('Comedy, War')
  expect(await ofRecords('m1')).toEqual([['1 of 2 imported records lack it (lists.csv)', 0, 'records']])
  expect(await ofRecords('m3')).toEqual([])
})
