/** The audit on the command line, with the sample, whose truth is known. The tests depend on their order. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AuditResult, AuditState } from '../../src/contract/audit.ts'
import type { Health } from '../../src/contract/suspects.ts'
import { CommandLine } from '../support/command-line.ts'
import { root } from '../support/paths.ts'

const cli = new CommandLine()
const P = join(cli.folder, 'Sample.reel')
const truth = new Map(
  readFileSync(join(root, 'resources/sample/truth.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly id: string; readonly genres: readonly string[] })
    .map(({ id, genres }) => [id, genres]),
)
interface Shown {
  readonly id: string
  readonly title: string
  readonly plot: string
  readonly columns: readonly { readonly name: string }[]
}
const next = (top: number): Promise<Shown[]> => cli.json('audit', 'label', P, '--top', String(top))

test('an audit is started, and its movies are shown without genres', async () => {
  await cli.text('import', P, join(root, 'resources/sample/movies.csv'), '--seed', '1')
  for (const verb of ['result', 'label', 'apply']) {
    const early = await cli.run(['audit', verb, P])
    expect([verb, early.code, early.err]).toEqual([verb, 3, expect.stringContaining('audit start PROJECT.reel')])
  }
  await cli.json('suspects', P, '--find', '--top', '1')
  expect(await cli.json<AuditState>('audit', 'start', P, '--size', '90', '--seed', '3')).toMatchObject({ basis: 'suspects', size: 90 })
  const [movie] = await next(1)
  expect(Object.keys(movie!).sort()).toEqual(['columns', 'id', 'plot', 'title'])
  for (const { columns } of await next(90)) expect(columns.map(({ name }) => name.toLowerCase())).not.toContain('genres')
})

test('answers are given one by one, or as JSON lines; bad lines store nothing', async () => {
  const [movie] = await next(1)
  expect(await cli.text('audit', 'label', P, '--movie', movie!.id, '--genres', truth.get(movie!.id)!.join(', '))).toContain(
    '1 of 90 movies',
  )
  const file = join(cli.folder, 'answers.jsonl')
  const movies = await next(200)
  expect(movies.length).toBe(89)
  const lines = movies.map(({ id }) => JSON.stringify({ id, genres: truth.get(id) }))
  writeFileSync(file, [...lines, 'nonsense'].join('\n'))
  const bad = await cli.run(['audit', 'label', P, '--answers', file])
  expect([bad.code, bad.err]).toEqual([3, expect.stringContaining('Line 90')])
  expect(await next(1)).toEqual(movies.slice(0, 1))
  expect((await cli.run(['audit', 'result', P])).err).toContain('1 movie labelled: a result needs 30')
  writeFileSync(file, lines.join('\n'))
  expect(await cli.json<AuditState>('audit', 'label', P, '--answers', file)).toMatchObject({ answered: 90, finished: true })
})

test('the result holds the true rate, and health takes it over; applying corrects the sample', async () => {
  const result = await cli.json<AuditResult>('audit', 'result', P)
  expect(result).toMatchObject({ estimator: 'ppi', interval: 'fixed', answered: 90 })
  expect(result.movies.low).toBeLessThan(57 / 408)
  expect(result.movies.high).toBeGreaterThan(57 / 408)
  const before = await cli.json<Health>('health', P)
  expect(before.history.map(({ from }) => from)).toEqual(['search', 'audit'])
  expect(before.history[1]!.audit!.movies.rate).toBeCloseTo(result.movies.rate, 12)
  expect(before.left).toMatchObject({ basis: 'audit', expected: expect.closeTo(result.cells.rate * result.population.cells, 6) as number })
  const applied = await cli.json<{ labels: number }>('audit', 'apply', P)
  expect(applied.labels).toBeGreaterThan(0)
  const after = await cli.json<Health>('health', P)
  expect(after.left.expected).toBeCloseTo(Math.max(0, before.left.expected - applied.labels), 6)
  expect(after.recentYield).toEqual({ looked: 0, corrected: 0 })
  await cli.text('undo', P)
  expect((await cli.json<Health>('health', P)).left.expected).toBeCloseTo(before.left.expected, 6)
  await cli.text('redo', P)
  expect(await cli.text('audit', 'apply', P)).toContain('No label differs from the answers.')
  expect(await cli.text('audit', 'result', P)).toMatch(/^90 of 90 movies labelled[\s\S]*Movies with a wrong label: /)
  await cli.text('label', P, 'm001', '--reviewed')
  expect((await cli.json<Health>('health', P)).recentYield.looked).toBeLessThanOrEqual(1)
})

test('neighbours are as many as asked for', async () => {
  expect((await cli.json<unknown[]>('neighbours', P, 'm001', '--top', '3')).length).toBe(3)
})
