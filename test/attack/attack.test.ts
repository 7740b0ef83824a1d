import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allAttacks, runAttack, runAttacks, type NamedAttack } from './support/run.ts'

const attack = (name: string, run: NamedAttack['run']): NamedAttack => ({ area: 'test', name, run })

test('an attack that throws or does not end fell, any other held; each has an empty folder that is deleted afterwards', async () => {
  const folders: string[] = []
  const lines: string[] = []
  const outcome = await runAttacks(
    [
      attack('a', ({ folder }) => {
        folders.push(folder)
        return Promise.resolve(existsSync(folder) ? 'a folder\nis there' : 'none')
      }),
      attack('b', () => Promise.reject(new Error('it is\n broken'))),
    ],
    (line) => lines.push(line),
  )
  expect(outcome).toEqual({ held: 1, fell: 1 })
  expect(lines).toEqual(['held  test: a: a folder is there', 'FELL  test: b: it is broken'])
  expect(folders.map((folder) => existsSync(folder))).toEqual([false])
  expect(
    await runAttack(
      attack('c', () => new Promise(() => undefined)),
      10,
    ),
  ).toEqual({ held: false, line: 'FELL  test: c: no end after 0.01 s' })
})

const quick = (await allAttacks()).filter(({ slow }) => !slow)
test.each(quick.map((a) => [`${a.area}: ${a.name}`, a] as const))('%s', async (_name, a) => {
  const { held, line } = await runAttack(a)
  expect(held, line).toBe(true)
})
