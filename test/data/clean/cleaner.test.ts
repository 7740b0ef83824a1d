import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CleanRuleSet, CleanStep, RuleId } from '../../../src/contract/cleaning.ts'
import { canonicalGenre, genreKey, spellingsOf } from '../../../src/main/data/clean/aliases.ts'
import { planned } from '../../../src/main/data/clean/plan.ts'
import { isPlaceholder, withoutMoreMarker } from '../../../src/main/data/clean/plots.ts'
import { checkedRuleSet, DEFAULT_RULE_SET, ruleOf, withSwitches } from '../../../src/main/data/clean/rule-set.ts'
import type { SourceMovie } from '../../../src/contract/records.ts'
import { Params, type Draft } from '../../../src/main/data/clean/rule.ts'
import { catalogue, cleanAll, off, on, stepOf, type Fate } from './support.ts'

/** Five basic rules. */
const FIVE: readonly RuleId[] = ['truncated', 'placeholder', 'genre-alias', 'missing', 'exact-duplicate']
const five = FIVE.map((rule) => on(rule))

describe('plots', () => {
  it.each([
    ['A boy and the ...                See full summary\u00a0»', 'A boy and the'],
    ['A boy and the...See full synopsis »', 'A boy and the'],
    ['A boy and the… See full summary', 'A boy and the'],
    ['A boy. See full summary »  ', 'A boy.'],
    ['See full summary »', ''],
    ['A boy should see full summary pages of books', null],
    ['A boy and the ...', null],
  ])('%j is cut to %j', (plot, cut) => {
    expect(withoutMoreMarker(plot)).toBe(cut)
  })

  it.each([
    ['Add a Plot', true],
    [' add a  plot » ', true],
    ['Plot unknown.', true],
    ['Plot Unknown at this time.', true],
    ['No overview found.', true],
    ['Plot kept under wraps.', true],
    ['Plot details are currently being kept under wraps.', true],
    ['The plot is being kept confidential.', true],
    ['Undisclosed.', true],
    ['N/A', true],
    ['-', true],
    ['Unbekannt', true],
    ['不明', true],
    ['Plot unknown. A reboot of the epic animated Shrek franchise.', false],
    ['Add a plotter to the gang and rob the bank.', false],
    ['Fight.', false],
    ['Unknown soldiers cross the border.', false],
    ['', false],
  ])('%j is a placeholder: %s', (plot, placeholder) => {
    expect(isPlaceholder(plot)).toBe(placeholder)
  })
})

describe('genre names', () => {
  it.each([
    ['Sci-Fi', 'science fiction'],
    ['SCI-FI', 'Science-Fiction'],
    ['Film Noir', 'film-noir'],
    ['Sports', ' sport '],
    ['Biopic', 'Biography'],
    ['tv  movie', 'TV Movie'],
  ])('%j and %j are one', (a, b) => {
    expect(genreKey(a)).toBe(genreKey(b))
  })
  it.each([
    ['Music', 'Musical'],
    ['Kids', 'Family'],
    ['Horror', 'Thriller'],
  ])('%j and %j are two', (a, b) => {
    expect(genreKey(a)).not.toBe(genreKey(b))
  })
  it('uses the most frequent spelling, and for aliases the usual name', () => {
    const spellings = spellingsOf(new Map([['drama', 1], ['Sci-Fi', 1], ['Drama', 2], ['sport', 1], ['Sports', 1]])) // prettier-ignore
    expect(['DRAMA', 'Sci-Fi', 'Sports', 'New'].map((name) => canonicalGenre(name, spellings))).toEqual([
      'Drama',
      'Science Fiction',
      'sport',
      'New',
    ])
  })
})

describe('cleaning', () => {
  const movies = catalogue(
    ['A long story ... See full summary »', 'Sci-Fi', 'Drama', 'Science-Fiction'],
    ['Add a Plot', 'Drama'],
    ['', 'Drama'],
    ['Some story', ...[]],
    ['See full summary »', 'Drama'],
    ['The same story', 'drama'],
    ['  the SAME\nstory ', 'Drama'],
    ['The same story', 'War'],
  )

  it('runs the steps in the order of the list', async () => {
    const { fates, report } = await cleanAll(movies, five)
    expect(fates.map(({ out, duplicateOf }) => [out, duplicateOf])).toEqual([
      [null, 0],
      ['placeholder', 0],
      ['missing', 0],
      ['missing', 0],
      ['missing', 0],
      [null, 0],
      ['exact-duplicate', 6],
      ['exact-duplicate', 6],
    ])
    expect(fates[0]).toEqual({ movie: 1, plot: 'A long story', genres: ['Science Fiction', 'Drama'], out: null, duplicateOf: 0 })
    expect(fates[5]!.genres).toEqual(['Drama'])
    expect(report).toMatchObject({ movies: 8, kept: 2 })
    expect(report.steps.map((s) => [s.rule, s.rowsIn, s.count, s.rowsOut])).toEqual([
      ['truncated', 8, 2, 8],
      ['placeholder', 8, 1, 7],
      ['genre-alias', 7, 2, 7],
      ['missing', 7, 3, 4],
      ['exact-duplicate', 4, 2, 2],
    ])
  })

  it('has another result in another order', async () => {
    const { fates, report } = await cleanAll(movies, [on('missing'), on('exact-duplicate'), on('placeholder'), on('truncated')])
    // truncated only after the check for a missing plot
    expect(fates[4]).toMatchObject({ out: null, plot: '' })
    expect(report.steps.map((s) => s.count)).toEqual([2, 2, 1, 2])
  })

  it('reports whether the labels of duplicates conflict, and lists the groups', async () => {
    const step = stepOf((await cleanAll(movies, five)).report, 'exact-duplicate')
    expect(step.examples.map(({ after }) => /agree|conflict/.exec(after)?.[0])).toEqual(['agree', 'conflict'])
    expect(step.examples[0]!.after).toContain('row-6 T6 (Drama) has the same plot')
    expect([step.groups, step.conflicting]).toEqual([1, 1])
    expect(step.conflicts).toEqual([
      {
        similarity: 1,
        movies: [
          { movie: 6, key: 'row-6', title: 'T6', genres: ['Drama'] },
          { movie: 8, key: 'row-8', title: 'T8', genres: ['War'] },
        ],
      },
    ])
  })

  it('changes nothing when all is off, and still counts', async () => {
    const { fates, report } = await cleanAll(
      movies,
      FIVE.map((rule) => off(rule)),
    )
    expect(fates.map(({ plot, genres }) => [plot, ...genres])).toEqual(movies.map(({ plot, genres }) => [plot, ...genres]))
    expect(report.kept).toBe(8)
    expect(report.steps.map((s) => [s.count, s.rowsOut])).toEqual([[2, 8], [1, 8], [2, 8], [2, 8], [2, 8]]) // prettier-ignore
  })

  it('does not call movies without a plot duplicates of each other', async () => {
    const { report } = await cleanAll(catalogue(['', 'Drama'], [' ', 'War']), [on('exact-duplicate'), on('near-duplicate')])
    expect(report.kept).toBe(2)
  })

  it('gives the first five examples', async () => {
    const { report } = await cleanAll(catalogue(...Array.from({ length: 9 }, (): [string, string] => ['Add a Plot', 'Drama'])), [
      on('placeholder'),
    ])
    expect(report.steps[0]).toMatchObject({ count: 9, examples: [1, 2, 3, 4, 5].map((i) => ({ key: `row-${i}` })) })
  })

  it('does not count costly rules that are off in large catalogues unless requested', async () => {
    const [movie] = catalogue(['A story', 'Drama'])
    const large = { movies: 100_000, read: () => [[movie!]], describe: () => new Map() }
    const { clean } = await import('../../../src/main/data/clean/cleaner.ts')
    const counted = async (count: RuleId[]): Promise<boolean[]> =>
      (await clean(large, [off('too-short'), off('boilerplate'), on('near-duplicate')], { count })).report.steps.map((s) => s.counted)
    expect(await counted([])).toEqual([true, false, true])
    expect(await counted(['boilerplate'])).toEqual([true, true, true])
  })

  it('stops when it is aborted', async () => {
    const abort = new AbortController()
    abort.abort(new Error('enough'))
    await expect(cleanAll(movies, five, { signal: abort.signal })).rejects.toThrow('enough')
  })
})

describe('passes', () => {
  const reads = async (ruleSet: CleanRuleSet): Promise<boolean[]> => (await planned(ruleSet, () => true)).passes.map((p) => p.reads)
  it('the default rule set reads plots once; genres are then decided from memory', async () => {
    const { passes } = await planned(DEFAULT_RULE_SET, (rule) => !ruleOf(rule).spec.costly)
    // once for the names, and again for the number of movies of each name
    expect(passes.map((p) => p.reads)).toEqual([true, false, false])
  })
  it('a rule that depends on the remaining genres waits for rare genres', async () => {
    expect(await reads([on('rare-genres'), on('missing')])).toEqual([true, true])
    expect(await reads([off('rare-genres'), on('missing')])).toEqual([true, false])
  })
  it('statistics that depend on other statistics take another pass', async () => {
    expect(await reads([on('boilerplate'), on('near-duplicate')])).toEqual([true, true, true])
    expect(await reads([off('boilerplate'), on('near-duplicate')])).toEqual([true, true])
  })
})

/** Plain implementation: one step at a time over all movies, which are in memory. */
async function plainly(movies: readonly SourceMovie[], ruleSet: CleanRuleSet): Promise<{ fates: Fate[]; counts: number[] }> {
  const drafts = movies.map((source): Draft => ({ source, plot: source.plot, genres: [...new Set(source.genres)] }))
  const out = new Map<Draft, readonly [rule: RuleId, of: number]>()
  // the genres of removed movies are not compared
  const counts: number[] = []
  for (const step of checkedRuleSet(ruleSet)) {
    const rule = ruleOf(step.rule)
    const worker = await rule.start(new Params(rule.spec, step))
    const still = drafts.filter((d) => !out.has(d))
    if (worker.gather) for (const d of still) worker.gather(d)
    worker.gathered?.()
    worker.restart?.()
    const effects = still.map((d) => worker.apply(d))
    counts.push(effects.filter((e) => e !== null).length)
    if (!step.on) continue
    still.forEach((d, i) => {
      const effect = effects[i]
      if (!effect) return
      if (effect.out) out.set(d, [step.rule, effect.repeats?.movie ?? 0])
      d.plot = effect.plot ?? d.plot
      d.genres = effect.genres ?? d.genres
    })
  }
  const fates = drafts.map((d): Fate => {
    const [rule, of] = out.get(d) ?? [null, 0]
    return { movie: d.source.movie, plot: rule === null ? d.plot : d.source.plot, genres: d.genres, out: rule, duplicateOf: of }
  })
  return { fates, counts }
}

const LOCAL_PARAMS: Partial<Record<RuleId, CleanStep['params']>> = {
  'boilerplate': { plots: 2, shortest: 5 },
  'rare-genres': { movies: 2 },
  'too-short': { shortest: 3 },
  'too-long': { longest: 6, action: 'cut' },
  'near-duplicate': { similarity: 0.5, shingle: 1 },
  'genre-table': { table: { War: ['Drama', 'History'], comedy: [], Music: ['Musical'] } },
} // prettier-ignore
const RULES_AT_RANDOM = DEFAULT_RULE_SET.map((s) => s.rule).filter((rule) => rule !== 'language')

describe('any rule set in any order', () => {
  const plot = fc.oneof(
    fc.constantFrom('', ' ', 'Add a Plot', 'See full summary »', 'Fish &amp; chips', 'a  b\tc', 'CafÃ© life', 'Visit our site now.'),
    fc
      .array(fc.constantFrom('A man walks.', 'Visit our site now.', 'She runs.', 'the end', 'war and peace'), {
        minLength: 1,
        maxLength: 4,
      })
      .map((s) => s.join(' ')),
  )
  const genres = fc.array(fc.constantFrom('Drama', 'drama', 'Sci-Fi', 'Science Fiction', 'War', 'Comedy', 'Music', 'Musical'), {
    maxLength: 3,
  })
  const movies = fc
    .array(fc.tuple(plot, genres), { maxLength: 12 })
    .map((all) => catalogue(...all.map(([p, g]) => [p, ...g] as const)).map((m, i) => ({ ...m, movie: 2 * m.movie, title: `T${i % 5}` })))
  const ruleSet = fc
    .shuffledSubarray(RULES_AT_RANDOM, { minLength: 1 })
    .chain((rules) =>
      fc.tuple(
        ...rules.map((rule) =>
          fc.boolean().map((isOn): CleanStep => ({ rule, on: isOn && rule !== 'column-filter', params: LOCAL_PARAMS[rule] ?? {} })),
        ),
      ),
    )

  it('has the result of one step at a time', async () => {
    await fc.assert(
      fc.asyncProperty(movies, ruleSet, async (all, steps) => {
        const plain = await plainly(all, steps)
        const { fates, report } = await cleanAll(all, steps)
        const seen = (fate: Fate): unknown => (fate.out === null ? fate : { ...fate, genres: null })
        expect(fates.map(seen)).toEqual(plain.fates.map(seen))
        expect(report.steps.map((s) => s.count)).toEqual(plain.counts)
        expect(report.kept).toBe(plain.fates.filter((f) => f.out === null).length)
        expect(report.steps.every((s, i) => s.rowsIn === (report.steps[i - 1]?.rowsOut ?? all.length))).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('has the former result after it is switched off again, including the order of genres', async () => {
    await fc.assert(
      fc.asyncProperty(movies, ruleSet, fc.nat(), async (all, steps, at) => {
        const { rule } = steps[at % steps.length]!
        const without = withSwitches(steps, { [rule]: false })
        const before = await cleanAll(all, without)
        await cleanAll(all, withSwitches(steps, rule === 'column-filter' ? {} : { [rule]: true }))
        const after = await cleanAll(all, withSwitches(withSwitches(steps, {}), { [rule]: false }))
        expect(after.fates).toEqual(before.fates)
        const none = await cleanAll(
          all,
          steps.map((s) => ({ ...s, on: false })),
        )
        expect(none.fates.map((f) => [f.plot, f.genres])).toEqual(all.map((m) => [m.plot, [...new Set(m.genres)]]))
      }),
      { numRuns: 40 },
    )
  })
})
