import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { root } from '../support/paths.ts'

test('an idle search thread does not keep a program from ending', () => {
  const code = `import { startSearchThread } from '${root}/src/main/store/search/search.ts'; startSearchThread()`
  const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { timeout: 20_000 })
  expect([status, signal]).toEqual([0, null])
})
