import { expect, test } from 'vitest'
import { inSlices } from '../../src/main/jobs/slices.ts'

test('long work in steps does not block other calls, and returns its result', async () => {
  let [clock, turns, over] = [0, 0, false]
  function* work(): Generator<undefined, string> {
    for (; clock < 300; clock++) yield
    return 'done'
  }
  const turn = (): void => {
    turns++
    if (!over) setImmediate(turn)
  }
  setImmediate(turn)
  expect(await inSlices(work(), () => clock)).toBe('done')
  over = true
  // ten slices of 30 ms, with a turn for others between them
  expect(turns).toBe(9)
})

test('an error of a step is the error of the work', async () => {
  await expect(
    inSlices({
      next: () => {
        throw new Error('no')
      },
    }),
  ).rejects.toThrow('no')
})
