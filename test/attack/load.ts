/** Many calls for a long time, and what the program asks of the operating system meanwhile. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { entryFile } from '../../src/main/processes/entries.ts'
import { expectEnd, importProject } from './support/command-line.ts'
import { againstHost, megabytes, type AttackedHost, type Client } from './support/host-process.ts'
import type { Attack } from './support/run.ts'

const LABELS = 10_000
/** Calls of one window that are not answered yet. */
const IN_FLIGHT = 200
/** Longest that another window may wait; the machine may have other work. */
const MAX_WAIT_MS = 10_000
const MAX_GROWTH_BYTES = 150e6
const MIXED_SECONDS = 60
/** Movies of a large bulk change, and the part of its time for which another client may wait. */
const BULK_MOVIES = 50_000
const MAX_SHARE = 3

function hold(what: string, isTrue: boolean): void {
  if (!isTrue) throw new Error(what)
}

/** Calls `work` `count` times, {@link IN_FLIGHT} at a time. */
async function inFlight(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}

/** A change of nearly all movies is one transaction, and other clients go on meanwhile: they wait for slices of it. */
async function largeBulk(host: AttackedHost): Promise<string> {
  const window = await host.connect()
  const genre = (await window.call('project.info', {})).genres[0]?.name ?? ''
  const change = { filter: {}, action: 'add', genre, dryRun: false } as const
  const waits: string[] = []
  for (const work of [
    () => window.call('labels.bulk', change),
    () => window.call('labels.undo', {}),
    () => window.call('labels.redo', {}),
  ]) {
    const began = performance.now()
    const wait = await host.longestWaitDuring(work)
    const took = performance.now() - began
    waits.push(`${Math.round(wait)} of ${Math.round(took)} ms`)
    hold(`another client waited for ${Math.round(wait)} of ${Math.round(took)} ms`, wait < took / MAX_SHARE)
  }
  return `another client waited at most ${waits.join(', ')}`
}

async function manyLabels(host: AttackedHost): Promise<string> {
  const window = await host.connect()
  const { movies } = await window.call('review.query', {})
  const label = (i: number): Promise<unknown> => {
    const movie = movies[i % movies.length] ?? 0
    return window.call('labels.apply', { changes: [{ field: 'flagged', movie, to: Math.floor(i / movies.length) % 2 === 0 }] })
  }
  let half = 0
  const wait = await host.longestWaitDuring(async () => {
    await inFlight(LABELS / 2, label)
    half = (await host.resources()).rss
    await inFlight(LABELS / 2, (i) => label(LABELS / 2 + i))
  })
  // what is collected late does not count
  const grown = (await host.resources()).rss - half
  hold(`another window waited ${wait.toFixed(0)} ms`, wait < MAX_WAIT_MS)
  hold(`memory grew by ${megabytes(grown)}`, grown < MAX_GROWTH_BYTES)
  const [last] = await window.call('labels.history', { limit: 1 })
  hold(`the last batch is ${last?.batch}`, last?.batch === LABELS)
  await window.call('labels.undo', {})
  const { path } = await window.call('project.info', {})
  const start = performance.now()
  await window.call('project.open', { path })
  const seconds = (performance.now() - start) / 1000
  hold(`opening it again took ${seconds.toFixed(1)} s`, seconds < 10)
  const [undone] = await window.call('labels.history', { limit: 1 })
  hold(`after it was opened again the last batch is ${undone?.batch}`, undone?.batch === LABELS + 1)
  return `all answered, ${megabytes(half)} after half of them and ${megabytes(grown)} more at the end, another window waited ${wait.toFixed(0)} ms, opened again in ${seconds.toFixed(1)} s`
}

/** What a window does, in turns. */
const MIX: readonly ((window: Client, movie: number, turn: number) => Promise<unknown>)[] = [
  (window, movie, turn) => window.call('labels.apply', { changes: [{ field: 'flagged', movie, to: turn % 2 === 0 }] }),
  (window) => window.call('labels.undo', {}).catch(() => undefined),
  (window) => window.call('review.query', { where: 'genre:Drama a' }),
  (window, movie) => window.call('review.movie', { movie }),
  (window) => window.call('overview.get', {}).catch(() => undefined),
  (window, _, turn) =>
    window.call('files.put', { name: 'x.csv', upload: `upload-${turn}-${process.pid}`, offset: 0, bytes: new Uint8Array(5000) }),
  (window) => window.call('labels.history', { limit: 20 }),
  (window) => window.call('backups.list', {}),
]

async function mixedCalls(host: AttackedHost): Promise<string> {
  const seen: { rss: number; sockets: number }[] = []
  let calls = 0
  const end = Date.now() + MIXED_SECONDS * 1000
  while (Date.now() < end) {
    const window = await host.connect()
    const { movies } = await window.call('review.query', {})
    for (let i = 0; i < 400; i++, calls++) await MIX[i % MIX.length]?.(window, movies[i % movies.length] ?? 0, calls)
    window.ws.terminate()
    seen.push(await host.resources())
  }
  // a window's uploads go with it
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const half = seen[seen.length >> 1] ?? { rss: 0, sockets: 0 }
  const last = seen.at(-1) ?? half
  hold(`memory grew from ${megabytes(half.rss)} to ${megabytes(last.rss)}`, last.rss - half.rss < MAX_GROWTH_BYTES)
  hold(`${last.sockets} connections are left`, last.sockets <= half.sockets + 2)
  const uploads = readdirSync(join(host.dataDir, 'temporary'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('x.csv'),
  )
  // the last window may not have left yet
  hold(`${uploads.length} uploads of windows that left are kept`, uploads.length <= 50)
  return `${calls} calls: ${megabytes(half.rss)} after half of them, ${megabytes(last.rss)} at the end, ${uploads.length} uploads left`
}

/** Runs a verb under strace, with its processes. @returns its system calls, one a line */
async function traced(folder: string, calls: string, args: readonly string[]): Promise<string[]> {
  const out = join(folder, `trace-${args[0]}`)
  const child = spawn('strace', ['-f', '-qq', '-e', `trace=${calls}`, '-s', '60', '-o', out, process.execPath, entryFile('cli'), ...args], {
    cwd: folder,
    env: { ...process.env, REELABEL_DATA: join(folder, 'data') },
    stdio: 'ignore',
  })
  const [code] = (await once(child, 'close')) as [number | null]
  hold(`reelabel ${args.join(' ')} ended with ${code}`, code === 0)
  return readFileSync(out, 'utf8').split('\n')
}
const canTrace = process.platform === 'linux' && spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0

export const attacks: readonly Attack[] = [
  {
    name: '10,000 labels over one connection, 200 at a time, and the project opened with them',
    slow: true,
    run: ({ folder }) => againstHost(folder, manyLabels),
  },
  {
    name: 'a bulk change of 50,000 movies, its undo and its redo, while another window reads',
    slow: true,
    run: ({ folder }) => againstHost(folder, largeBulk, BULK_MOVIES),
  },
  {
    name: 'windows that come, call everything and leave for a minute',
    slow: true,
    run: ({ folder }) => againstHost(folder, mixedCalls),
  },
  {
    name: 'a decision is on the disk before it is confirmed, as the operating system sees it',
    slow: true,
    run: async ({ folder }) => {
      if (!canTrace) return 'not run: needs strace on Linux'
      await importProject(folder)
      const lines = await traced(folder, 'openat,pwrite64,write,writev,fsync,fdatasync', ['label', 'p.reel', 'm0', '-Drama'])
      const log = lines.findLastIndex((line) => line.includes('p.reel-wal'))
      hold('the log was not opened', log >= 0)
      const written = lines.findIndex((line, i) => i > log && line.includes('pwrite64('))
      const flushed = lines.findIndex((line, i) => i > written && /f(?:data)?sync\(/.test(line))
      const said = lines.findIndex((line) => /write\(1, .*m0/.test(line))
      hold(`written ${written}, flushed ${flushed}, said ${said}`, written > 0 && written < flushed && flushed < said)
      return `the log is written, flushed, and then the answer is printed (calls ${written}, ${flushed} and ${said})`
    },
  },
  {
    name: 'connections of trainings, predictions and lists of models, as the operating system sees them',
    slow: true,
    run: async ({ folder }) => {
      if (!canTrace) return 'not run: needs strace on Linux'
      const csv = join(import.meta.dirname, '../../resources/sample/movies.csv')
      await expectEnd(0, folder, ['import', 'p.reel', csv])
      const small = [
        '--model',
        'small',
        '--epochs',
        '1',
        '--folds',
        '2',
        '--model-layers',
        '1',
        '--model-dim',
        '16',
        '--model-heads',
        '2',
        '--model-hidden',
        '32',
        '--max-tokens',
        '48',
      ]
      const verbs = [
        ['train', 'p.reel', '--folds', '2'],
        ['train', 'p.reel', ...small],
        ['predict', 'p.reel', '--text', 'a ship in a storm'],
        ['models', 'list'],
        ['models', 'devices'],
        ['models', 'settings'],
      ]
      for (const args of verbs) {
        const lines = await traced(folder, 'socket,connect,bind,sendto', args)
        const outside = lines.filter((line) => /AF_INET6?\b/.test(line))
        hold(`reelabel ${args.slice(0, 2).join(' ')} opened ${outside[0]}`, outside.length === 0)
      }
      hold(
        'the runtime keeps an id of the device',
        !isThere(join(process.env['HOME'] ?? folder, '.cache/Microsoft/DeveloperTools/.onnxruntime')),
      )
      return `no connection in ${verbs.length} verbs`
    },
  },
]

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined
