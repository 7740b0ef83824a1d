import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Engine } from '../../src/main/engine.ts'
import { GENRE_SHARES, generateCatalogue, generateProject, guessingCompute, writeCatalogue } from './generate.ts'
import { scratch } from './project.ts'

const text = (n: number, seed?: number): string => [...generateCatalogue(n, seed)].join('')

test('the same size and seed give the same bytes, another seed gives others', async () => {
  const path = join(scratch(), 'catalogue.csv')
  await writeCatalogue(path, 500, 7)
  expect(hash('sha256', readFileSync(path))).toBe(hash('sha256', text(500, 7)))
  expect(text(500, 8)).not.toBe(text(500, 7))
  expect(text(600, 7).startsWith(text(500, 7))).toBe(true)
  expect(text(0)).toBe('id,title,year,plot,genres\n')
})

test('a generated project has the requested movies, genres and oddities, and runs that disagree', async () => {
  const folder = scratch()
  const path = join(folder, 'generated.reel')
  await generateProject(path, 3000, { runs: 2 })
  const engine = await Engine.start({ dataDir: folder, open: path, spawn: guessingCompute })
  try {
    const info = await engine.call('project.info', {})
    expect(info).toMatchObject({ movies: 3000, currentRun: 2 })
    const { steps } = await engine.call('clean.report', {})
    for (const rule of ['exact-duplicate', 'placeholder'] as const)
      expect(steps.find((s) => s.rule === rule)!.count, rule).toBeGreaterThan(5)
    expect(info.genres.map((g) => g.name).sort()).toEqual(Object.keys(GENRE_SHARES).sort())
    const overview = await engine.call('overview.get', {})
    const support = Object.fromEntries(overview.genres.map((g) => [g.name, g.source]))
    expect(support['Drama']).toBeGreaterThan(10 * support['Western']!)
    for (const bucket of ['good', 'bad', 'impossible'] as const) expect(overview.buckets[bucket], bucket).toBeGreaterThan(0)
    const { old, new: fresh } = (await engine.call('runs.compare', { a: 1, b: 2, resamples: 100 })).corrected.microF1
    expect(old).not.toBe(fresh)
    for (const f1 of [old, fresh]) expect(f1).toBeGreaterThan(0.5)
  } finally {
    await engine.close()
  }
})
