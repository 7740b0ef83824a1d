/** Reads the change logs of a project and of another copy of it, which may come from a stranger. */
import { basename } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { CHANGE_FIELDS, MARKS, type Batch } from '../../../contract/records.ts'
import { count } from '../../../contract/words.ts'
import type { ComparedDecisions, SharedBatch, SharedChange } from '../../../contract/people.ts'
import { openDatabase, type Db } from '../database.ts'
import { isSameFile } from '../bare-file.ts'
import { damaged } from '../schema.ts'
import { storedJson, TEXTS } from '../values.ts'
import { identified, unite } from './decisions.ts'

/** Values of a change by its field; longer notes than the window writes come from joined notes. */
const FLAG = z.enum(['0', '1'])
const VALUES = {
  label: FLAG,
  verdict: z.enum(['', 'keep', 'impossible']),
  note: z.string().max(1_000_000),
  ...(Object.fromEntries(MARKS.map((mark) => [mark, FLAG])) as Record<(typeof MARKS)[number], typeof FLAG>),
}
const CHANGES = z.discriminatedUnion(
  'field',
  CHANGE_FIELDS.map((field) =>
    z.object({
      field: z.literal(field),
      key: z.string(),
      genre: field === 'label' || field === 'verdict' ? z.string().min(1).max(1000) : z.null(),
      was: VALUES[field],
      becomes: VALUES[field],
    }),
  ) as never,
) as z.ZodType<SharedChange>
const text = z.string().max(2000)
const BATCH = z.object({ at: z.iso.datetime({ precision: 3 }), who: text.min(1), why: text, description: text })

/** @throws UserError `project-damaged` for values that Reelabel never writes */
function logOf(db: Db, file: string): SharedBatch[] {
  const batches = db.prepare('select * from batch order by id').all() as Batch[]
  const changes = new Map<number, SharedChange[]>(batches.map(({ id }) => [id, []]))
  const rows = db.prepare(
    `select c.batch, m.key, g.name as genre, c.field, c.was, c.becomes
     from change c join movie m on m.id = c.movie left join genre g on g.id = c.genre order by c.id`,
  )
  for (const row of rows.iterate() as IterableIterator<SharedChange & { batch: number }>) {
    const { success, data } = CHANGES.safeParse(row)
    if (!success) throw damaged(file, `decision ${row.batch} of its change log holds what Reelabel never writes`)
    changes.get(row.batch)?.push(data)
  }
  for (const batch of batches)
    if (!BATCH.safeParse(batch).success) throw damaged(file, `decision ${batch.id} of its change log holds what Reelabel never writes`)
  return identified(batches.map((b) => ({ ...b, changes: changes.get(b.id) ?? [] })))
}

/**
 * Compares the change logs of two projects; nothing is written.
 * @throws UserError `same-project`, `another-catalogue`, and what opening the other file throws: `not-a-project`, `project-newer`, ...
 */
export function compareDecisions(project: string, other: string): ComparedDecisions {
  if (isSameFile(project, other)) throw new UserError('same-project', `${other} is the open project itself: choose another copy of it.`)
  // the other file is checked before it is attached
  const their = openDatabase(other, 'read')
  const db = openDatabase(project, 'read')
  try {
    db.prepare('attach database ? as other').run(other)
    assertSameCatalogue(db, other)
    const genres = db.prepare<[string], string>('select source_genres from movie where key = ?').pluck()
    const labelled = (key: string, genre: string): boolean => storedJson(genres.get(key), TEXTS, 'movie.source_genres').includes(genre)
    const union = unite(logOf(db, project), logOf(their, other), labelled)
    const movie = db.prepare<[string], ComparedDecisions['movies'][number]>('select key, id, title from movie where key = ?')
    const runs = new Set(db.prepare(SAME_RUNS).pluck().all() as number[])
    const keys = new Set([
      ...[...union.added.flatMap((b) => b.changes), ...union.settled].map((c) => c.key),
      ...union.conflicts.map((c) => c.place.key),
    ])
    return {
      ...union,
      lastBatch: db.prepare('select coalesce(max(id), 0) from batch').pluck().get() as number,
      movies: [...keys].flatMap((key) => movie.get(key) ?? []),
      added: union.added.map((b) => ({ ...b, run: b.run !== null && runs.has(b.run) ? b.run : null })),
      warnings: cleaningsDiffer(db)
        ? [
            'The two projects are cleaned by different rules. The rules of this project stay; a decision on a movie or genre that they remove has no effect.',
          ]
        : [],
    }
  } finally {
    db.close()
    their.close()
  }
}

/** Trainings of both: those after the projects were copied may have the same numbers. */
const SAME_RUNS = 'select a.id from main.run a join other.run b on b.id = a.id and b.created_at = a.created_at'

function cleaningsDiffer(db: Db): boolean {
  const rules = (schema: string): unknown =>
    db.prepare(`select rule_set from ${schema}.cleaning where id = (select value from ${schema}.meta where key = 'cleaning')`).pluck().get()
  return rules('main') !== rules('other')
}

/** Examples of what differs. */
const EXAMPLES = 3
const EXCERPT = 60

/** @throws UserError `another-catalogue` unless both hold the same movies with the same texts and genres */
function assertSameCatalogue(db: Db, other: string): void {
  const kinds = [
    ['only in this project', 'from main.movie m where not exists (select 1 from other.movie o where o.key = m.key)'],
    ['only in the other', 'from other.movie m where not exists (select 1 from main.movie o where o.key = m.key)'],
    [
      'with another title, plot or genres',
      `from main.movie m join other.movie o on o.key = m.key
       where o.title <> m.title or o.plot <> m.plot or o.source_genres <> m.source_genres or o.gone <> m.gone`,
    ],
  ] as const
  const found = kinds.flatMap(([kind, from]) => {
    const n = db.prepare(`select count(*) ${from}`).pluck().get() as number
    if (n === 0) return []
    const rows = db.prepare(`select m.key, m.title ${from} order by m.id limit ${EXAMPLES}`).all() as { key: string; title: string }[]
    return [
      `${count(n)} ${kind} (${rows.map(({ key, title }) => `${key} “${title.slice(0, EXCERPT)}”`).join(', ')}${n > EXAMPLES ? ', …' : ''})`,
    ]
  })
  if (found.length === 0) return
  const files = (schema: string): unknown =>
    db
      .prepare(`select group_concat(sha256) from (select sha256 from ${schema}.source_file where current = 1 order by sha256)`)
      .pluck()
      .get()
  const origin =
    files('main') === files('other') ? 'although both were imported from the same files' : 'and they were imported from different files'
  throw new UserError(
    'another-catalogue',
    `${basename(other)} holds another catalogue. Movies: ${found.join('; ')}, ${origin}. Decisions can be merged between copies of one project: update the older copy from the newer files first, or merge the copy that was made of this project.`,
  )
}
