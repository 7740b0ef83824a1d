/** The rows of the first layout, moved into the second. Frozen: it speaks of what the first layout was, whatever comes later. */
import type { CleaningReport, CleanRuleSet, CleanStepReport } from '../../../contract/cleaning.ts'
import { CleaningTable, ChunkPacker, type GenreTargets } from '../cleanings.ts'
import { ColumnTable, OF_THE_SOURCE } from '../columns.ts'
import type { Db } from '../database.ts'
import { RunTable } from '../runs.ts'
import { rankTitles } from '../titles.ts'
import { float32Of, uint16Of } from '../views.ts'
import { AFTER, BEFORE } from './002-layout.ts'

/** Rows that are read at once: an open cursor would keep its connection from writing. */
const PAGE = 4096

/** The rules of the first layout in the order in which they ran, and what they did. */
const RULES = ['truncated', 'placeholder', 'missing', 'genre-alias', 'exact-duplicate'] as const
type OldRule = (typeof RULES)[number]
type Switches = Readonly<Record<OldRule, boolean>>
interface OldReport {
  readonly movies: number
  readonly kept: number
  readonly rules: readonly (Pick<CleanStepReport, 'title' | 'description' | 'on' | 'effect' | 'count' | 'examples'> & { rule: OldRule })[]
}
interface OldMovie {
  readonly id: number
  readonly plot: string
  /** 1 where cleaning changed the plot. */
  readonly changed: number
  readonly labels: Uint8Array
  readonly split: number
  readonly out: OldRule | null
  readonly duplicate: number
}

export function toSecondLayout(db: Db): void {
  db.exec(BEFORE)
  moveImport(db)
  const used = moveCleaning(db)
  db.exec('insert into movie_2 select id, key, title, coalesce(source_plot, plot), source_genres, 1, 0 from movie order by id')
  if (used) finishCleaning(db, used)
  movePredictions(db)
  db.exec(AFTER)
  if (!used) return
  rankTitles(db)
  db.exec("insert into movie_text (movie_text) values ('rebuild')")
}

const metaOf = (db: Db, key: string): unknown => {
  const text = db.prepare('select value from meta where key = ?').pluck().get(key) as string | undefined
  return text === undefined ? null : JSON.parse(text)
}

function moveImport(db: Db): void {
  const at = metaOf(db, 'importedAt') as string | null
  const movies = db.prepare('select 1 from movie union all select 1 from source_file limit 1').get()
  if (at === null && !movies) return
  db.prepare("insert into import (id, at, kind, report) values (1, ?, 'first', ?)").run(
    at ?? '',
    JSON.stringify(metaOf(db, 'importReport')),
  )
  const files = db.prepare('select id, genres_column, id_column from source_file').all() as Record<string, string | number | null>[]
  const set = db.prepare('update source_file set mapping = ? where id = ?')
  for (const f of files) set.run(JSON.stringify({ id: f.id_column, title: null, plot: null, genres: f.genres_column, split: null }), f.id)
}

/** The first layout's cleaning as generation 1; answers the genres that kept movies carry, null where there is no movie. */
function moveCleaning(db: Db): Set<number> | null {
  const page = db.prepare<[number], OldMovie>(
    `select id, plot, source_plot is not null as changed, labels, split, out, coalesce(duplicate_of, 0) as duplicate
     from movie where id > ? order by id limit ${PAGE}`,
  )
  const table = new CleaningTable(db)
  const packer = new ChunkPacker()
  const last = db.prepare('select max(id) from movie').pluck().get() as number | null
  if (last === null) return null
  const generation = table.begin(recipeOf(switchesOf(db)))
  const split = new Uint8Array(last + 1)
  const used = new Set<number>()
  for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)!.id))
    for (const { id, plot, changed, labels, split: part, out, duplicate } of rows) {
      const genres = [...uint16Of(labels)]
      if (out === null) for (const g of genres) used.add(g)
      split[id] = part
      const step = out === null ? 0 : RULES.indexOf(out) + 1
      const done = packer.add({ movie: id, out: step, plot: changed ? plot : null, length: plot.length, duplicate, genres })
      if (done) table.addChunk(generation, done)
    }
  table.addChunk(generation, packer.end()!)
  new ColumnTable(db).putWhole(OF_THE_SOURCE, 'split', split)
  return used
}

const switchesOf = (db: Db): Switches =>
  (metaOf(db, 'cleanSwitches') as Switches | null) ?? (Object.fromEntries(RULES.map((r) => [r, true])) as Switches)
const recipeOf = (switches: Switches): CleanRuleSet => RULES.map((rule) => ({ rule, on: switches[rule], params: {} }))

function finishCleaning(db: Db, used: ReadonlySet<number>): void {
  const table = new CleaningTable(db)
  const [generation] = table.others()
  const old = metaOf(db, 'cleanReport') as OldReport | null
  const movies = db.prepare('select count(*) from movie').pluck().get() as number
  const kept = db.prepare('select count(*) from movie where out is null').pluck().get() as number
  const report = reportOfSwitches(old ?? { movies, kept, rules: [] })
  table.finish(generation!, report, targetsOf(db, used))
}

/** A report of switches as one of steps; each rule counted the movies that no earlier one had taken out. */
export function reportOfSwitches({ movies, kept, rules }: OldReport): CleaningReport {
  let rowsIn = movies
  const steps = rules.map((r): CleanStepReport => {
    const rowsOut = rowsIn - (r.on && r.effect === 'removes' ? r.count : 0)
    const step = { ...r, params: {}, counted: true, rowsIn, rowsOut, conflicts: [], groups: 0, conflicting: 0 }
    rowsIn = rowsOut
    return step
  })
  return { movies, kept, steps }
}

/** Where decisions on a genre went in the first layout: to the genre itself where a kept movie has it, else to the one of the same name. */
function targetsOf(db: Db, used: ReadonlySet<number>): GenreTargets {
  const all = db.prepare('select id, name from genre order by id').all() as { id: number; name: string }[]
  const byName = new Map(all.filter((g) => used.has(g.id)).map((g) => [sameName(g.name), g.id]))
  return Object.fromEntries(all.map((g) => [g.id, [used.has(g.id) ? g.id : (byName.get(sameName(g.name)) ?? g.id)]]))
}

/** What the first layout took for other ways to write a genre, lower case. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  'science fiction': ['sci-fi', 'sci fi', 'scifi', 'science-fiction', 'sciencefiction', 'sf'],
  'film-noir': ['film noir', 'filmnoir'],
  sport: ['sports'],
  biography: ['biopic', 'bio-pic', 'biographical'],
  history: ['historical'],
  animation: ['animated'],
  documentary: ['documentaries'],
  comedy: ['comedies'],
  romance: ['romantic'],
  thriller: ['thrillers'],
  western: ['westerns'],
  musical: ['musicals'],
  'tv movie': ['tv-movie', 'tvmovie', 'television movie'],
  'reality-tv': ['reality tv', 'reality television'],
  'talk-show': ['talk show', 'talkshow'],
  'game-show': ['game show', 'gameshow'],
}
const CANONICAL = new Map(Object.entries(ALIASES).flatMap(([name, others]) => others.map((other) => [other, name] as const)))
function sameName(name: string): string {
  const folded = name.trim().normalize('NFC').toLowerCase().replace(/\s+/g, ' ')
  return CANONICAL.get(folded) ?? folded
}

function movePredictions(db: Db): void {
  const table = new RunTable(db)
  const page = db.prepare<[number, number], { movie: number; probabilities: Uint8Array; evidence: Uint8Array }>(
    `select movie, probabilities, evidence from prediction_1 where run = ? and movie > ? order by movie limit ${PAGE}`,
  )
  const join = (blobs: readonly Uint8Array[]): Float32Array => float32Of(Buffer.concat(blobs))
  for (const run of db.prepare('select distinct run from prediction_1 order by run').pluck().all() as number[])
    for (let rows = page.all(run, 0); rows.length > 0; rows = page.all(run, rows.at(-1)!.movie))
      table.addPredictions(
        run,
        Int32Array.from(rows, (r) => r.movie),
        join(rows.map((r) => r.probabilities)),
        join(rows.map((r) => r.evidence)),
      )
}
