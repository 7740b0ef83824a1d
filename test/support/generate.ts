/**
 * Generated catalogues of any size for benchmarks and tests: the same size and seed give the same bytes. Words follow Zipf's law
 * and depend on the genres, so that text search, duplicates and triage work on text like that of real catalogues.
 */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { JobEvent } from '../../src/contract/events.ts'
import type { ComputeReply, TrainJob } from '../../src/contract/jobs.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { conclude } from '../../src/main/compute/evaluate.ts'
import { Engine } from '../../src/main/engine.ts'
import type { SpawnProcess, WorkProcess } from '../../src/main/processes/work-process.ts'
import { runInProcess } from '../../src/main/jobs/in-process.ts'
import { readInProcess } from './reader.ts'

/** Genres and how many of 10,000 movies have each, about as in the 9000+ Movies dataset. */
export const GENRE_SHARES: Readonly<Record<string, number>> = {
  Drama: 3800,
  Comedy: 3080,
  Action: 2730,
  Thriller: 2530,
  Adventure: 1880,
  Romance: 1500,
  Horror: 1490,
  Animation: 1460,
  Family: 1440,
  Fantasy: 1330,
  'Science Fiction': 1290,
  Crime: 1260,
  Mystery: 790,
  History: 430,
  War: 310,
  Music: 300,
  Documentary: 220,
  'TV Movie': 220,
  Western: 140,
}
const GENRES = Object.keys(GENRE_SHARES)
/** How many of 100 movies have at least 1, 2, 3, … genres. */
const AT_LEAST = [100, 70, 35, 10]
const WORDS = 30_000
const GENRE_WORDS = 300
/** How many of 100 words of a plot are words of its genres. */
const GENRE_WORD_SHARE = 12
const SHORTEST_PLOT = 20
const LONGEST_PLOT = 120
/** Number of recent plots that a duplicate may repeat. */
const REMEMBERED = 500
const PLACEHOLDERS = ['Add a Plot', 'Plot under wraps.', 'The plot is unknown.', 'N/A', '']
/** The most frequent words of English plots, in order of frequency. */
const FREQUENT = (
  'the a to and of in his is with her for he on an who as by their from that she him when they it at into but out has up be are not one ' +
  'life after while young man find new world family must two woman love where was about all them will have'
).split(' ')
const ONSETS = ['b', 'br', 'c', 'ch', 'd', 'f', 'g', 'gr', 'h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 'st', 't', 'tr', 'v', 'w', 'z']
const RIMES = ['a', 'al', 'an', 'ar', 'e', 'el', 'en', 'er', 'i', 'il', 'in', 'o', 'on', 'or', 'u', 'um', 'é']

/** A source of numbers in [0, 1). */
type Draw = () => number
const draws = (seed: number): Draw => {
  const below = seededDraws(seed)
  return () => below(2 ** 30) / 2 ** 30
}
const below = (draw: Draw, n: number): number => Math.floor(draw() * n)
const pick = <T>(draw: Draw, from: readonly T[]): T => from[below(draw, from.length)]!
/** Rank by Zipf's law with exponent 1: rank r comes up in proportion to 1 / (r + 1). */
const zipf = (draw: Draw, n: number): number => Math.floor((n + 1) ** draw()) - 1

function makeWords(draw: Draw, count: number, taken: Set<string>): string[] {
  const words: string[] = []
  while (words.length < count) {
    const syllables = 2 + below(draw, 3)
    const word = Array.from({ length: syllables }, () => pick(draw, ONSETS) + pick(draw, RIMES)).join('')
    if (taken.has(word)) continue
    taken.add(word)
    words.push(word)
  }
  return words
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** Generates movies one after the other. */
class Author {
  readonly #draw: Draw
  readonly #words: readonly string[]
  readonly #genreWords: readonly (readonly string[])[]
  readonly #plots: string[] = []
  readonly #shares = Object.values(GENRE_SHARES)

  constructor(seed: number) {
    this.#draw = draws(seed)
    const taken = new Set(FREQUENT)
    this.#words = [...FREQUENT, ...makeWords(this.#draw, WORDS - FREQUENT.length, taken)]
    this.#genreWords = GENRES.map(() => makeWords(this.#draw, GENRE_WORDS, taken))
  }
  /** One line of the catalogue. */
  line(number: number): string {
    const genres = this.#genres()
    const title = Array.from({ length: 1 + below(this.#draw, 4) }, () => capital(this.#words[zipf(this.#draw, WORDS)]!)).join(' ')
    const year = 2025 - Math.floor(100 * this.#draw() ** 2)
    const names = genres.map((g) => GENRES[g]!).join(', ')
    return `${[`g${number}`, title, String(year), this.#plot(genres), names].map(quoted).join(',')}\n`
  }
  #genres(): number[] {
    const draw = this.#draw
    const place = draw() * 100
    const wanted = AT_LEAST.filter((share) => place < share).length
    const chosen = new Set<number>()
    const total = this.#shares.reduce((a, x) => a + x)
    while (chosen.size < wanted) {
      let rest = draw() * total
      chosen.add(this.#shares.findIndex((share) => (rest -= share) < 0))
    }
    return [...chosen].sort((a, b) => a - b)
  }
  /** One of 200 plots is a placeholder, and two repeat those of earlier movies. */
  #plot(genres: readonly number[]): string {
    const draw = this.#draw
    const fate = below(draw, 200)
    if (fate === 0) return pick(draw, PLACEHOLDERS)
    if (fate <= 2 && this.#plots.length > 0) return pick(draw, this.#plots)
    const plot = this.#sentences(genres, SHORTEST_PLOT + Math.floor((LONGEST_PLOT - SHORTEST_PLOT + 1) * draw() ** 1.5))
    if (this.#plots.length < REMEMBERED) this.#plots.push(plot)
    else this.#plots[below(draw, REMEMBERED)] = plot
    return plot
  }
  #sentences(genres: readonly number[], words: number): string {
    const draw = this.#draw
    let text = ''
    let left = 0 // words until the end of the sentence
    for (let i = 0; i < words; i++) {
      const own = below(draw, 100) < GENRE_WORD_SHARE
      const word = own ? this.#genreWords[pick(draw, genres)]![zipf(draw, GENRE_WORDS)]! : this.#words[zipf(draw, WORDS)]!
      if (left === 0) {
        left = 8 + below(draw, 14)
        text += (i === 0 ? '' : ' ') + capital(word)
      } else text += ` ${word}`
      left--
      if (left === 0 || i === words - 1) text += '.'
      else if (below(draw, 14) === 0) text += ','
    }
    return text
  }
}

/** The text of a catalogue of n movies, header first, in pieces of about 100 KB. */
export function* generateCatalogue(n: number, seed = 1): Generator<string> {
  const author = new Author(seed)
  let piece = 'id,title,year,plot,genres\n'
  for (let i = 1; i <= n; i++) {
    piece += author.line(i)
    if (piece.length < 100_000) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

/** Writes the catalogue to a file in constant memory. */
export async function writeCatalogue(path: string, n: number, seed = 1): Promise<void> {
  await pipeline(Readable.from(generateCatalogue(n, seed)), createWriteStream(path))
}

/** Number of movies in one message of the compute process. */
const CHUNK = 1000

/** Approximately normal: mean 0, standard deviation 1. */
const bell = (draw: Draw): number => (draw() + draw() + draw() + draw() - 2) * Math.sqrt(3)
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

const NOT_FAKED = { code: 'not-faked', message: 'not faked' }

/**
 * A fake compute process that returns at once what a mediocre model might predict: mostly the label, rare genres less often, and
 * sometimes the opposite with confidence. The run is the seed, so that two runs differ.
 */
const guessing = (): WorkProcess<'compute'> => {
  let tell: (m: ComputeReply) => void = () => undefined
  let alive = true
  const answer = async (job: TrainJob): Promise<void> => {
    const k = job.genres.length
    const draw = draws(1000 + job.run)
    const support = Array.from(job.genres, (_, j) => job.movies.reduce((sum, __, i) => sum + job.labels[i * k + j]!, 0) / job.movies.length)
    const probabilities = new Float32Array(job.labels.length)
    for (let at = 0; at < job.movies.length && alive; at += CHUNK) {
      const movies = job.movies.slice(at, at + CHUNK)
      const guesses = (noise: number): Float32Array =>
        Float32Array.from({ length: movies.length * k }, (_, c) => {
          const present = job.labels[at * k + c] === 1
          return sigmoid((present ? 1.5 : -2.5) + 2 * support[c % k]! + noise * bell(draw))
        })
      tell({ t: 'progress', done: at, total: job.movies.length, phase: 'guessing' })
      const guessed = guesses(1.3)
      probabilities.set(guessed, at * k)
      tell({ t: 'predictions', movies, probabilities: guessed, evidence: guesses(1.8) })
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (!alive) return
    tell({ t: 'conclusion', conclusion: conclude(job, probabilities) })
    tell({ t: 'done', memoryMb: 300 })
  }
  return {
    // a training stands without the search for suspects after it
    post: (job) => void (job.t === 'train' ? answer(job) : setImmediate(() => tell({ t: 'error', error: NOT_FAKED }))),
    onMessage: (listener) => (tell = listener),
    onExit: () => undefined,
    kill: () => (alive = false),
  }
}

/** Runs jobs in this process; trainings guess. */
const GUESSING = { job: runInProcess, reader: readInProcess, compute: guessing, inference: guessing }
export const guessingCompute: SpawnProcess = (kind) => GUESSING[kind]() as never

/** Waits for the end of a job. @throws Error if its state is not `done` */
async function done(engine: Engine, start: () => Promise<{ job: number }>): Promise<void> {
  const ends = new Map<number, JobEvent>()
  let wake = (): void => undefined
  const off = engine.on('job', (e) => {
    if (e.state !== 'running') ends.set(e.job, e)
    wake()
  })
  const { job } = await start()
  while (!ends.has(job)) await new Promise<void>((resolve) => (wake = resolve))
  off()
  const end = ends.get(job)!
  if (end.state !== 'done') throw new Error(end.message)
}

/** Imports a generated catalogue file into a new project with the engine's own job. */
export async function importCatalogue(engine: Engine, csv: string, project: string): Promise<void> {
  await done(engine, () => engine.call('import.run', { paths: [csv], name: 'Generated', path: project }))
}

/** Creates a project from a catalogue file, with finished runs whose predictions are guesses. */
export async function projectOf(csv: string, path: string, runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-generate-'))
  const engine = await Engine.start({ dataDir: folder, open: null, spawn: guessingCompute })
  try {
    await importCatalogue(engine, csv, path)
    for (let i = 0; i < runs; i++) await done(engine, () => engine.call('train.start', {}))
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** The same for a catalogue of n movies. */
export async function generateProject(path: string, n: number, { seed = 1, runs = 1 } = {}): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-generate-'))
  try {
    const csv = join(folder, 'catalogue.csv')
    await writeCatalogue(csv, n, seed)
    await projectOf(csv, path, runs)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
