import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Catalogue } from '../../src/main/catalogue/catalogue.ts'
import { ChangeLog } from '../../src/main/catalogue/log.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import type { Batch } from '../../src/contract/records.ts'
import { inverse, undoStacks, type LogChange } from '../../src/main/store/changes.ts'
import { Store } from '../../src/main/store/store.ts'
import { codeOf, scratch, tinyProject } from '../support/project.ts'

/** Batches from a notation: `1` is a decision, `u1` undoes batch 1; ids count from 1. */
const batches = (text: string): Batch[] =>
  text.split(' ').map((word, i) => ({
    id: i + 1,
    at: '',
    who: '',
    why: '',
    description: '',
    run: null,
    undoes: word.startsWith('u') ? Number(word.slice(1)) : null,
  }))

test.each([
  ['1', '1', ''],
  ['1 2 3', '1 2 3', ''],
  ['1 2 u2', '1', '2'],
  ['1 2 u2 u1', '', '2 1'],
  ['1 2 u2 u1 u4', '1', '2'],
  ['1 2 u2 u1 u4 u3', '1 2', ''],
  ['1 u1 3', '3', ''],
  ['1 u1 u2 u1', '', '1'],
  ['1 u1 u2 u1 u4', '1', ''],
  // two programs in turns
  ['1 2 u1', '2', '1'],
  ['1 2 u1 u3', '2 1', ''],
  ['1 2 u1 u2 u3', '1', '2'],
  ['1 u1 3 u2', '3 1', ''],
])('log "%s" can undo "%s" and redo "%s"', (log, undo, redo) => {
  const stacks = undoStacks(batches(log))
  expect([stacks.undo.map((b) => b.id).join(' '), stacks.redo.map((b) => b.id).join(' ')]).toEqual([undo, redo])
})

test('an inverse undoes a change', () => {
  const change: LogChange = { movie: 1, genre: 2, field: 'verdict', was: '', becomes: 'keep' }
  expect(inverse(change)).toEqual({ ...change, was: 'keep', becomes: '' })
  expect(inverse(inverse(change))).toEqual(change)
})

test('the log is append-only for every writer', async () => {
  const path = await tinyProject(scratch(), ['a: Drama', 'b: Comedy'])
  const store = new Store(path, 'open')
  store.changes.append(
    { at: 'now', who: 'me', why: '', description: 'x', run: null, undoes: null },
    [{ movie: 1, genre: null, field: 'note', was: '', becomes: 'hello' }],
    0,
  )
  store.close()
  const db = new Database(path)
  for (const sql of ["update change set becomes = 'no'", 'delete from change', "update batch set who = 'you'", 'delete from batch'])
    expect(() => db.exec(sql)).toThrow('the change log is append-only')
  expect(db.prepare('select becomes from change').pluck().all()).toEqual(['hello'])
  db.close()
})

test('a batch is stored completely or not at all', async () => {
  const store = new Store(await tinyProject(scratch(), ['a: Drama']), 'open')
  const batch = { at: '', who: '', why: '', description: '', run: null, undoes: null }
  const good = { movie: 1, genre: null, field: 'note', was: '', becomes: 'x' } as const
  expect(() => store.changes.append(batch, [good, { ...good, movie: 99 }], 0)).toThrow(/FOREIGN/)
  expect([store.changes.batches(), [...store.changes.all()]]).toEqual([[], []])
  store.close()
})

/** Plain model: the state is a list of values, undo and redo hold complete copies of it. */
class Model {
  now: string[]
  readonly undone: string[][] = []
  readonly past: string[][] = []
  constructor(size: number) {
    this.now = Array.from({ length: size }, () => '0')
  }
  decide(next: string[]): void {
    this.past.push(this.now)
    this.undone.length = 0
    this.now = next
  }
  undo(): boolean {
    const before = this.past.pop()
    if (before) this.undone.push(this.now)
    this.now = before ?? this.now
    return before !== undefined
  }
  redo(): boolean {
    const after = this.undone.pop()
    if (after) this.past.push(this.now)
    this.now = after ?? this.now
    return after !== undefined
  }
}

test.each([1, 2, 3, 4, 5, 6])('random decisions, undos, redos and restarts agree with a plain model (seed %i)', async (seed) => {
  const draw = seededDraws(seed)
  const path = join(await tinyProject(scratch(), ['a: Drama', 'b: Comedy', 'c: Drama, War', 'd: War']))
  let store = new Store(path, 'open')
  let catalogue = new Catalogue(store)
  let log = new ChangeLog(store, catalogue)
  const size = catalogue.n * catalogue.k
  // labels start as in the source: the model holds differences from it
  const state = (): string[] => Array.from({ length: size }, (_, c) => (catalogue.labels[c] === catalogue.source[c] ? '0' : '1'))
  const model = new Model(size)
  for (let step = 0; step < 80; step++) {
    const action = ['decide', 'decide', 'undo', 'undo', 'redo', 'restart'][draw(6)]!
    if (action === 'restart') {
      store.close()
      store = new Store(path, 'open')
      catalogue = new Catalogue(store)
      log = new ChangeLog(store, catalogue)
    } else if (action === 'decide') {
      const cells = [...new Set([draw(size), draw(size), draw(size)])]
      const next = [...model.now]
      const changes = cells.map((cell): LogChange => {
        next[cell] = next[cell] === '0' ? '1' : '0'
        const was = String(catalogue.labels[cell])
        const genre = catalogue.genres[cell % catalogue.k]!.id
        return { movie: catalogue.ids[Math.floor(cell / catalogue.k)]!, genre, field: 'label', was, becomes: was === '1' ? '0' : '1' }
      })
      log.append({ who: 'me', why: '', description: `step ${step}`, run: null }, changes)
      model.decide(next)
    } else {
      const possible = model[action as 'undo' | 'redo']()
      expect(await codeOf(() => log.write(action === 'undo' ? log.undoing('me') : log.redoing('me')))).toBe(
        possible ? 'none' : `nothing-to-${action}`,
      )
    }
    expect(state()).toEqual(model.now)
    const { undo, redo, corrections } = log.state()
    expect([undo !== null, redo !== null, corrections]).toEqual([
      model.past.length > 0,
      model.undone.length > 0,
      model.now.filter((x) => x === '1').length,
    ])
  }
  store.close()
})
