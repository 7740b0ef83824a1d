import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { Engine } from '../../src/main/engine.ts'
import { rawErrors, spoil } from '../attack/support/values.ts'
import { Bench, FakeCompute, scratch } from '../support/project.ts'

const CASES = Number(process.env['REELABEL_HOSTILE_VALUES'] ?? 10)

test('values that Reelabel never writes are refused in words', { timeout: 600_000 }, async () => {
  const b = await Bench.open([
    'a: Drama | train',
    'b: War | train',
    'c: Drama, War | train',
    'd: War | train',
    'e: Drama | train',
    'f: War | test',
  ])
  await b.decide('a', '+War', 'note odd')
  await b.call('labels.undo', {})
  await b.decide('b', 'impossible War', 'reviewed')
  await b.call('audit.start', { size: 30 })
  for (const movie of [1, 2, 3, 4, 5, 6]) await b.call('audit.answer', { movie, genres: [1] })
  await b.train()
  await b.engine.close()
  const raw: string[] = []
  for (let seed = 1; seed <= CASES; seed++) {
    const folder = scratch()
    const path = join(folder, 'p.reel')
    copyFileSync(b.path, path)
    const what = spoil(path, seed)
    try {
      const compute = new FakeCompute()
      compute.answer = ({ id }) => ({ t: 'failed', id, error: { code: 'not-faked', message: 'not faked' } })
      const engine = await Engine.start({ dataDir: join(folder, 'data'), open: path, spawn: compute.spawn, remembers: false })
      raw.push(...(await rawErrors(engine)).map((text) => `${seed} ${what}: ${text}`))
      await engine.close()
    } catch (error) {
      if (!(error instanceof UserError))
        raw.push(`${seed} ${what}: opening: ${String(error)} ${(error as Error).stack?.split('\n').slice(1, 3).join(' ')}`)
    }
  }
  expect(raw.join('\n')).toBe('')
})
