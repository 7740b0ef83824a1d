import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../data/support/files.ts'
import { mutate } from './mutate.ts'
import { readAll } from './read-all.ts'
import { SEEDS } from './seeds.ts'

/** Number of damaged copies of each file; `npm run fuzz` makes as many as fit into its time. */
const COPIES = 15
const { write } = scratchFolder()

describe('damaged files are read, rejected in part or refused with a reason', () => {
  it.each(SEEDS.map(({ name, bytes }) => [name, bytes] as const))('%s', async (name, bytes) => {
    expect(await readAll(write(name, bytes))).toBe('read')
    for (let seed = 1; seed <= COPIES; seed++) {
      const other = SEEDS[seed % SEEDS.length]!.bytes
      const outcome = await readAll(write(name, mutate(bytes, other, seed))).catch((error: unknown) => error)
      expect(outcome, `seed ${seed}`).toBeTypeOf('string')
    }
  })
})
