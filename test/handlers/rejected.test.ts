import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeInRecords } from '../../src/main/jobs/rejected.ts'
import { Store } from '../../src/main/store/store.ts'
import { Bench, codeOf, exportOf, start } from '../support/project.ts'

const PLOT = 'a story that is told here at some length'
const TABLE = [
  'id,title,plot,genres',
  `a,Alpha,Alpha is ${PLOT}.,Drama`,
  `b,Beta,Beta, is ${PLOT}.,Comedy`,
  `c,Gamma,Gamma is ${PLOT}.,"War, Drama"`,
]

/** A project in which the record of b has one field too many. */
async function broken(): Promise<Bench> {
  const b = await Bench.open(['x: Drama'])
  const path = join(b.folder, 'broken.csv')
  writeFileSync(path, TABLE.join('\r\n') + '\r\n')
  const mapping = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }
  await b.job(() => b.engine.call('import.run', { paths: [path], name: 'broken', mapping, format: 'table', accept: true }))
  return b
}

const firstRejected = async (b: Bench): Promise<number> => (await b.engine.call('rejected.list', {})).records[0]!.record

test('a rejected record has its place, the reason, and the header that it does not fit', async () => {
  const b = await broken()
  const { total, records, last } = await b.engine.call('rejected.list', {})
  expect([total, last]).toEqual([1, null])
  expect(records[0]).toMatchObject({
    file: 'broken.csv',
    line: 3,
    columns: ['id', 'title', 'plot', 'genres'],
    delimiter: ',',
    raw: TABLE[2]! + '\r\n',
  })
  expect(records[0]!.why).toMatch(/5 fields, but the header has 4/)
})

test.each([
  [TABLE[2]!, /5 fields/],
  [`b,Beta,"Beta, is ${PLOT}.,Comedy`, /quote/],
  [',,,', /neither a title, a plot nor a genre/],
])('an edited record that still does not fit says why: %s', async (raw, why) => {
  const b = await broken()
  const record = await firstRejected(b)
  const [check] = await b.engine.call('rejected.check', { records: [{ record, raw }] })
  expect(check).toMatchObject({ record, movie: null })
  expect(check!.why).toMatch(why)
  // a cell too many is seen, too
  if (raw === TABLE[2]) expect(check!.cells.map((c) => c.column)).toEqual(['id', 'title', 'plot', 'genres', ''])
  expect(await codeOf(() => b.engine.call('rejected.retry', { records: [{ record, raw }] }))).toBe('nothing-fits')
})

test('an edited record becomes a movie that is found, exported and remembered', async () => {
  const b = await broken()
  const record = await firstRejected(b)
  const raw = `b,Beta,"Beta, is ${PLOT}.",Comedy`
  const [check] = await b.engine.call('rejected.check', { records: [{ record, raw }] })
  expect(check).toMatchObject({
    why: null,
    movie: { key: 'b', title: 'Beta', plot: `Beta, is ${PLOT}.`, genres: ['Comedy'], joins: false },
  })
  const end = await b.job(() => b.engine.call('rejected.retry', { records: [{ record, raw }] }))
  expect(end).toMatchObject({ state: 'done', message: '1 record added.' })
  expect(await b.labels('b')).toBe('Comedy')
  expect((await b.engine.call('review.query', { where: 'beta' })).movies).toHaveLength(1)
  expect(await b.engine.call('rejected.list', {})).toMatchObject({ total: 0, records: [] })
  expect((await b.engine.call('import.log', {})).entries.at(-1)).toMatchObject({
    line: 3,
    what: 'repaired',
    why: 'edited by hand',
    before: TABLE[2]! + '\r\n',
  })
  const [file] = (await exportOf(b.engine, { what: 'catalogue', path: null })).files
  const text = new TextDecoder().decode((await b.engine.call('files.get', { file: file!.file!, offset: 0 })).bytes)
  // in its original place, with its original line ending
  expect(text).toBe([TABLE[0], TABLE[1], raw, TABLE[3], ''].join('\r\n'))
  expect(await codeOf(() => b.engine.call('rejected.retry', { records: [{ record, raw }] }))).toBe('not-rejected')
})

test('a record of a file that an update has replaced is not rejected any more', async () => {
  const b = await broken()
  const record = await firstRejected(b)
  const path = join(b.folder, 'newer.csv')
  writeFileSync(path, [TABLE[0], TABLE[1], TABLE[3], ''].join('\n'))
  const mapping = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }
  await b.job(() => b.engine.call('merge.stage', { paths: [path], format: 'table', mapping }))
  const { token } = (await b.engine.call('merge.plan', {}))!
  await b.job(() => b.engine.call('merge.run', { token, removed: 'remove', accept: true }))
  expect(await b.engine.call('rejected.list', {})).toMatchObject({ total: 0, records: [] })
  const edited = [{ record, raw: `b,Beta,Beta is ${PLOT}.,Comedy` }]
  expect(await codeOf(() => b.engine.call('rejected.check', { records: edited }))).toBe('not-rejected')
})

test('of several edited records those that fit are imported', async () => {
  const b = await broken()
  const path = join(b.folder, 'two.csv')
  writeFileSync(path, [...TABLE, `d,Delta,Delta, is ${PLOT}.,Comedy`, ''].join('\n'))
  await b.job(() =>
    b.engine.call('import.run', {
      paths: [path],
      name: 'two',
      accept: true,
      format: 'table',
      mapping: { id: 'id', title: 'title', plot: 'plot', genres: 'genres' },
    }),
  )
  const { records } = await b.engine.call('rejected.list', {})
  const edited = [
    { record: records[0]!.record, raw: records[0]!.raw },
    { record: records[1]!.record, raw: `d,Delta,Delta is ${PLOT}.,Comedy` },
  ]
  const end = await b.job(() => b.engine.call('rejected.retry', { records: edited }))
  expect(end.message).toMatch(/^1 record added\. Still rejected: line 3: 5 fields/)
  expect((await b.engine.call('rejected.list', {})).records.map((r) => r.line)).toEqual([3])
  expect(await b.labels('d')).toBe('Comedy')
})

test('records that were taken in by a program that ended too soon are spoken of at the next start', async () => {
  const b = await broken()
  const { path } = await b.engine.call('project.info', {})
  const record = await firstRejected(b)
  await b.engine.close()
  const store = new Store(path, 'open')
  takeInRecords(store, [{ record, raw: `b,Beta,Beta is ${PLOT}.,Comedy` }])
  store.close()
  b.engine = await start(b.folder, path, b.compute.spawn)
  const { notices, kept } = await b.engine.call('project.info', {})
  expect([kept, notices.join()]).toEqual([2, expect.stringContaining('open the Clean screen')])
  const ruleSet = await b.engine.call('clean.ruleSet', {})
  await b.job(() => b.engine.call('clean.set', { ruleSet: [...ruleSet] }))
  await b.engine.close()
  b.engine = await start(b.folder, path, b.compute.spawn)
  expect(await b.engine.call('project.info', {})).toMatchObject({ kept: 3, notices: [] })
})
