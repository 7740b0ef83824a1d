/** `reelabel services` and the verbs that ask one, against a service on this machine. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServiceList, ServicePlan, ServiceReport } from '../../src/contract/services.ts'
import { writeDecoder } from '../compute/decode/support.ts'
import { startFakeService, type FakeService } from '../services/fake-service.ts'
import { CommandLine } from '../support/command-line.ts'
import { root } from '../support/paths.ts'
import { tinyProject } from '../support/project.ts'

const KEY = 'sk-secret-0123456789'
process.env['CLI_SERVICE_KEY'] = KEY
const cli = new CommandLine()
let fake: FakeService
let project = ''
const PLOT = 'A farmer finds gold in the hills and loses every friend he had while winter closes the road.'
beforeAll(async () => {
  fake = await startFakeService(({ movie }) => ({ content: { summary: `Short ${movie.title}` }, pauseMs: 20 }))
  project = await tinyProject(
    cli.folder,
    Array.from({ length: 40 }, (_, i) => `m${i}: Drama | train | ${PLOT} Number ${i}.`),
  )
}, 60_000)
afterAll(() => {
  delete process.env['CLI_SERVICE_KEY']
  return fake.close()
})

test('a service is set; a plan shows what would be sent; nothing is sent without --yes', async () => {
  expect(await cli.text('services', 'list')).toContain('No service is set.')
  await cli.json('services', 'set', 'local', '--url', fake.url, '--model', 'tiny', '--per-minute', '60000', '--key-variable', 'CLI_SERVICE_KEY', '--price-in', '1', '--price-out', '2') // prettier-ignore
  expect((await cli.json<ServiceList>('services', 'list')).services).toMatchObject([{ name: 'local', model: 'tiny', key: 'variable', priceOut: 2 }]) // prettier-ignore
  expect(await cli.json<ServicePlan>('condense', project, '--words', '10', '--dry-run')).toMatchObject({ requests: 40, known: 0, consented: false }) // prettier-ignore
  const shown = await cli.text('condense', project, '--words', '10', '--dry-run', '--top', '3')
  expect(shown).toContain('3 requests to the model tiny')
  expect(shown).toContain(`POST ${fake.url}/chat/completions`)
  expect(shown).not.toContain(KEY)
  const { code, err } = await cli.run(['condense', project, '--words', '10'])
  expect([code, err]).toEqual([3, expect.stringMatching(/Nothing was sent.*Add --yes to agree\./)])
  const wrong = await cli.run(['services', 'set', 'far', '--url', 'http://example.com/v1', '--model', 'm'])
  expect([wrong.code, wrong.err]).toEqual([3, expect.stringMatching(/https/)])
  expect(fake.received).toEqual([])
})

test('a job that is killed has kept what arrived, and the next one pays for nothing twice', async () => {
  const args = ['condense', project, '--words', '10', '--yes', '--json']
  const child = spawn(process.execPath, [join(root, 'scripts/reelabel.mjs'), ...args], {
    env: { ...process.env, REELABEL_DATA: join(cli.folder, 'data') },
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  while (fake.received.length < 12 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10))
  child.kill('SIGKILL')
  await ended
  // one process starts another one, which ends when its output is closed
  let before = -1
  while (before !== fake.received.length) {
    before = fake.received.length
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  const { known } = await cli.json<ServicePlan>('condense', project, '--words', '10', '--dry-run')
  expect(known).toBeGreaterThanOrEqual(8)
  const report = await cli.json<ServiceReport>('condense', project, '--words', '10')
  expect(report).toMatchObject({ known, answered: 40 - known, failed: 0 })
  // at most the requests that were on their way are sent again
  expect(fake.received.length - 40).toBeLessThanOrEqual(2)
  const { total, movies } = await cli.json<{ total: number; movies: { id: string; answer: object }[] }>('condense', project, '--list', '--top', '2') // prettier-ignore
  expect([total, movies.map(({ id, answer }) => [id, answer])]).toEqual([40, [['m0', { task: 'condense', text: 'Short Title m0' }], ['m1', { task: 'condense', text: 'Short Title m1' }]]]) // prettier-ignore
})

test('a key that no keyring can keep is refused, and is nowhere', async () => {
  await cli.json('services', 'set', 'local', '--key-variable', 'none')
  process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nowhere'
  const { code, out, err } = await cli.runProcess(['services', 'key', 'local'], undefined, KEY)
  delete process.env['DBUS_SESSION_BUS_ADDRESS']
  // systems other than Linux have a keyring
  if (process.platform === 'linux') expect([code, out, err]).toEqual([3, '', expect.stringMatching(/no key was stored.*environment variable/)]) // prettier-ignore
  if (process.platform !== 'linux') await cli.run(['services', 'forget', 'local'])
  const files = readdirSync(cli.folder, { recursive: true, encoding: 'utf8' }).map((name) => join(cli.folder, name))
  for (const path of files.filter((name) => statSync(name).isFile())) expect(readFileSync(path, 'latin1'), path).not.toContain(KEY)
})

test('a decoder of this machine is asked in a process of its own, and sends nothing', async () => {
  const model = writeDecoder(join(cli.folder, 'decoder'))
  const before = fake.received.length
  const report = await cli.json<ServiceReport>('zero-shot', project, '--model', model, '--top', '9', '--max-tokens', '64')
  expect(report).toMatchObject({ task: 'zero-shot', service: 'this-machine', answered: 9, known: 0, failed: 0 })
  expect(await cli.text('zero-shot', project, '--list', '--service', 'this-machine')).toMatch(
    /^9 answers\nAgainst the labels of these 9 movies/,
  )
  expect(await cli.json('condense', project, '--model', 'decoder', '--top', '1', '--words', '5')).toMatchObject({ answered: 1 })
  const both = await cli.run(['zero-shot', project, '--model', model, '--service', 'local'])
  expect([both.code, both.err]).toEqual([2, expect.stringMatching(/a model of this machine sends nothing/)])
  expect(fake.received).toHaveLength(before)
})

test('missing plots are looked up, shown, accepted and taken back', async () => {
  const database = await startFakeService(({ path }) => ({ body: JSON.stringify({ results: [{ id: 5, title: path.includes('year') ? 'x' : 'Title e0', release_date: '1980-01-01', overview: `${PLOT} In spring.` }] }) })) // prettier-ignore
  const empty = await tinyProject(mkdtempSync(join(cli.folder, 'plots-')), [
    'e0: Drama | train | N/A',
    'e1: Comedy | train',
    'e2: Comedy | train',
  ])
  const none = await cli.run(['fill-plots', empty, '--dry-run'])
  expect([none.code, none.err]).toEqual([3, expect.stringMatching(/No database of movies is set/)])
  await cli.json('services', 'set', 'tmdb', '--kind', 'tmdb', '--url', database.url, '--key-variable', 'CLI_SERVICE_KEY', '--per-minute', '60000') // prettier-ignore
  const plan = await cli.text('fill-plots', empty, '--dry-run')
  expect(plan).toContain('1 request to 127.0.0.1')
  expect(plan).toContain(`GET ${database.url}/search/movie?query=Title+e0&language=en-US`)
  expect(await cli.json<ServiceReport>('fill-plots', empty, '--yes')).toMatchObject({ answered: 1, failed: 0, cost: null })
  expect(await cli.text('fill-plots', empty, '--list')).toMatch(
    /e0 {2}Title e0: \[5, Title e0, 1980\] A farmer.*CHECK: the title alone was compared/,
  )
  const doubtful = await cli.run(['fill-plots', empty, '--accept'])
  expect([doubtful.code, doubtful.err]).toEqual([3, expect.stringMatching(/There is no plot to accept/)])
  expect(await cli.json('fill-plots', empty, '--accept', '--id', 'e0')).toEqual({ message: expect.stringMatching(/^1 plot accepted\. 3 of 3/) as string }) // prettier-ignore
  expect(await cli.text('fill-plots', empty, '--list')).toContain('accepted)')
  expect(await cli.text('fill-plots', empty, '--take-back')).toMatch(/^1 plot taken back\./)
  const stranger = await cli.run(['fill-plots', empty, '--accept', '--id', 'e9'])
  expect([stranger.code, stranger.err]).toEqual([3, expect.stringMatching(/No database was asked for the plot of e9/)])
  await database.close()
})
