/** Projects of strangers whose stored values lie: saved slices, audits, histories, recipes of runs, decisions, and cached results. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { required } from '../../src/contract/required.ts'
import { storeSuspects, type SuspectResult } from '../../src/main/catalogue/suspect-result.ts'
import { LOG_TRIGGERS } from '../../src/main/store/migrations/001-schema.ts'
import { Store } from '../../src/main/store/store.ts'
import { generateProject } from '../support/generate.ts'
import { tamper } from '../support/tamper.ts'
import { open } from './support/project-child.ts'
import type { Attack } from './support/run.ts'

/** Longest that a project may take until it is refused, or all calls on it are answered, in seconds. */
const LONGEST_S = 10

const json = (value: unknown): string => JSON.stringify(value)
const list = (length: number, of: unknown): unknown[] => Array.from({ length }, () => of)
const meta = (key: string, value: unknown): string =>
  `insert or replace into meta (key, value) values ('${key}', '${(typeof value === 'string' ? value : json(value)).replaceAll("'", "''")}')`
const slices = (...of: object[]): string => meta('slices', of)
/** Changes a member of the audit that is stored. */
const audit = (path: string, value: unknown): string =>
  `update meta set value = json_set(value, '$.${path}', json('${json(value)}')) where key = 'audit'`
const run = (column: 'config' | 'summary', path: string, value: unknown): string =>
  `update run set ${column} = json_set(${column}, '$.${path}', json('${json(value)}'))`
const row = (part: object = {}): object => ({
  at: 'x',
  from: 'search',
  wrong: null,
  labels: 1,
  reviewed: 1,
  corrections: 1,
  audit: null,
  ...part,
})

/** SQL for each lie. */
const LIES: Readonly<Record<string, string>> = {
  'slices: no list': meta('slices', {}),
  'slices: a list of lists': meta('slices', [[]]),
  'slices: 100,000 of them': slices(...(list(100_000, { name: 'a', where: 'x' }) as object[])),
  'slices: filters that are wrong': slices({ name: 'a', where: '(((' }, { name: 'b', where: '"' }),
  'slices: a filter of a megabyte': slices({ name: 'a', where: '('.repeat(1_000_000) }),
  'slices: a slice of itself': slices({ name: 'a', where: 'slice:a' }),
  'slices: each names the one before twice': slices(...Array.from({ length: 60 }, (_, i) => ({ name: i === 59 ? 'a' : `s${i}`, where: i === 0 ? 'x' : `slice:s${i - 1} OR slice:s${i - 1}` }))),
  'slices: a name __proto__': slices({ name: '__proto__', where: 'x' }, { name: '', where: '' }),
  'slices: lists inside each other': meta('slices', `[{"name": ${'['.repeat(50_000)}${']'.repeat(50_000)}}]`),
  'place: a filter of another shape': meta('place', { filter: { where: 7, sort: 'constructor', genres: 'x' }, movie: 1 }),
  'place: a movie of 1e300': meta('place', { filter: {}, movie: 1e300, sweep: { genre: 1e300, at: -1 } }),
  'keys: a million': meta('keys', Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, 1]))),
  'audit: no draws': audit('draws', []),
  'audit: draws of no movie': audit('draws', list(40, { movie: 2 ** 31, stratum: 0, labels: [], wrong: null })),
  'audit: draws of a stratum that does not exist': audit('draws[0].stratum', 1e9),
  'audit: a draw of one movie 40 times': audit('draws', list(40, { movie: 1, stratum: 0, labels: [], wrong: null })),
  'audit: a million draws': `${meta('auditAnswers', { 1: [1] })}; ${audit('draws', list(1_000_000, { movie: 1, stratum: 0, labels: [], wrong: null }))}`,
  'audit: no strata': audit('strata', []),
  'audit: strata of no movies': audit('strata', list(5, { movies: 0, sums: [] })),
  'audit: a million strata': audit('strata', list(1_000_000, { movies: 1, sums: [] })),
  'audit: sums of another length': audit('strata[0].sums', list(100_000, 1e300)),
  'audit: probabilities beyond 1': audit('draws[0].wrong', list(19, 1e300)),
  'audit: no genres': audit('genres', []),
  'audit: a million genres': audit('genres', list(1_000_000, 1)),
  'audit: genres that do not exist': audit('genres', [1, 65_535, 2 ** 31]),
  'audit: a size of 2^53': audit('size', 2 ** 53 - 1),
  'audit: a width below zero': audit('width', -1),
  'audit: a width of zero': audit('width', 0),
  'audit: a width of 1e-300': audit('width', 1e-300),
  'audit: a batch that does not exist': audit('lastBatch', 2 ** 53 - 1),
  'audit: a date that is a megabyte': audit('at', 'x'.repeat(1_000_000)),
  'audit: no object': meta('audit', []),
  'answers: no object': meta('auditAnswers', []),
  'answers: of __proto__': meta('auditAnswers', '{"__proto__": [1], "constructor": [1]}'),
  'answers: a million genres of one movie': `update meta set value = (select json_group_object(key, json('${json(list(100_000, 1))}')) from json_each(value)) where key = 'auditAnswers'`,
  'answers: a million movies': meta('auditAnswers', Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`${i}`, [1]]))),
  'answers: numbers as texts': meta('auditAnswers', { 1: ['1'] }),
  'health: no list': meta('health', {}),
  'health: 200,000 entries': meta('health', list(200_000, row())),
  'health: infinite figures': meta('health', `[${json(row()).replace('"labels":1', '"labels":1e999')}]`),
  'health: an interval upside down': meta('health', [row({ wrong: { expected: -1, low: 9, high: -9 }, audit: { movies: { rate: 9, low: 2, high: 1 }, cells: { rate: -9, low: 2, high: 1 } } })]),
  'a recipe whose columns are a number': run('config', 'columns', 7),
  'a recipe whose columns are null': run('config', 'columns', null),
  'a recipe whose columns are an object': run('config', 'columns', { length: 2 ** 31 }),
  'a recipe with 200,000 columns': run('config', 'columns', list(200_000, 'year')),
  'a recipe with columns that do not exist': run('config', 'columns', ['__proto__', '', 'constructor']),
  'a recipe with a column of a megabyte': run('config', 'columns', ['x'.repeat(1_000_000)]),
  'a recipe of an unknown family': run('config', 'family', '__proto__'),
  'a recipe of another family': run('config', 'family', 'transformer'),
  'a recipe without anything': `update run set config = '{"family":"linear"}'`,
  'a recipe of a billion folds': run('config', 'folds', 1e9),
  'figures whose thresholds are a number': run('summary', 'thresholds', 7),
  'figures whose first thresholds are a text': run('summary', 'thresholds', { origin: {}, trained: 'x' }),
  'a calibration of slopes 0 and 1e308': run('summary', 'calibration', { kind: 'platt', scales: [{ slope: 0, offset: 0 }, ...list(30, { slope: 1e308, offset: -1e308 })], thresholds: [] }),
  'a calibration of slopes 1e308': run('summary', 'calibration', { kind: 'platt', scales: list(30, { slope: 1e308, offset: -1e308 }), thresholds: list(100_000, 1e300) }),
  'a calibration without scales': run('summary', 'calibration', { kind: 'temperature', scales: [], thresholds: [] }),
  'a calibration of an unknown kind': run('summary', 'calibration', { kind: '__proto__', scales: [], thresholds: [] }),
  'figures without anything': `update run set summary = '{}'`,
  'no thresholds': `update run set thresholds = '[]'`,
  'thresholds of 1e300': `update run set thresholds = '${json(list(19, 1e300))}'`,
  '100,000 thresholds': `update run set thresholds = '${json(list(100_000, 0.5))}'`,
  '100,000 genres of a run': `update run set genres = '${json(list(100_000, 1))}'`,
  'no genres of a run': `update run set genres = '[]', thresholds = '[]', scales = '[]'`,
  'scales of another length': `update run set scales = '[]'`,
  'predictions of 7 bytes': "update prediction set probabilities = x'01020304050607'",
  'predictions that are no numbers': "update prediction set probabilities = unhex(replace(hex(zeroblob(length(probabilities) / 4)), '00', '0000C07F'))",
  'predictions of movies that do not exist': "update prediction set movies = zeroblob(length(movies))",
  'evidence of no movies': "update prediction set evidence = x''",
  'marks that are words': "update change set becomes = 'yes', was = 'no' where field in ('skipped', 'flagged')",
  'marks of a genre': "update change set genre = 1 where field in ('skipped', 'flagged', 'reviewed')",
  'labels that are words': "update change set becomes = '7' where field = 'label'",
  'labels of no genre': "update change set genre = null where field in ('label', 'verdict')",
} // prettier-ignore

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Result = Mutable<SuspectResult>
/** Changes the stored result of a search for suspects. */
const RESULTS: Readonly<Record<string, (of: Result) => void>> = {
  'suspects: no sources': (of) => (of.model = { ...of.model, sources: [] }),
  'suspects: an unknown source': (of) => {
    of.model = { ...of.model, sources: ['constructor'] }
    of.evidence = { constructor: of.evidence['text']! }
  },
  'suspects: weights, means and intervals of another length': (of) => (of.model = { ...of.model, weights: [], means: [], intervals: [] }),
  'suspects: a part __proto__': (of) => {
    of.model = { ...of.model, partMeans: { constructor: 1, toString: 1 } }
    of.parts = { constructor: of.evidence['text']!, toString: of.evidence['text']! }
  },
  'suspects: probabilities that are no numbers': (of) => (of.wrong = of.wrong.map(() => NaN)),
  'suspects: probabilities of 1e38': (of) => (of.wrong = of.wrong.map((_, i) => (i % 2 ? 1e38 : -1e38))),
  'suspects: no movies': (of) => cut(of, 0),
  'suspects: one movie with 5,000,000 similar ones': (of) => {
    cut(of, 1)
    of.nearest = new Int32Array(5_000_000).fill(1)
    of.cosines = new Float32Array(5_000_000).fill(1)
  },
  'suspects: a number of similar movies that is no whole number': (of) => {
    of.nearest = new Int32Array(7).fill(1)
    of.cosines = new Float32Array(7).fill(1)
  },
  'suspects: similar movies below zero': (of) => (of.nearest = of.nearest.map(() => -5)),
  'suspects: a similar movie of 2^31': (of) => (of.nearest = of.nearest.map(() => 2 ** 31 - 1)),
  'suspects: movies in descending order': (of) => (of.movies = of.movies.toReversed()),
  'suspects: genres that are all one': (of) => (of.genres = of.genres.map(() => 1)),
  'suspects: a batch to come': (of) => (of.lastBatch = 2 ** 31),
  'suspects: a recipe of another shape': (of) => (of.config = { ...of.config, linear: { columns: 7 } as never, family: { run: -1, name: '__proto__' } }),
} // prettier-ignore

/** Keeps the first movies of a result. */
function cut(of: Result, movies: number): void {
  const cells = movies * of.genres.length
  const head = (values: ArrayLike<number>): Float32Array => Float32Array.from({ length: cells }, (_, i) => values[i]!)
  const count = of.nearest.length / of.movies.length
  of.movies = of.movies.slice(0, movies)
  of.wrong = head(of.wrong)
  of.evidence = Object.fromEntries(Object.entries(of.evidence).map(([name, values]) => [name, head(values)]))
  of.nearest = of.nearest.slice(0, movies * count)
  of.cosines = Float32Array.from({ length: movies * count }, (_, i) => of.cosines[i]!)
}

/** A result as a search might find it. */
function foundIn(store: Store): Result {
  const movies = Int32Array.from({ length: store.movies.lastId() }, (_, i) => i + 1)
  const genres = Int32Array.from(store.movies.genres(), ({ id }) => id)
  const cells = movies.length * genres.length
  const values = (scale: number): Float32Array => Float32Array.from({ length: cells }, (_, i) => ((i * 7919) % 101) / scale)
  const sources = ['text', 'neighbours']
  return {
    config: { linear: {} as never, divisions: 1, neighbours: 3, plantedRate: 0.1, plantedKinds: [], family: null },
    model: {
      sources,
      weights: list(2 * sources.length + 2, 0.5) as number[],
      intercept: 0,
      means: [0, 0],
      partMeans: {},
      estimate: { expected: 9, low: 5, high: 12 },
      intervals: list(genres.length + 1, [0.5, 1.5]) as [number, number][],
      planted: { errors: 10, called: 5, found: 5 },
    },
    lastBatch: 0,
    movies,
    genres,
    wrong: values(101),
    evidence: Object.fromEntries(sources.map((name) => [name, values(50)])),
    parts: {},
    nearest: Int32Array.from({ length: 3 * movies.length }, (_, i) => movies[(i * 7) % movies.length]!),
    cosines: new Float32Array(3 * movies.length).fill(0.5),
  }
}
/** A project with a run, decisions, slices, a finished audit and a search. @returns its path */
async function richProject(folder: string): Promise<string> {
  const path = join(folder, 'rich.reel')
  await generateProject(path, 60)
  const engine = await open(path, folder)
  await engine.call('review.setSlices', { slices: [{ name: 'a', where: 'genre:Drama' }] })
  await engine.call('labels.apply', {
    changes: [
      { field: 'skipped', movie: 1, to: true },
      { field: 'flagged', movie: 2, to: true },
      { field: 'reviewed', movie: 3, to: true },
      { field: 'label', movie: 4, genre: 1, to: true },
      { field: 'label', movie: 5, genre: 1, to: false },
    ],
  })
  await engine.call('audit.start', { size: 30 })
  for (let i = 0; i < 30; i++) {
    const { movie } = (await engine.call('audit.movie', {}))!
    await engine.call('audit.answer', { movie, genres: [1] })
  }
  await engine.close()
  return path
}
/** A process that opens projects, one after the other; a new one takes the place of one that hangs or dies. */
class Opener {
  readonly #folder: string
  #child: ChildProcess | null = null
  constructor(folder: string) {
    this.#folder = folder
  }
  /** @returns what was wrong: defects, and a project that takes too long or ends the process */
  async wrongWith(path: string): Promise<string> {
    const child = (this.#child ??= fork(join(import.meta.dirname, 'support/project-child.ts'), [], {
      execArgv: ['--max-old-space-size=1000'],
    }))
    const end = Promise.withResolvers<string>()
    const timer = setTimeout(() => end.resolve(`no end after ${LONGEST_S} s`), LONGEST_S * 1000)
    child.once('message', (defects: string) => end.resolve(defects))
    child.once('exit', (code, signal) => end.resolve(`it ended the process (${signal ?? code})`))
    child.send({ path, folder: this.#folder })
    const wrong = await end.promise
    clearTimeout(timer)
    child.removeAllListeners()
    if (wrong.startsWith('no end') || wrong.startsWith('it ended')) await this.close()
    return wrong
  }
  async close(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
/** Tries each entry of a table on a copy of a project. */
const each = async <T>(folder: string, table: Readonly<Record<string, T>>, lie: (path: string, of: T) => void): Promise<string> => {
  const sound = await richProject(folder)
  const opener = new Opener(folder)
  const wrong: string[] = []
  try {
    for (const [what, of] of [['the project without a lie', null] as const, ...Object.entries(table)]) {
      const path = join(folder, 'lying.reel')
      for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
      copyFileSync(sound, path)
      if (of !== null) lie(path, of)
      const said = await opener.wrongWith(path)
      if (said) wrong.push(`${what}: ${said}`)
    }
  } finally {
    await opener.close()
  }
  if (wrong.length > 0) throw new Error(wrong.join(' | '))
  return `${Object.keys(table).length} projects, each refused in words or read`
}
const changed = (path: string, sql: string): void => {
  const without = Object.keys(LOG_TRIGGERS).map((name) => `drop trigger ${name};`)
  const again = Object.values(LOG_TRIGGERS).map((statement) => `${statement};`)
  tamper(path, `pragma foreign_keys = off; pragma ignore_check_constraints = on; ${without.join(' ')} ${sql}; ${again.join(' ')}`)
}
function searched(path: string, lie: (of: Result) => void): void {
  const store = new Store(path, 'open')
  const result = foundIn(store)
  lie(result)
  storeSuspects(store, result)
  store.close()
}

/** Of the tables above, what would block the engine, or be a defect, if it were believed. */
const WORST = ['audit: a million draws', 'audit: a million genres', 'a recipe whose columns are a number', 'a recipe of another family', 'figures whose first thresholds are a text', '100,000 thresholds', 'predictions that are no numbers'] // prettier-ignore
const WORST_RESULTS = ['suspects: no sources', 'suspects: an unknown source', 'suspects: one movie with 5,000,000 similar ones']
function only<T>(table: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, required(table[name], name)]))
}

export const attacks: readonly Attack[] = [
  { name: 'stored values that would block the engine', run: ({ folder }) => each(folder, only(LIES, WORST), changed) },
  { name: 'results of a search that would block the engine', run: ({ folder }) => each(folder, only(RESULTS, WORST_RESULTS), searched) },
  { name: 'slices, audits, histories, runs and decisions that lie', slow: true, run: ({ folder }) => each(folder, LIES, changed) },
  {
    name: 'results of a search that lie',
    slow: true,
    run: ({ folder }) => each(folder, { 'suspects: as found': () => undefined, ...RESULTS }, searched),
  },
]
