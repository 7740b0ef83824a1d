/** What the list and the movie of Review ask for beside rows and details. */
import { expect, test } from 'vitest'
import { answers, Bench } from '../support/project.ts'

const LINES = ['a: Drama', 'b: Comedy', 'c: Drama, War', 'd: War, Comedy', 'e: Drama | test', 'f: Comedy | test'].map((line) =>
  line.includes('|') ? line : `${line} | train`,
)

test('rows bring along the values of the columns that are asked for, and an empty value of an unknown one', async () => {
  const b = await Bench.open(LINES)
  const movies = [await b.movie('c'), await b.movie('a')]
  const rows = await b.call('review.rows', { movies, columns: ['genres', 'no such column', 'id'] })
  expect(rows.map(({ values }) => values)).toEqual([
    ['Drama, War', '', 'c'],
    ['Drama', '', 'a'],
  ])
  expect((await b.call('review.rows', { movies }))[0]).not.toHaveProperty('values')
})

test('each finished run says what it predicts for a movie, on its own scale, the newest first', async () => {
  const b = await Bench.open(LINES)
  const movie = await b.movie('c')
  expect(await b.call('review.runs', { movie })).toEqual([])
  b.compute.script = answers(() => 0.9)
  await b.train()
  b.compute.script = answers(() => 0.2)
  await b.train()
  const runs = await b.call('review.runs', { movie })
  expect(runs.map(({ run, genres, thresholds }) => [run, genres.length, thresholds.length])).toEqual([
    [2, 3, 3],
    [1, 3, 3],
  ])
  for (const id of [1, 2]) {
    await b.call('runs.restore', { run: id })
    const { allCells } = await b.call('review.movie', { movie })
    const { genres, probabilities } = runs.find(({ run }) => run === id)!
    expect(allCells.map(({ genre, probability }) => [genre, probability])).toEqual(genres.map((genre, j) => [genre, probabilities[j]]))
  }
})
