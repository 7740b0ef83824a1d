import { expect, test } from 'vitest'
import { forkProcess } from '../../src/main/jobs/processes.ts'

test.each(['compute', 'job'] as const)('a %s process that is killed says once that it is gone', async (kind) => {
  const child = forkProcess(kind)
  const exits: (number | null)[] = []
  const gone = new Promise<void>((resolve) =>
    child.onExit((code) => {
      exits.push(code)
      resolve()
    }),
  )
  child.kill()
  child.kill()
  await gone
  expect(exits).toEqual([null])
  // a message to a process that is gone is no error of ours
  child.post({} as never)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(exits).toEqual([null])
})
