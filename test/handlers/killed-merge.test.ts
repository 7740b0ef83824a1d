/** A program that is killed while it merges leaves the project as it was, or with the whole merge. */
import { copyFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Store } from '../../src/main/store/store.ts'
import { Victim } from '../soak/victim.ts'
import { integrity, scratch, tinyProject } from '../support/project.ts'

/** Decisions of the other copy: enough that a kill can come between two of them. */
const BATCHES = 3000

const batchesOf = (path: string): { who: string; why: string }[] => {
  const store = new Store(path, 'open')
  try {
    return store.changes.batches().map(({ who, why }) => ({ who, why }))
  } finally {
    store.close()
  }
}
/** Appends decisions of one person on the label Drama of movie 2, each of which turns it over. */
function decide(path: string, who: string, count: number): void {
  const store = new Store(path, 'open')
  const drama = store.movies.genreId('Drama')
  store.transaction(() => {
    let last = store.changes.lastBatch()
    for (let i = 0; i < count; i++) {
      const [was, becomes] = i % 2 === 0 ? ['0', '1'] : ['1', '0']
      const batch = { at: new Date(1.7e12 + i).toISOString(), who, why: '', description: '', run: null, undoes: null }
      last = store.changes.append(batch, [{ movie: 2, genre: drama, field: 'label', was, becomes }], last)
    }
  })
  store.close()
}

const logSize = (path: string): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0

test.each([0, 1, 50_000, 200_000])('killed when the merge has written %i bytes', async (bytes) => {
  const folder = scratch()
  const mine = await tinyProject(folder, ['a: Drama', 'b: Comedy'], 'mine')
  const theirs = join(folder, 'theirs.reel')
  copyFileSync(mine, theirs)
  decide(mine, 'ann', 2)
  decide(theirs, 'bo', BATCHES + 1)
  const before = batchesOf(mine)

  const victim = new Victim()
  expect(await victim.begin({ dataDir: join(folder, 'data'), open: mine })).toBeNull()
  const { rpc } = victim
  await victim.job(() => rpc.call('people.compare', { path: theirs }))
  const plan = (await rpc.call('people.plan', {}))!
  expect(plan.added).toBe(BATCHES + 1)
  const start = logSize(mine)
  let ended = false
  const merged = victim
    .job(() => rpc.call('people.merge', { token: plan.token, rule: 'mine' }))
    .catch(() => null)
    .finally(() => (ended = true))
  while (!ended && logSize(mine) < start + bytes) await new Promise((resolve) => setImmediate(resolve))
  victim.kill()
  await Promise.all([victim.gone, merged])

  const after = batchesOf(mine)
  expect(integrity(mine)).toBe('ok')
  expect(after.slice(0, 2)).toEqual(before)
  if (after.length > 2) {
    expect(after.filter(({ who }) => who === 'bo')).toHaveLength(BATCHES + 1)
    expect(after.at(-1)).toMatchObject({ why: 'merge' })
  }
})
