import { expect, test } from 'vitest'
import { needs } from '../support/needs.ts'
import { soak } from './soak.ts'

test(
  'kills engines and their processes 20 times at random moments: no confirmed decision is lost, nothing is half done, every file is sound',
  { ...needs(process.platform !== 'win32', 'Windows has no signals'), timeout: 900_000 },
  async () => {
    const lines: string[] = []
    const { failed, confirmed, killedDuring } = await soak({ runs: 20, seed: 20_261_120, tell: (line) => lines.push(line) })
    expect(failed, lines.filter((l) => l.includes('FAILED')).join('\n')).toBe(0)
    expect(confirmed).toBeGreaterThan(20)
    expect(Object.values(killedDuring).reduce((a, n) => a + n)).toBeGreaterThan(10)
  },
)
