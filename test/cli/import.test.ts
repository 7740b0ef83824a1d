/** Options of an import on the command line. The tests depend on their order. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ImportPlan, ImportReport } from '../../src/contract/importing.ts'
import { CommandLine } from '../support/command-line.ts'

const cli = new CommandLine()
const { folder } = cli
const P = join(folder, 'Mine.reel')
const PLOT = 'A young woman leaves her village to find the man who once saved her life and finds herself instead'

function write(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const unwrapped = (text: string): string => text.replace(/\n {2}(?! |-)/g, ' ')
const rows = (count: number, row: (i: number) => string): string => Array.from({ length: count }, (_, i) => row(i)).join('')

describe('import', () => {
  const flags = (from: number): string =>
    'id;titre;film;flag_a;flag_b\n' + rows(20, (i) => `m${from + i};Café ${i};${PLOT}, part ${from + i}.;${i % 2};${(i + 1) % 2}\n`)

  test('several files in another encoding, with genre columns named by hand', async () => {
    const paths = [write('a.csv', Buffer.from(flags(0), 'latin1')), write('b.csv', Buffer.from(flags(20), 'latin1'))]
    const options = ['--delimiter', 'semicolon', '--encoding', 'windows-1252', '--genre-columns', 'flag_a, flag_b', '--map', 'plot=film']
    const out = await cli.text('import', P, ...paths, ...options, '--dry-run')
    expect(existsSync(P)).toBe(false)
    expect(unwrapped(out)).toContain('genres: 2 columns, marked where a movie has the genre, 1.0 on average: flag a, flag b')
    expect(unwrapped(out)).toContain('Windows-1252, as chosen')
    expect(out).toMatch(/First movies\n {2}m0 {2}Café 0: flag b\n {4}A young woman/)
    const report = await cli.json<ImportReport>('import', P, ...paths, ...options)
    expect([report.movies, report.genreCounts]).toEqual([40, { 'flag a': 20, 'flag b': 20 }])
  })

  test('an export has the corrected flags, and all other bytes unchanged', async () => {
    await cli.json('label', P, 'm1', '+flag b', '-flag a')
    const out = join(folder, 'out.csv')
    await cli.json('export', P, '--out', out)
    const wanted = flags(0).replace('part 1.;1;0', 'part 1.;0;1')
    expect(wanted).not.toBe(flags(0))
    expect(readFileSync(join(folder, 'out/a.csv'), 'latin1').normalize()).toBe(wanted)
  })

  test('choices apply to the next table with the same header until they are forgotten', async () => {
    const next = write('c.csv', flags(40))
    const plan = await cli.json<ImportPlan>('import', join(folder, 'Next.reel'), next, '--dry-run')
    expect(plan).toMatchObject({ remembered: true, genreSyntax: 'one-hot', genreColumns: ['flag_a', 'flag_b'], mapping: { plot: 'film' } })
    // undecided again: an import would be refused, and so is the exit status
    const forgotten = await cli.run(['import', join(folder, 'Next.reel'), next, '--dry-run', '--forget', '--json'])
    expect([forgotten.code, JSON.parse(forgotten.out)]).toEqual([3, expect.objectContaining({ remembered: false })])
  })

  test('protected names, repairs and the plan in words', async () => {
    const path = write('d.csv', 'id,plot,genre\n' + rows(12, (i) => `${i},"${PLOT}, part ${i}.","Drama, Arts, Crafts, and More"\n`))
    const project = join(folder, 'D.reel')
    const plan = await cli.json<ImportPlan>(
      'import',
      project,
      path,
      '--dry-run',
      '--protect',
      'Drama, Arts',
      '--leave',
      'torn',
      '--repair',
      'mojibake',
    )
    expect(plan.preview[0]!.genres).toEqual(['Drama, Arts', 'Crafts', 'and More'])
    expect(plan.files[0]!.repairs).toMatchObject({ torn: false, mojibake: true })
    const text = await cli.text('import', project, path, '--dry-run')
    expect(unwrapped(text)).toContain('"Arts, Crafts, and More" is one genre: "and More" goes on where "Crafts" ends (12 times)')
    const none = await cli.json<ImportPlan>('import', project, path, '--dry-run', '--protect', 'none')
    expect(none.protectedNames).toEqual([])
  })

  test('an import that would lose most records has to be confirmed', async () => {
    const project = join(folder, 'Quotes.reel')
    const path = write(
      'quotes.csv',
      'id,plot,genre\n' + rows(12, (i) => `${i},"${PLOT} "yes, and no" ${i}",${i % 2 ? 'Drama' : 'War'}\n`) + `12,${PLOT},War\n`,
    )
    const refused = await cli.run(['import', project, path])
    expect([refused.code, existsSync(project)]).toEqual([3, false])
    expect(refused.err).toContain(
      '12 of 13 records would be rejected (4 fields, but the header has 3: quotes inside cells are not doubled). ',
    )
    expect(refused.err).toContain('(--yes)')
    const plan = await cli.run(['import', project, path, '--dry-run'])
    expect([plan.code, plan.err]).toEqual([3, ''])
    expect(plan.out).toContain('Before the import\n  13 records will become 1 movie.\n  12 of 13')
    expect(await cli.text('import', project, path, '--dry-run', '--yes')).toBe(plan.out)
    expect((await cli.json<ImportReport>('import', project, path, '--yes')).movies).toBe(1)
  })

  test('genres that are numbers get the names in a file', async () => {
    const path = write('ids.csv', 'id,plot,genre_ids\n' + rows(12, (i) => `${i},"${PLOT}, part ${i}.","[${i % 2 ? 28 : '28, 12'}]"\n`))
    const project = join(folder, 'Ids.reel')
    expect(unwrapped(await cli.text('import', project, path, '--dry-run'))).toContain('The genres are numbers, such as 28, 12: ')
    const names = write('names.csv', 'id,name\n28,Action\n12,Adventure\n')
    const report = await cli.json<ImportReport>('import', project, path, '--genre-names', names)
    expect(report.clean.steps.find(({ rule }) => rule === 'genre-table')).toMatchObject({ on: true, count: 12 })
    const refused = await cli.run(['import', join(folder, 'No.reel'), path, '--genre-names', join(folder, 'nowhere.csv')])
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('nowhere.csv')])
  })

  test('refuses files of different headers, and unknown words', async () => {
    const [a, b] = [write('e.csv', 'id,plot,genre\n1,x y,Drama\n'), write('f.csv', 'id,plot,genres\n1,x y,Drama\n')]
    const refused = await cli.run(['import', join(folder, 'E.reel'), a, b])
    expect([refused.code, refused.err]).toEqual([
      3,
      expect.stringContaining('f.csv has other columns than e.csv: it lacks "genre" and it has "genres" besides'),
    ])
    expect((await cli.run(['import', P, a, '--repair', 'all'])).code).toBe(3)
    expect((await cli.run(['import', P, a, '--encoding', 'klingon'])).code).toBe(2)
  })
})
