import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/paths.ts'
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

test('the list of what is tried names tests and attacks that exist', async () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8').replaceAll('\\_', '_')
  const paths = [...readme.matchAll(/`((?:test|src|docs|\.github)\/[\w./-]+)`/g)].map(([, path]) => path!)
  expect(paths.length).toBeGreaterThan(50)
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  const attacks = await allAttacks()
  // `area.ts`: the beginning of a name …, another one …
  const named = [...readme.matchAll(/`(\w+)\.ts`: ([^;|.]+)/g)].flatMap(([, area, names]) =>
    names!.split(/…,|…/).flatMap((name) => (name.trim() === '' ? [] : { area: area!, name: name.trim().replace(/^, /, '') })),
  )
  expect(named.length).toBeGreaterThan(80)
  const isThere = (of: { area: string; name: string }): boolean =>
    attacks.some(({ area, name }) => area === of.area && of.name.split(', ').some((part) => name.startsWith(part)))
  expect(named.filter((each) => !isThere(each))).toEqual([])
})

const quick = (await allAttacks()).filter(({ slow }) => !slow)
test.each(quick.map((a) => [`${a.area}: ${a.name}`, a] as const))('%s', async (_name, a) => {
  const { held, line } = await runAttack(a)
  expect(held, line).toBe(true)
})
