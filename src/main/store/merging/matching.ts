/**
 * Matches the movies of a newer source to those of the project. Runs on a connection to the project with the staged source
 * attached as `staged`; leaves the pairs in the temporary table `pair (old, new)`.
 */
import { hash } from 'node:crypto'
import type { MatchBy } from '../../../contract/merging.ts'
import type { Db } from '../database.ts'

/**
 * Fills `pair`. `id`: the catalogue's own ids are equal. `text`: same title and plot, else a title that only one movie has
 * on either side, else a plot that only one has; movies that share their title with others are never guessed.
 * Movies that an earlier import removed may come back.
 */
export function matchMovies(db: Db, by: MatchBy): void {
  db.exec('drop table if exists temp.pair; create temp table pair (old integer primary key, new integer not null unique)')
  if (by === 'id') db.exec('insert into pair select o.id, n.id from main.movie o join staged.movie n on n.key = o.key')
  // movies without an own id are matched by their text, even if later imports brought ids
  const unnamed = "m.key glob 'row-[0-9]*'"
  if (by === 'text') matchByText(db, '1')
  else if (db.prepare(`select 1 from main.movie m where ${unnamed} and id not in (select old from pair) limit 1`).get())
    matchByText(db, unnamed)
}

/** Most certain first; a paired movie is left out of the following ones. */
const TEXT_STEPS: readonly { readonly key: string; readonly unique: boolean }[] = [
  { key: 'title, plot', unique: false },
  { key: 'title', unique: true },
  { key: 'plot', unique: true },
]

/** @param known condition on the project's movies that are matched */
function matchByText(db: Db, known: string): void {
  defineDigest(db)
  for (const [side, schema] of [
    ['was', 'main'],
    ['now', 'staged'],
  ] as const) {
    db.exec(
      `drop table if exists temp.${side}; create temp table ${side} (id integer primary key, title integer, plot integer, known integer)`,
    )
    db.exec(`insert into ${side} select m.id, digest(title), digest(plot), ${side === 'was' ? known : '1'} from ${schema}.movie m`)
  }
  for (const step of TEXT_STEPS) pairUp(db, step)
  // records without title and plot are equal: they are paired in file order
  const mute = (side: string): string =>
    `select id, row_number() over (order by id) as place from ${side} where title is null and plot is null and known and id not in (select ${side === 'was' ? 'old' : 'new'} from pair)`
  db.exec(`insert into pair select o.id, n.id from (${mute('was')}) o join (${mute('now')}) n on n.place = o.place`)
  db.exec('drop table temp.was; drop table temp.now')
}

/** Equal keys are paired in file order; where keys must be unique, only those that occur once on each side, paired already or not. */
function pairUp(db: Db, { key, unique }: (typeof TEXT_STEPS)[number]): void {
  const numbered = (side: string, taken: string): string =>
    `select id, title, plot, times, row_number() over (partition by ${key} order by id) as place
     from (select *, count(*) over (partition by ${key}) as times from ${side}) where known and id not in (select ${taken} from pair)`
  const equal = key.split(', ').map((column) => `n.${column} = o.${column}`)
  db.exec(
    `insert into pair select o.id, n.id from (${numbered('was', 'old')}) o join (${numbered('now', 'new')}) n
       on ${equal.join(' and ')} and n.place = o.place ${unique ? 'and o.times = 1 and n.times = 1' : ''}`,
  )
}

/** Gives SQL the function `digest(text)`. */
export function defineDigest(db: Db): void {
  db.function('digest', { deterministic: true, directOnly: true }, (text) => digest(String(text)))
}

/** The first 8 bytes of a SHA-1 as an integer; null, which equals nothing, for an empty text. */
function digest(text: string): bigint | null {
  return text.trim() === '' ? null : hash('sha1', text.trim(), 'buffer').readBigInt64BE()
}
