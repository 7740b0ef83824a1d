import { expect, test } from 'vitest'
import type { Change } from '../../src/contract/review.ts'
import type { MovieRow } from '../../src/contract/records.ts'
import { Pace } from '../../src/renderer/stores/pace.ts'
import { Session } from '../../src/renderer/stores/session.svelte.ts'

test('a pace leaves out what is longer than a minute of a break', () => {
  const pace = new Pace(0)
  expect(pace.perMinute(0)).toBeNull()
  pace.tick(15_000)
  expect(pace.perMinute(1)).toBe(4)
  pace.tick(3_600_000)
  expect(pace.perMinute(2)).toBeCloseTo(2 / 1.25)
})

const row = (movie: number, reviewed: boolean, corrected: boolean) =>
  ({ movie, reviewed, cells: [{ label: corrected, source: false }] }) as unknown as MovieRow
const LABEL: Change = { field: 'label', movie: 1, genre: 1, to: true }

test('a session counts movies with decisions on labels, once, as they are now', () => {
  const session = new Session()
  const seen = () => [session.looked, session.reviewed, session.corrected]
  session.decided([{ field: 'note', movie: 3, to: 'x' }, { field: 'flagged', movie: 3, to: true }], [row(3, false, false)]) // prettier-ignore
  expect(seen()).toEqual([0, 0, 0])
  session.decided([LABEL], [row(1, false, true)])
  session.decided([LABEL], [row(1, true, true)])
  session.decided([{ field: 'reviewed', movie: 2, to: true }], [row(2, true, false)])
  expect(seen()).toEqual([2, 2, 1])
  // an undo changes what was counted, and counts nothing else
  session.reread([row(1, false, false), row(9, true, true)])
  expect(seen()).toEqual([2, 1, 0])
  session.reset()
  expect([seen(), session.perMinute]).toEqual([[0, 0, 0], null])
})
