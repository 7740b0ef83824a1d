import { expect, test } from 'vitest'
import { inSlices } from '../../src/main/jobs/slices.ts'

test('long work in steps leaves room for other calls, and ends with its answer', async () => {
  let [steps, turns, over] = [0, 0, false]
  function* work(): Generator<undefined, string> {
    const end = performance.now() + 300
    while (performance.now() < end) {
      steps++
      yield
    }
    return 'done'
  }
  const turn = (): void => {
    turns++
    if (!over) setImmediate(turn)
  }
  setImmediate(turn)
  expect(await inSlices(work())).toBe('done')
  over = true
  expect(turns).toBeGreaterThan(3)
  // and does not stop after every step
  expect(steps).toBeGreaterThan(20 * turns)
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
