import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MERGED_BY_PERSON, MERGED_BY_RULE, type SharedBatch, type SharedChange } from '../../src/contract/people.ts'
import type { ChangeField } from '../../src/contract/records.ts'
import { inverse, timeAfter, undoStacks } from '../../src/main/store/changes.ts'
import { changesTo, identified, stateOf, unite } from '../../src/main/store/merging/decisions.ts'

/** The source: the first movie has the first genre. */
const labelled = (key: string, genre: string): boolean => key === 'm1' && genre === 'Drama'
const START = Date.parse('2026-11-01T10:00:00.000Z')
const at = (ms: number): string => new Date(START + ms).toISOString()

type Log = readonly SharedBatch[]
type Raw = Omit<SharedBatch, 'digest' | 'id'>
/** Appends a batch; digests are computed anew. */
const appended = (log: Log, batch: Raw): Log => identified([...log, { ...batch, id: log.length + 1 }])
const raw = (who: string, when: string, changes: readonly SharedChange[], more: Partial<Raw> = {}): Raw => {
  return { at: when, who, why: '', description: '', run: null, undoes: null, changes, ...more }
}
const valueOf = (log: Log, c: Pick<SharedChange, 'key' | 'genre' | 'field'>): string => {
  const fields: ChangeField[] = c.genre === null ? [c.field] : ['label', 'verdict']
  const untouched =
    c.field === 'label' ? (labelled(c.key, c.genre ?? '') ? '1' : '0') : c.field === 'verdict' || c.field === 'note' ? '' : '0'
  return stateOf(log).get(JSON.stringify([c.key, c.genre, fields]))?.[c.field] ?? untouched
}

/** A step of a person: a decision `[movie, genre or null, field, value]`, or the undo or redo of the last one. */
type Step = readonly [string, string | null, ChangeField, string] | 'undo' | 'redo'
function taken(log: Log, who: string, step: Step, when: string): Log {
  if (typeof step !== 'string') {
    const [key, genre, field, becomes] = step
    const change = { key, genre, field, was: valueOf(log, { key, genre, field }), becomes }
    if (change.was === becomes) return log
    // as the window does it: a label that a person sets is decided
    const verdict = { key, genre, field: 'verdict' as const }
    const was = field === 'label' ? valueOf(log, verdict) : 'keep'
    return appended(log, raw(who, when, [change, ...(was === 'keep' ? [] : [{ ...verdict, was, becomes: 'keep' }])]))
  }
  const { undo, redo } = undoStacks(log)
  const batch = (step === 'undo' ? undo : redo).at(-1)
  if (!batch) return log
  if (step === 'undo') return appended(log, raw(who, when, batch.changes.toReversed().map((c) => inverse(c as never) as unknown as SharedChange), { undoes: batch.id })) // prettier-ignore
  return appended(log, raw(who, when, batch.changes, { undoes: log.findLast((b) => b.undoes === batch.id)?.id ?? null }))
}

/** Merges by the newest decision, or gives every conflict to a side. */
function merged(mine: Log, theirs: Log, side: 'mine' | 'theirs' | null = null): Log {
  const union = unite(mine, theirs, labelled)
  const when = timeAfter(
    [...mine, ...union.added]
      .map((b) => b.at)
      .toSorted()
      .at(-1) ?? null,
    START,
  )
  const all = identified([...mine, ...union.added])
  const decided = union.conflicts.flatMap((c) => changesTo(c.place, c.appended, c[side ?? c.newest].values, side !== null))
  const rule = [...union.settled, ...(side === null ? decided : [])]
  const byRule = rule.length > 0 ? appended(all, raw('merger', when, rule, { why: MERGED_BY_RULE })) : all
  return side !== null && decided.length > 0 ? appended(byRule, raw('merger', when, decided, { why: MERGED_BY_PERSON })) : byRule
}

/** Every value that is not the source's. */
const labelsOf = (log: Log): string[] =>
  [...stateOf(log)]
    .flatMap(([name, values]) => {
      const [key, genre] = JSON.parse(name) as [string, string | null]
      return Object.keys(values).map((field) => [key, genre, field as ChangeField] as const)
    })
    .map(([key, genre, field]) => ({ key, genre, field, value: valueOf(log, { key, genre, field }) }))
    .filter((c) => c.value !== valueOf([], c))
    .map((c) => `${c.key} ${c.genre} ${c.field} ${c.value}`)
    .toSorted()

const movie = fc.constantFrom('m1', 'm2')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(movie, fc.constantFrom('Drama', 'War'), fc.constant('label' as const), fc.constantFrom('0', '1')) },
  {
    weight: 3,
    arbitrary: fc.tuple(movie, fc.constantFrom('Drama', 'War'), fc.constant('verdict' as const), fc.constantFrom('', 'keep', 'impossible')),
  },
  { weight: 2, arbitrary: fc.tuple(movie, fc.constant(null), fc.constant('note' as const), fc.constantFrom('', 'one', 'two', 'three')) },
  {
    weight: 2,
    arbitrary: fc.tuple(movie, fc.constant(null), fc.constantFrom('reviewed' as const, 'flagged' as const), fc.constantFrom('0', '1')),
  },
  fc.constantFrom('undo' as const, 'redo' as const),
)
/** Steps with the milliseconds since the step before. */
const steps = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 5 })), { maxLength: 7 })
const continued = (log: Log, who: string, list: readonly (readonly [Step, number])[]): Log =>
  list.reduce((before, [one, wait]) => {
    const now = START + wait + (before.at(-1) ? Date.parse(before.at(-1)!.at) - START : 0)
    return taken(before, who, one, timeAfter(before.at(-1)?.at ?? null, now))
  }, log)
const histories = fc.tuple(steps, steps, steps, steps).map(([base, ...forks]) => {
  const common = continued([], 'base', base)
  return forks.map((fork, i) => continued(common, ['ann', 'bo', 'cy'][i]!, fork)) as unknown as readonly [Log, Log, Log]
})

describe('copies that have the same decisions have the same labels', () => {
  test('two, in either direction, and merging again changes nothing', () => {
    fc.assert(
      fc.property(histories, ([a, b]) => {
        const [ab, ba] = [merged(a, b), merged(b, a)]
        expect(labelsOf(ab)).toEqual(labelsOf(ba))
        for (const other of [a, b, ba]) expect(unite(ab, other, labelled)).toMatchObject({ added: [], conflicts: [], settled: [] })
      }),
      { numRuns: 400 },
    )
  })
  test('three, in any order and grouping', () => {
    fc.assert(
      fc.property(histories, ([a, b, c]) => {
        const results = [
          merged(merged(a, b), c),
          merged(merged(a, c), b),
          merged(merged(c, b), a),
          merged(a, merged(b, c)),
          merged(merged(b, a), merged(c, b)),
        ].map(labelsOf)
        for (const result of results) expect(result).toEqual(results[0])
      }),
      { numRuns: 400 },
    )
  })
  test('also when people go on after a merge, and one of them has decided the conflicts', () => {
    fc.assert(
      fc.property(histories, steps, steps, fc.constantFrom('mine' as const, 'theirs' as const), ([a, b, c], more, other, side) => {
        const decisions = (list: typeof more) => list.filter(([one]) => typeof one !== 'string')
        const ab = continued(merged(a, b, side), 'ann', decisions(more))
        const bc = continued(merged(c, b), 'cy', decisions(other))
        expect(labelsOf(merged(ab, bc))).toEqual(labelsOf(merged(bc, ab)))
        expect(labelsOf(merged(merged(ab, bc), a))).toEqual(labelsOf(merged(ab, bc)))
      }),
      { numRuns: 400 },
    )
  })
  test('what an added batch undoes is the same decision in both', () => {
    fc.assert(
      fc.property(histories, ([a, b]) => {
        const digestOf = (log: Log, id: number | null): string | undefined => log.find((x) => x.id === id)?.digest
        const ab = merged(a, b)
        for (const batch of b) expect(digestOf(ab, ab.find((x) => x.digest === batch.digest)!.undoes)).toBe(digestOf(b, batch.undoes))
        expect(ab.slice(0, a.length)).toEqual(a)
      }),
    )
  })
})

const label = (key: string, to: string): Step => [key, 'War', 'label', to]
const decided = (log: Log, who: string, ms: number, one: Step): Log => taken(log, who, one, at(ms))

test('what only one copy changed is not a conflict, nor what both changed to the same value', () => {
  const base = decided([], 'base', 1, label('m1', '1'))
  const ann = decided(decided(base, 'ann', 5, label('m2', '1')), 'ann', 6, ['m2', null, 'reviewed', '1'])
  const bo = decided(decided(base, 'bo', 4, label('m2', '1')), 'bo', 7, ['m1', 'Drama', 'verdict', 'impossible'])
  const union = unite(ann, bo, labelled)
  expect(union).toMatchObject({
    common: 1,
    own: 2,
    added: [
      { who: 'bo', at: at(4), id: 4 },
      { who: 'bo', id: 5 },
    ],
    conflicts: [],
    settled: [],
  })
  expect(labelsOf(merged(ann, bo))).toEqual([
    'm1 Drama verdict impossible',
    'm1 War label 1',
    'm1 War verdict keep',
    'm2 War label 1',
    'm2 War verdict keep',
    'm2 null reviewed 1',
  ])
})

test('who keeps a missing label disagrees with who adds it; a person or the newest decision says which', () => {
  const ann = decided([], 'ann', 5, label('m2', '1'))
  const bo = decided([], 'bo', 9, ['m2', 'War', 'verdict', 'keep'])
  const { conflicts } = unite(ann, bo, labelled)
  expect(conflicts).toMatchObject([
    {
      place: { key: 'm2', genre: 'War' },
      mine: { values: { label: '1', verdict: 'keep' }, who: 'ann', at: at(5) },
      theirs: { values: { label: '0', verdict: 'keep' }, who: 'bo', at: at(9) },
      newest: 'theirs',
    },
  ])
  expect(labelsOf(merged(ann, bo))).toEqual(['m2 War verdict keep'])
  expect(labelsOf(merged(ann, bo, 'mine'))).toEqual(['m2 War label 1', 'm2 War verdict keep'])
  // the choice is a decision, newer than both
  expect(labelsOf(merged(bo, merged(ann, bo, 'mine')))).toEqual(['m2 War label 1', 'm2 War verdict keep'])
})

test('at equal times the name decides', () => {
  const ann = decided([], 'ann', 5, ['m2', null, 'flagged', '1'])
  const bo = decided(decided([], 'bo', 4, ['m2', null, 'flagged', '1']), 'bo', 5, ['m2', null, 'flagged', '0'])
  expect([unite(ann, bo, labelled).conflicts[0]!.newest, unite(bo, ann, labelled).conflicts[0]!.newest]).toEqual(['theirs', 'mine'])
})

test('both notes are kept, and a later edit of the joined note replaces them', () => {
  const note = (text: string): Step => ['m2', null, 'note', text]
  const [ann, bo] = [decided([], 'ann', 9, note('late')), decided([], 'bo', 5, note('early'))]
  const both = merged(ann, bo)
  expect(labelsOf(both)).toEqual(['m2 null note early\n\nlate'])
  expect(labelsOf(merged(bo, ann))).toEqual(labelsOf(both))
  const cy = decided([], 'cy', 7, note('between'))
  expect(labelsOf(merged(both, cy))).toEqual(['m2 null note early\n\nbetween\n\nlate'])
  const edited = decided(both, 'ann', 50, note('one text'))
  expect(labelsOf(merged(edited, cy))).toEqual(['m2 null note between\n\none text'])
  expect(labelsOf(merged(bo, edited))).toEqual(['m2 null note one text'])
})

test('the times of a log give its order, unless a clock was wrong by more than a day', () => {
  expect(timeAfter(null, START)).toBe(at(0))
  expect(timeAfter(at(0), START)).toBe(at(1))
  expect(timeAfter(at(3_600_000), START)).toBe(at(3_600_001))
  expect(timeAfter('2027-11-01T10:00:00.000Z', START)).toBe(at(0))
})
