import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { TrainingPart } from '../../src/contract/jobs.ts'
import { partsBefore, type PartJob } from '../../src/contract/workers.ts'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { scratchDefaults } from '../../src/main/compute/train/defaults.ts'
import { checkAccess, hostOf } from '../../src/main/workers/access.ts'
import { sign, verified, VERSION } from '../../src/main/workers/signed.ts'

const SECRET = 'a secret of the queue'
const file = { name: 'data', chunks: ['0'.repeat(64)] }
const job = {
  version: VERSION,
  run: '3f8e4c1a-5b7d-4e2f-9a61-0c9d8e7f6a5b',
  part: 'fold-3',
  config: { ...LINEAR_DEFAULTS, charNgrams: [3, 5] },
  genreNames: [],
  texts: [{ first: 0, end: 4, file }],
  data: file,
  model: null,
  adapter: null,
  known: [],
} as PartJob

test('a message is read with the secret with which it was made', () => {
  const signed = sign('job', job, SECRET)
  expect(verified('job', signed, SECRET)).toEqual(job)
  expect(signed.mac).toBe(
    createHmac('sha256', SECRET)
      .update(`reelabel job\n${JSON.stringify(job)}`)
      .digest('hex'),
  )
})

test.each([
  ['another secret', sign('job', job, 'the secret of another queue')],
  ['changed contents', { ...sign('job', job, SECRET), text: JSON.stringify({ ...job, part: 'fold-4' }) }],
  ['the digest of a result', { ...sign('job', job, SECRET), mac: createHmac('sha256', SECRET).update(`reelabel result\n${JSON.stringify(job)}`).digest('hex') }], // prettier-ignore
  ['no digest', { text: JSON.stringify(job) }],
  ['nothing', undefined],
])('a message with %s is refused', (_, message) => {
  expect(() => verified('job', message, SECRET)).toThrow("is not signed with this queue's secret")
})

test.each([
  [{ version: '0.0.9' }, 'was made by Reelabel 0.0.9, and this is'],
  [{ part: 'fold-1/../../x' as TrainingPart }, 'cannot be used (part: '],
  [{ data: { ...file, name: '../data' } }, 'cannot be used (data.name: '],
  [{ data: { ...file, chunks: ['x'] } }, 'cannot be used (data.chunks.0: '],
  [{ config: { ...job.config, folds: 900 } }, 'cannot be used (config.folds: '],
  [{ config: { family: 'linear' } as PartJob['config'] }, 'cannot be used (config.'],
  [{ code: 'process.exit()' }, 'cannot be used (all of it: Unrecognized key'],
])('a signed message with %o is refused in words', (change, words) => {
  expect(() => verified('job', sign('job', { ...job, ...change }, SECRET), SECRET)).toThrow(words)
})

test('folds are computed beside each other, after what they begin with; heads on a frozen body are not divided', () => {
  const small = { ...scratchDefaults(), folds: 2 }
  expect(partsBefore({ ...LINEAR_DEFAULTS, folds: 3 })).toEqual({ first: null, folds: ['fold-0', 'fold-1', 'fold-2'] })
  expect(partsBefore(small)).toEqual({ first: 'warm-up', folds: ['fold-0', 'fold-1'] })
  expect(partsBefore({ ...small, model: { source: 'library', id: 'x', digest: '' } })).toEqual({ first: null, folds: ['fold-0', 'fold-1'] })
  expect(partsBefore({ ...small, outOfFold: 'head' })).toEqual({ first: null, folds: [] })
})

test('an address is shown without its password; others are refused', () => {
  expect(hostOf('rediss://me:hush@queue.example:7000/2')).toBe('queue.example:7000')
  expect(hostOf('redis://localhost')).toBe('localhost:6379')
  for (const address of ['', 'localhost:6379', 'http://localhost', 'redis://'])
    expect(() => hostOf(address), address).toThrow('redis://HOST')
  expect(() => checkAccess({ address: 'redis://localhost', secret: 'short' })).toThrow('at least 16 characters')
})
