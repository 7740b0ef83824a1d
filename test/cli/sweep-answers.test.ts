import { expect, test } from 'vitest'
import type { UserError } from '../../src/contract/errors.ts'
import { sweepAnswers } from '../../src/main/cli/sweep-answers.ts'

const yes = { id: 'm1', has: true }
const no = { id: 'm2', has: false }

test.each([
  ['JSON lines', '{"id":"m1","has":true}\n\n{"id":"m2","has":false}\n'],
  ['JSON lines with words, other members and Windows line ends', '{"id":"m1","title":"T","has":"Yes"}\r\n{"id":"m2","has":"n"}'],
  ['CSV', 'id,has\nm1,yes\nm2,no\n'],
  ['CSV of a spreadsheet', '\uFEFFTitle,ID,given,Has\r\n"One, ""two""",m1,no,TRUE\r\n"line\r\nbreak",m2,yes,0\r\n'],
  ['movies without an answer', 'id,has\nm7,\nm1,1\nm8,\nm2,0'],
  ['null', '{"id":"m7","has":null}\n{"id":"m1","has":1}\n{"id":"m2","has":0}'],
  ['the same answer twice', 'id,has\nm1,yes\nm2,no\nm1,y'],
])('%s are read', (_, text) => {
  expect(sweepAnswers(text)).toEqual([yes, no])
})

test.each([
  ['id,has\nm1,yes\nm2,maybe', 'bad-answer', 'Line 3 '],
  ['id,has\n"a\nb",yes\nm2,maybe', 'bad-answer', 'Line 4 '],
  ['id,has\n,yes', 'bad-answer', 'Line 2 '],
  ['id,has\n"m1,yes', 'bad-answer', 'Line 2 of the answers opens a quote'],
  ['{"id":"m1","has":true}\n{"id":', 'bad-answer', 'Line 2 '],
  ['{"id":5,"has":true}', 'bad-answer', 'Line 1 '],
  ['movie,answer\nm1,yes', 'bad-answer', 'the columns id and has'],
  ['id,has\nm1,yes\nm1,no', 'contradiction', 'm1 cannot be answered'],
])('%j is refused', (text, code, message) => {
  expect(() => sweepAnswers(text)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as UserError,
  )
})

test('no answers are none', () => expect([sweepAnswers(''), sweepAnswers('id,has\n')]).toEqual([[], []]))
