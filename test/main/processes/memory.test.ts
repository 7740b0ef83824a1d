import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../support/paths.ts'

test('a process that never returns to its event loop ends itself when it has more memory than it may', async () => {
  const memory = JSON.stringify(join(root, 'src/main/processes/memory.ts'))
  // 800 MB of numbers, then nothing but work
  const code = `import { endAbove } from ${memory}
    endAbove(Number(process.argv[1]))
    setTimeout(() => {
      const all = Array.from({ length: 40 }, () => new Float64Array(2.5e6).fill(1.5))
      for (const until = Date.now() + 2000; Date.now() < until;) all.at(-1).fill(2)
      console.log('whole')
    }, 100)`
  const run = (megabytes: number) => promisify(execFile)(process.execPath, ['--input-type=module', '-e', code, String(megabytes)])
  await expect(run(300)).rejects.toMatchObject({ signal: 'SIGKILL', stdout: '' })
  expect((await run(3000)).stdout).toBe('whole\n')
})
