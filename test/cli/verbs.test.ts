/** The command line: one project from import to export. The tests depend on their order. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ImportReport } from '../../src/contract/importing.ts'
import type { ChangeEntry, Comparison, MetricsReport, RunInfo } from '../../src/contract/records.ts'
import type { StrongestWords } from '../../src/contract/error-analysis.ts'
import type { CalibrationChange } from '../../src/contract/thresholds.ts'
import { CommandLine } from '../support/command-line.ts'
import { root } from '../support/paths.ts'

const cli = new CommandLine()
const { folder } = cli
const P = join(folder, 'Mine.reel')
const SAMPLE = join(root, 'resources/sample/movies.csv')

interface TriageRow {
  readonly id: string
  readonly title: string
  readonly plot: string
  readonly labels: string[]
  readonly predicted: string[]
  readonly score: number
  readonly buckets: string[]
  readonly reviewed: boolean
  readonly cells: { readonly genre: string; readonly kind: string; readonly probability: number; readonly verdict: string | null }[]
}

describe('from import to export', () => {
  test('import', async () => {
    const plan = await cli.run(['import', P, SAMPLE, '--dry-run'])
    expect([plan.code, existsSync(P), plan.out.includes('m001  Those Who Stayed in the Walls')]).toEqual([0, false, true])
    const report = await cli.json<ImportReport>('import', P, SAMPLE, '--off', 'truncated')
    expect(report).toMatchObject({ format: 'table', records: 414, movies: 414, split: 'made' })
    expect(report.clean.steps.find((r) => r.rule === 'truncated')!.on).toBe(false)
    expect(report.genreCounts['Drama']).toBeGreaterThan(100)
  })

  test('clean', async () => {
    expect(await cli.text('clean', P, '--on', 'truncated')).toMatch(/truncated +on .*\n(.*\n)*40\d of 414 movies kept/)
    const ruleSet = join(folder, 'rule-set.json')
    const preview = ['--preview', '--set', 'too-short.shortest=500', '--on', 'too-short', '--move', 'too-short=1', '--save', ruleSet]
    expect(await cli.json('clean', P, ...preview)).toMatchObject({
      movies: 414,
      kept: 0,
      steps: expect.arrayContaining([expect.objectContaining({ rule: 'too-short', count: 414 })]) as unknown,
    })
    // the preview wrote nothing: the rule set differs from the one in force in the switched step's place alone
    expect(await cli.text('clean', P, '--rule-set', ruleSet, '--off', 'too-short', '--examples')).toMatch(
      /^ 1 +too-short +off +414 +414 .*\n(.*\n)*40\d of 414 movies kept/m,
    )
  })

  test('train and metrics', async () => {
    expect((await cli.run(['metrics', P])).err).toBe(
      'reelabel: No model is trained yet: train one first (`reelabel train PROJECT.reel`).\n',
    )
    const run = await cli.json<RunInfo & { comparison: null }>('train', P, '--folds', '3', '--seed', '5', '--char-ngrams', 'none')
    expect(run).toMatchObject({ id: 1, status: 'done', current: true, parent: null, comparison: null })
    expect(run.config).toMatchObject({ folds: 3, seed: 5, charNgrams: null })
    const calibrated = await cli.json<CalibrationChange>('calibrate', P, '--use', 'platt')
    expect([calibrated.run.summary?.calibration?.kind, calibrated.now.ece < calibrated.model.ece]).toEqual(['platt', true])
    expect(await cli.text('calibrate', P)).toMatch(/^Run 1, oof part, 3\d\d movies; the run uses Platt scaling\n/)
    expect(await cli.text('calibrate', P, '--use', 'none')).toMatch(/^Run 1 has the probabilities of its model; its thresholds have moved/)
    const m = await cli.json<MetricsReport>('metrics', P, '--part', 'oof', '--labels', 'source')
    expect(m).toMatchObject({ run: 1, part: 'oof', labels: 'source', threshold: 'per-genre' })
    for (const average of [m.micro, m.macro, m.weighted, m.samples]) expect(average.f1 > 0.2 && average.f1 < 1).toBe(true)
    expect([m.jaccard_samples > 0, m.per_label.f1.length]).toEqual([true, m.genres.length])
    expect(await cli.text('metrics', P, '--threshold', '0.5')).toMatch(/Run 1, test part, 8\d movies, corrected labels, threshold 0\.5\n/)
  })

  let suspect: TriageRow
  test('triage and show', async () => {
    const rows = await cli.json<TriageRow[]>('triage', P, '--bucket', 'bad', '--top', '5')
    expect(rows).toHaveLength(5)
    suspect = rows[0]!
    for (const r of rows) {
      expect([r.id, r.title, r.plot].every((s) => s.length > 0)).toBe(true)
      expect([r.buckets.includes('bad'), r.reviewed, Array.isArray(r.labels), r.predicted.length > 0]).toEqual([true, false, true, true])
      for (const c of r.cells)
        expect([typeof c.genre, typeof c.kind, typeof c.probability, c.verdict]).toEqual(['string', 'string', 'number', null])
    }
    expect(rows.map((r) => r.score)).toEqual(rows.map((r) => r.score).sort((a, b) => a - b))
    expect(await cli.text('triage', P, '--genre', 'science fiction', '--kind', 'missing', '--top', '1')).toMatch(
      /^\d+ movies? \(\d+ good, \d+ bad, \d+ impossible\)\n/,
    )
    const filter = 'genre:Horror -genre:Drama p(Horror)<0.9 year>1900'
    const listed = await cli.json<{ id: string; labels: string[] }[]>('list', P, '--where', filter)
    expect(listed.length).toBeGreaterThan(0)
    expect(listed.every(({ labels }) => labels.includes('Horror') && !labels.includes('Drama'))).toBe(true)
    expect(await cli.json('list', P, '--where', filter, '--count')).toEqual({ count: listed.length })
    expect(await cli.text('list', P, '--where', filter)).toMatch(/^id +title +labels\n/)
    const triaged = await cli.text('triage', P, '--where', `(${filter}) OR id:nothing`, '--reviewed', 'no', '--top', '1')
    expect(triaged).toMatch(new RegExp(`^${listed.length} movies? \\(`))
    expect(await cli.json('bulk', P, '+War', '--where', '-genre:Horror')).toMatchObject({ batch: null })
    expect((await cli.json<unknown[]>('suspects', P, '--where', `id:${listed[0]!.id}`)).length).toBeLessThan(2)
    expect((await cli.json<unknown[]>('sweep', P, '--genre', 'Horror', '--where', 'split:test -split:test')).length).toBe(0)
    expect(await cli.json('slices', P, '--save', 'Odd horror', '--where', filter)).toEqual([
      { name: 'Odd horror', where: filter, count: listed.length },
    ])
    expect(await cli.json('list', P, '--where', 'slice:"odd horror" -id:nothing', '--count')).toEqual({ count: listed.length })
    expect(await cli.json('slices', P, '--delete', 'odd horror')).toEqual([])
    const strongest = await cli.json<StrongestWords>('words', P, '--strongest')
    const ghosts = strongest.genres.find(({ name }) => name === 'Horror')!
    expect([ghosts.for.length, ghosts.for[0]!.weight > 0, ghosts.against[0]!.weight < 0]).toEqual([10, true, true])
    expect(await cli.text('words', P, '--shared')).toMatch(
      /^Counted in \d+ of \d+ movies, for \d+ genres\n\nword +movies +least in +most in\n/,
    )
    expect(await cli.text('analyze', P)).toMatch(/\nPredicted \w+ and no other: \d+ movies, of which \d+ do not have it\n/)
    const shown = await cli.json<{
      id: string
      plot: string
      columns: { name: string }[]
      explanations: { genre: string; terms: unknown[] }[]
    }>('show', P, suspect.id)
    expect([shown.id, shown.plot]).toEqual([suspect.id, suspect.plot])
    expect(shown.columns.map((c) => c.name)).toEqual(['id', 'title', 'year', 'overview', 'genres'])
    expect(shown.explanations.map((e) => e.genre)).toEqual(suspect.cells.map((c) => c.genre))
    expect(await cli.text('show', P, suspect.id, '--genre', 'Horror')).toMatch(
      /\nHorror \(the (?:final )?model(?: that|, which) made the prediction(?:, which| and) did not learn from the movie\): /,
    )
  })

  test('label, history, undo and redo', async () => {
    const done = await cli.json<{ changes: number; movie: TriageRow }>(
      'label',
      P,
      'm010',
      '+Horror',
      '+science fiction',
      '-comedy',
      '--impossible',
      'TV Movie',
      '--flag',
      '--skip',
      '--note',
      '-Not sure',
      '--why',
      'seen it',
    )
    expect(done.movie.labels).toEqual(['Animation', 'Crime', 'Family', 'Horror', 'Science Fiction'])
    expect(done.movie.cells.find((c) => c.genre === 'TV Movie')!.verdict).toBe('impossible')
    const history = await cli.json<ChangeEntry[]>('history', P)
    // if nothing else of the movie is suspicious, it counts as reviewed
    const said = history.filter(({ field }) => field !== 'reviewed')
    expect(said.map((h) => `${h.field} ${h.genre ?? ''} ${h.from}>${h.to}`).reverse()).toEqual([
      'label Horror 0>1',
      'verdict Horror >keep',
      'label Science Fiction 0>1',
      'verdict Science Fiction >keep',
      'label Comedy 1>0',
      'verdict Comedy >keep',
      'verdict TV Movie >impossible',
      'skipped  0>1',
      'flagged  0>1',
      'note  >-Not sure',
    ])
    expect(new Set(history.map((h) => `${h.key} ${h.why}`))).toEqual(new Set(['m010 seen it']))
    expect(await cli.json('undo', P)).toMatchObject({ changes: history.length, corrections: 0, undo: null })
    expect(await cli.text('redo', P)).toMatch(
      /^Redone: .*: \+Horror, \+Science Fiction, -Comedy, impossible TV Movie, note \(\d+ changes\)\n$/,
    )
  })

  test('bulk', async () => {
    const counted = await cli.json<{ count: number; matched: number; batch: null; corrections: number }>(
      'bulk',
      P,
      '-Drama',
      '--text',
      'war',
    )
    expect([counted.count > 0, counted.matched >= counted.count, counted.batch, counted.corrections]).toEqual([true, true, null, 3])
    expect(await cli.text('bulk', P, '--apply', '-Drama', '--text', 'war')).toBe(`${counted.count} of ${counted.matched} movies changed\n`)
  })

  test('retrain, compare and runs', async () => {
    const run = await cli.json<RunInfo & { comparison: Comparison }>('retrain', P)
    expect(run).toMatchObject({ id: 2, parent: 1, current: true, config: { folds: 3, seed: 5, charNgrams: null } })
    expect(run.comparison).toMatchObject({ a: 1, b: 2, part: 'test' })
    const again = await cli.json<Comparison>('compare', P)
    expect(again).toEqual(run.comparison)
    expect(await cli.text('compare', P, '2', '1', '--resamples', '100')).toMatch(
      /Verdict on the frozen test part \(\d+ movies\): run 1 is /,
    )
    const runs = await cli.json<RunInfo[]>('runs', P, '--restore', '1')
    expect(runs.map((r) => [r.id, r.current, r.status])).toEqual([
      [1, true, 'done'],
      [2, false, 'done'],
    ])
    const renamed = await cli.json<RunInfo[]>('runs', P, '--rename', '2', '--name', 'With corrections')
    expect(renamed.map((r) => r.name)).toEqual(['Training', 'With corrections'])
    expect(await cli.run(['runs', P, '--rename', '2'])).toMatchObject({ code: 2 })
    expect((await cli.run(['runs', P, '--delete', '1'])).err).toContain('Run 1 is the current run: make another run current first')
    expect(await cli.text('runs', P, '--delete', '2')).not.toContain('With corrections')
  })

  test('export', async () => {
    const out = join(folder, 'cleaned.csv')
    const report = await cli.json<{ changedRecords: number; records: number }>('export', P, '--out', out, '--columns', 'previous, verdict')
    const lines = readFileSync(out, 'utf8').split('\n')
    expect([report.records, report.changedRecords > 1]).toEqual([414, true])
    expect(lines[0]!.trim()).toBe('id,title,year,overview,genres,previous,verdict')
    expect(lines.find((l) => l.startsWith('m010,'))).toMatch(/Horror.*impossible: TV Movie/)
    expect(await cli.text('export', P, '--out', join(folder, 'log.csv'), '--what', 'changes')).toMatch(
      /log\.csv {2}[\d,]+ bytes\n\d+ records/,
    )
    expect(readFileSync(join(folder, 'log.csv'), 'utf8')).toContain('seen it')
  })

  test('serve', async () => {
    if (!existsSync(join(root, 'out/renderer/index.html'))) {
      expect(await cli.run(['serve', P])).toMatchObject({ code: 3, err: expect.stringContaining('not built') as unknown })
      return
    }
    const { code, out } = await cli.runProcess(['serve', P, '--json'], (_, stop) => stop())
    expect(code).toBe(0)
    expect((JSON.parse(out) as { url: string }).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//)
  })
})

describe('an error', () => {
  const elsewhere = join(folder, 'none.reel')
  const broken = join(folder, 'broken.reel')
  writeFileSync(broken, 'no project')
  const cases: [exit: number, code: string, args: string[]][] = [
    [2, 'usage', ['frobnicate']],
    [2, 'usage', ['import', elsewhere]],
    [2, 'usage', ['train', elsewhere, '--folds', 'many']],
    [2, 'usage', ['import', elsewhere, SAMPLE, '--map', 'plots=overview']],
    [2, 'usage', ['label', P, 'm003', 'Horror']],
    [2, 'usage', ['triage', P, '--bucket', 'ugly']],
    [3, 'bad-filter', ['list', P, '--where', 'genre:Horor']],
    [3, 'bad-filter', ['bulk', P, '+War', '--where', '(']],
    [3, 'bad-filter', ['triage', P, '--where', 'x'.repeat(100_000)]],
    [3, 'no-slice', ['slices', P, '--delete', 'Lost']],
    [2, 'bad-arguments', ['train', P, '--folds', '1']],
    [3, 'contradiction', ['label', P, 'm003', '--keep', 'Drama', '--impossible', 'Drama']],
    [3, 'no-project', ['triage', elsewhere]],
    [3, 'not-a-project', ['triage', broken]],
    [3, 'project-exists', ['import', P, SAMPLE]],
    [3, 'bad-split', ['import', elsewhere, SAMPLE, '--split-column', 'title']],
    [3, 'no-genre', ['label', P, 'm003', '+Opera']],
    [3, 'no-movie', ['show', P, 'm9999']],
    [2, 'bad-arguments', ['words', P, '--shared', '--genre', 'Horror']],
    [2, 'bad-arguments', ['predict', P, '--text', 'A war.', '--out', join(folder, 'out.csv')]],
    [3, 'nothing-to-do', ['label', P, 'm003']],
    [3, 'no-rule', ['clean', P, '--off', 'dust']],
    [3, 'bad-rule-set', ['clean', P, '--set', 'too-short.unit=pages']],
    [3, 'is-a-project', ['export', P, '--out', P]],
  ]
  test('ends with the exit status of its kind and one line, or an object under --json', async () => {
    const got: unknown[] = []
    // two at a time, to leave room for other tests
    for (let at = 0; at < cases.length; at += 2)
      got.push(
        ...(await Promise.all(
          cases.slice(at, at + 2).map(async ([, , args]) => {
            const { code, out, err } = await cli.run([...args, '--json'])
            const { error } = JSON.parse(out) as { error: { code: string; message: string } }
            return { args, code, err, keys: Object.keys(error).slice(0, 2), is: error.code, lines: error.message.split('\n').length }
          }),
        )),
      )
    expect(got).toEqual(cases.map(([code, is, args]) => ({ args, code, err: '', keys: ['code', 'message'], is, lines: 1 })))
  })
  test('without --json the line goes to standard error', async () => {
    const ended = await cli.run(['triage', elsewhere])
    expect(ended).toEqual({
      code: 3,
      out: '',
      err: `reelabel: There is no project at ${elsewhere}: check the path, or make one with \`reelabel import ${elsewhere} FILE\`.\n`,
    })
  })
  test('no arguments and --help show the verbs', async () => {
    for (const args of [[], ['--help']]) {
      const { code, out, err } = await cli.run(args)
      expect([code, err]).toEqual([0, ''])
      for (const verb of ['import', 'triage', 'retrain', 'demo']) expect(out).toContain(`\n  ${verb} `)
    }
  })
})

test('the demo finds planted errors well above chance and leaves a project', async () => {
  interface Demo {
    readonly project: string
    readonly out: string
    readonly found: { movies: number; planted: number; flagged: number; bad: number; among: { first: number; errors: number }[] }
    readonly first: { microF1: number }
    readonly second: { microF1: number }
    readonly comparison: Comparison
    readonly corrections: number
  }
  const demo = await cli.json<Demo>('demo')
  const { movies, planted, among, flagged } = demo.found
  expect(planted).toBe(49)
  const atPlanted = among.find((a) => a.first === planted)!
  const chance = (planted * planted) / movies
  expect(atPlanted.errors).toBeGreaterThanOrEqual(2 * chance)
  expect(flagged).toBeGreaterThan(planted / 2)
  expect([demo.first.microF1 > 0.5, demo.second.microF1 >= demo.first.microF1 - 0.02]).toEqual([true, true])
  expect([demo.comparison.a, demo.comparison.b, demo.corrections > 20]).toEqual([1, 2, true])
  expect([existsSync(demo.project), readFileSync(demo.out, 'utf8').split('\n')[0]!.trim()]).toEqual([true, 'id,title,year,overview,genres'])
  rmSync(join(demo.project, '..'), { recursive: true })
})
