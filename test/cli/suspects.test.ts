/** Suspects on the command line, with the sample, whose planted errors are known. The tests depend on their order. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import type { Health } from '../../src/contract/suspects.ts'
import { CommandLine } from '../support/command-line.ts'
import { root } from '../support/paths.ts'

const cli = new CommandLine()
const P = join(cli.folder, 'Sample.reel')
interface Listed {
  readonly id: string
  readonly score: number
  readonly labels: readonly string[]
  readonly cells: readonly {
    readonly genre: string
    readonly given: boolean
    readonly pWrong: number
    readonly suggestion: { readonly kind: string; readonly by: string | null; readonly text: string }
    readonly reasons: readonly { readonly kind: string; readonly text: string; readonly weight: number }[]
  }[]
}
const lines = (name: string): string => readFileSync(join(root, 'resources/sample', name), 'utf8')
const truth = lines('truth.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { readonly id: string; readonly genres: readonly string[]; readonly hidden: readonly string[] })
const given = new Map(parse<{ id: string; genres: string }>(lines('movies.csv'), { columns: true }).map(({ id, genres }) => [id, genres]))
const namesOf = (genres: readonly string[]): string =>
  genres
    .map((genre) => genre.trim().toLowerCase())
    .sort()
    .join()
const wrong = new Set(
  truth.filter(({ id, genres }) => namesOf((given.get(id) ?? '').split(/[,|]/)) !== namesOf(genres)).map(({ id }) => id),
)
const list = (...args: string[]): Promise<Listed[]> => cli.json('suspects', P, ...args)

test('before a search the verbs say how to search', async () => {
  await cli.text('import', P, join(root, 'resources/sample/movies.csv'), '--seed', '1')
  for (const args of [
    ['suspects', P],
    ['health', P],
    ['neighbours', P, 'm001'],
  ]) {
    const { code, err } = await cli.run(args)
    expect(code).toBe(3)
    expect(err).toMatch(/Suspects were not searched for .* train a model, or search with `reelabel suspects PROJECT\.reel --find`\./)
  }
})

test('the first suspects are mostly planted errors, each with a suggestion and reasons', async () => {
  const found = await list('--find', '--top', '1000')
  const first = found.slice(0, 30)
  const hits = first.filter(({ id }) => wrong.has(id)).length
  expect(wrong.size).toBe(57) // of 408: chance would find 4 among 30
  expect(hits).toBeGreaterThanOrEqual(18)
  found.forEach(({ score }, i) => expect(score).toBeLessThanOrEqual(found[i - 1]?.score ?? 1))
  for (const { cells, labels } of first) {
    expect(cells.length).toBeGreaterThan(0)
    for (const { genre, given, suggestion, reasons } of cells) {
      expect(labels.includes(genre)).toBe(given)
      expect(suggestion.text).toMatch(given ? /^(Remove|Replace) / : /^Add /)
      reasons.forEach(({ weight }, i) => expect(weight).toBeLessThanOrEqual(reasons[i - 1]?.weight ?? Infinity))
    }
  }
  const kinds = new Set(first.flatMap(({ cells }) => cells.flatMap(({ reasons }) => reasons.map(({ kind }) => kind))))
  expect([...kinds].sort()).toEqual(['genres', 'neighbours', 'text'])
})

test('a training searches too, with the same numbers for the same seed; the review list has that order', async () => {
  const before = await list()
  await cli.text('train', P, '--folds', '2', '--char-ngrams', 'none')
  expect(await list()).toEqual(before)
  const triage = await cli.json<{ id: string; score: number }[]>('triage', P, '--top', '20')
  expect(triage.map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  expect(triage[0]!.score).toBeCloseTo(1 - before[0]!.score, 5)
})

test('labels that are estimated impossible are mostly hidden by their plots, and none is a planted error', async () => {
  const all = `${P}-whole.reel`
  await cli.text('import', all, join(root, 'resources/sample/movies.csv'), '--seed', '42')
  await cli.text('train', all)
  const rows = await cli.json<{ id: string; cells: { genre: string; label: boolean; impossible_estimate: boolean }[] }[]>(
    'triage',
    all,
    '--bucket',
    'impossible',
    '--top',
    '1000',
  )
  const estimated = rows.flatMap(({ id, cells }) => cells.filter((c) => c.impossible_estimate).map(({ genre }) => ({ id, genre })))
  const of = (id: string) => truth.find((t) => t.id === id)!
  const hidden = estimated.filter(({ id, genre }) => of(id).hidden.includes(genre))
  expect(estimated.filter(({ id, genre }) => !of(id).genres.includes(genre))).toEqual([])
  expect(hidden.length / estimated.length).toBeGreaterThan(0.75)
  expect(hidden.length).toBeGreaterThanOrEqual(8)
  const [first] = hidden
  const { impossible } = await cli.json<{ impossible: { genre: string; text: string }[] }>('show', all, first!.id)
  expect(impossible.find(({ genre }) => genre === first!.genre)!.text).toMatch(
    /^no word of the plot speaks for it, and (none of its 10|its) most similar movies ha.*; /,
  )
})

test('a label that a person set or confirmed is not suspected again, before and after the next search', async () => {
  const [first] = await list('--top', '1')
  const [cell] = first!.cells
  await cli.text('label', P, first!.id, '--keep', cell!.genre)
  const scoreOf = async (...args: string[]): Promise<Listed | undefined> =>
    (await list('--top', '1000', ...args)).find(({ id }) => id === first!.id)
  for (const args of [[], ['--find']]) {
    const now = await scoreOf(...args)
    expect(now?.cells.map(({ genre }) => genre) ?? []).not.toContain(cell!.genre)
  }
  expect((await scoreOf())?.score ?? 0).toBeLessThan(first!.score)
})

test('queues order the movies that are not reviewed, in the form of the list; a mixed one keeps its shares', async () => {
  const random = await list('--queue', 'random', '--seed', '4', '--top', '20')
  expect(random).toEqual(await list('--queue', 'random', '--seed', '4', '--top', '20'))
  expect(random).not.toEqual(await list('--queue', 'random', '--seed', '5', '--top', '20'))
  expect(random.every(({ cells }) => cells.length > 0)).toBe(true)
  const firsts = (await list('--top', '10')).map(({ id }) => id)
  const mixed = (await list('--mix', 'suspects=50,random=50', '--seed', '4', '--top', '20')).map(({ id }) => id)
  expect([mixed.filter((id) => firsts.includes(id)).length, new Set(mixed).size]).toEqual([10, 20])
  for (const [args, text] of [
    [['--mix', 'suspects'], /write QUEUE=SHARE pairs, such as suspects=50,random=50; queues are suspects, least-confident/],
    [['--queue', 'best'], /Allowed choices are suspects, least-confident/],
    [['--queue', 'random', '--mix', 'random=1'], /--mix is the mixed queue: leave out --queue/],
    [['--queue', 'disagreement'], /The queue disagreement cannot be used\. Needs a finished training of each of two families/],
    [['--mix', 'random=1,disagreement=1'], /Disagreement of families: Needs a finished training of each of two families/],
  ] as const) {
    const { code, err } = await cli.run(['suspects', P, ...args])
    expect([code === 0, err]).toEqual([false, expect.stringMatching(text)])
  }
})

test('a genre has its own list, and neighbours and health can be read', async () => {
  const drama = await list('--genre', 'drama', '--top', '5')
  for (const { cells } of drama) expect(cells.length).toBeGreaterThan(0)
  const near = await cli.json<{ id: string; similarity: number }[]>('neighbours', P, 'm001')
  expect(near.length).toBe(10)
  near.forEach(({ similarity }, i) => expect(similarity).toBeLessThanOrEqual(near[i - 1]?.similarity ?? 1))
  const health = await cli.json<Health>('health', P)
  expect(health.expected).toBeGreaterThan(20)
  expect(health.expected).toBeLessThan(120)
  expect(health.low).toBeLessThanOrEqual(health.expected)
  expect(health.high).toBeGreaterThan(health.expected)
  expect(health.genres.length).toBe(19)
  for (const { expected, interval } of [health, ...health.genres]) {
    expect(interval.low).toBeLessThan(expected)
    expect(interval.high).toBeGreaterThan(expected)
  }
  expect(health.decisionsSince).toBe(0)
  const text = await cli.text('health', P)
  expect(text).toMatch(/^About \d+ of [\d,]+ labels are wrong or missing \(/)
  expect(health.model.planted.found).toBeLessThanOrEqual(health.model.planted.called)
  expect(text).toMatch(/Of \d+ planted errors the search finds \d+%, and \d+% of what it calls wrong is planted .* From 25 answers/)
})

test("a score of cleanlab's is a column beside the probability, in JSON and in the text", async () => {
  const [first] = await cli.json<{ softmin: number; score: number }[]>('suspects', P, '--top', '1', '--score', 'softmin')
  expect(first!.softmin).toBeGreaterThan(0)
  expect(first!.softmin).toBeLessThan(0.6)
  expect(await cli.text('suspects', P, '--top', '1', '--score', 'softmin')).toContain(`softmin ${first!.softmin.toFixed(3)}  `)
  expect(first).not.toHaveProperty('ema')
})

test('a replacement is as probable as either of its labels being wrong, and the reason counts other movies', async () => {
  const found = await list('--top', '1000')
  const replaced = found.flatMap(({ score, cells }) => cells.flatMap((cell) => (cell.suggestion.kind === 'replace' ? { score, cell } : [])))
  expect(replaced.length).toBeGreaterThan(0)
  for (const { score, cell } of replaced) expect(cell.pWrong).toBeLessThanOrEqual(score + 1e-6)
  const only = replaced.filter(({ score, cell }) => Math.abs(score - cell.pWrong) < 0.05)
  expect(only.length).toBeGreaterThan(0)
  const texts = found.flatMap(({ cells }) =>
    cells.flatMap(({ reasons }) => reasons.filter(({ kind }) => kind === 'genres').map(({ text }) => text)),
  )
  expect(texts.some((text) => /^never beside .+ \([\d,]+ other movies\)$/.test(text))).toBe(true)
})

test('a sweep lists the doubtful movies of a genre; answers are decisions, in one batch', async () => {
  type Doubtful = { id: string; given: boolean; doubt: number }[]
  const sweep = (...args: string[]) => cli.json<Doubtful>('sweep', P, '--genre', 'drama', ...args)
  const found = await sweep('--top', '400')
  expect(found.length).toBeGreaterThan(5)
  found.forEach(({ doubt }, i) => expect(doubt).toBeLessThanOrEqual(found[i - 1]?.doubt ?? 1))
  const [first, second] = [found[0]!, found[1]!]
  const answers = [first.given ? '--no' : '--yes', first.id, second.given ? '--yes' : '--no', second.id]
  const same = answers[0] === answers[2] ? [answers[0]!, first.id, second.id] : answers
  expect(await cli.json('sweep', P, '--genre', 'Drama', ...same)).toMatchObject({ answered: 2, changed: 1 })
  const decided = async (id: string) => {
    const { all_cells: cells } = await cli.json<{ all_cells: { genre: string; label: boolean; verdict: string | null }[] }>('show', P, id)
    return cells.find(({ genre }) => genre === 'Drama')
  }
  expect(await decided(first.id)).toMatchObject({ label: !first.given, verdict: 'keep' })
  expect(await decided(second.id)).toMatchObject({ label: second.given, verdict: 'keep' })
  expect((await sweep('--top', '400')).map(({ id }) => id)).toEqual(found.slice(2).map(({ id }) => id))
  await cli.text('undo', P)
  expect(await sweep('--top', '400')).toEqual(found)
  const line = (movie: { id: string; given: boolean }, has: boolean): string => JSON.stringify({ ...movie, has })
  const fromFile = (text: string) => cli.runProcess(['sweep', P, '--genre', 'Drama', '--answers', '-', '--json'], undefined, text)
  const ended = await fromFile([line(first, !first.given), '', line(second, second.given)].join('\n'))
  expect([ended.code, JSON.parse(ended.out)]).toEqual([0, expect.objectContaining({ answered: 2, changed: 1 })])
  expect([await decided(first.id), await decided(second.id)]).toMatchObject([
    { label: !first.given, verdict: 'keep' },
    { label: second.given, verdict: 'keep' },
  ])
  await cli.text('undo', P)
  const bad = await fromFile(`id,has\n${first.id},no\nm9999,yes`)
  expect([bad.code, JSON.parse(bad.out)]).toMatchObject([3, { error: { code: 'no-movie' } }])
  expect(await sweep('--top', '400')).toEqual(found)
  const { code, err } = await cli.run(['sweep', P, '--genre', 'Drama', '--yes', first.id, '--no', first.id])
  expect([code, err]).toEqual([3, expect.stringContaining('cannot be answered with both yes and no')])
})
