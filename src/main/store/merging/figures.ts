/** The effect of joining a staged import to a project, in numbers and examples. */
import type { MatchBy, MergeExample, MergePlan } from '../../../contract/merging.ts'
import { openDatabase, type Db } from '../database.ts'
import { storedJson, TEXTS } from '../values.ts'
import { attachStaged, CHANGED, chooseMatch, compareSources, REMOVED } from './compare.ts'

/** Examples of each kind. */
const EXAMPLES = 50
const EXCERPT = 300

export type MergeFigures = Omit<MergePlan, 'token' | 'files' | 'loss' | 'warnings'>

/**
 * Computes the effect of joining the staged import to the project; nothing is written.
 * @throws UserError if either cannot be opened
 */
export function readMergeFigures(project: string, staged: string): MergeFigures {
  const db = openDatabase(project, 'read')
  try {
    attachStaged(db, staged)
    const { by, reason } = chooseMatch(db)
    compareSources(db, by)
    return mergeFigures(db, by, reason)
  } finally {
    db.close()
  }
}

/** The effect of the merge; {@link compareSources} must have run. */
function mergeFigures(db: Db, by: MatchBy, reason: string): MergeFigures {
  const count = (sql: string): number => db.prepare(sql).pluck().get() as number
  const changed = count(`select count(*) from delta where ${CHANGED}`)
  const added =
    count('select count(*) from staged.movie where id not in (select new from pair)') + count('select count(*) from delta where back = 1')
  collectCorrections(db)
  const on = (where: string): number => count(`select coalesce(sum(cells), 0) from corrected where movie in (${where})`)
  const onRemoved = on(`select id from main.movie where ${REMOVED}`)
  const onChanged = on(`select old from delta where ${CHANGED}`)
  return {
    by,
    reason,
    same: count('select count(*) from delta where back = 0') - changed,
    added,
    changed,
    removed: count(`select count(*) from main.movie where ${REMOVED}`),
    corrections: { kept: count('select coalesce(sum(cells), 0) from corrected') - onRemoved, onChanged, onRemoved, agreed: agreed(db) },
    examples: { added: addedExamples(db), changed: changedExamples(db), removed: removedExamples(db) },
  }
}

/** Cells whose last decision differs from what the source said before the first: `corrected (movie, cells)`. */
function collectCorrections(db: Db): void {
  db.exec(`
    drop table if exists temp.decided;
    create temp table decided as
      select movie, genre, field,
        (select was from main.change c where c.id = first) as was, (select becomes from main.change c where c.id = last) as becomes
      from (select movie, genre, field, min(id) as first, max(id) as last from main.change
            where field in ('label', 'verdict') group by movie, genre, field);
    delete from temp.decided where was = becomes;
    drop table if exists temp.corrected;
    create temp table corrected as select movie, count(distinct genre) as cells from decided group by movie;
  `)
}

/** Corrected labels on which the new source agrees with the analyst. */
function agreed(db: Db): number {
  return db
    .prepare(
      `select count(*) from decided d join pair on pair.old = d.movie join staged.movie n on n.id = pair.new join main.genre g on g.id = d.genre
       where d.field = 'label' and (d.becomes = '1') = exists (select 1 from json_each(n.source_genres) e where e.value = g.name)`,
    )
    .pluck()
    .get() as number
}

type Fields = MergeExample['fields']
const genreText = (json: string): string => storedJson(json, TEXTS, 'movie.source_genres').join(', ')
const excerpt = (text: string): string => (text.length <= EXCERPT ? text : text.slice(0, EXCERPT) + '…')

function addedExamples(db: Db): MergeExample[] {
  return db
    .prepare(
      `select key, title, 0 as corrections from staged.movie
       where id not in (select new from pair) or id in (select new from delta where back = 1) order by id limit ${EXAMPLES}`,
    )
    .all()
    .map((r) => ({ ...(r as Omit<MergeExample, 'fields'>), fields: [] }))
}

function removedExamples(db: Db): MergeExample[] {
  return db
    .prepare(
      `select key, title, coalesce((select cells from corrected where movie = m.id), 0) as corrections from main.movie m
       where ${REMOVED} order by corrections desc, id limit ${EXAMPLES}`,
    )
    .all()
    .map((r) => ({ ...(r as Omit<MergeExample, 'fields'>), fields: [] }))
}

interface ChangedRow {
  readonly key: string
  readonly title: string
  readonly plot: string
  readonly source_genres: string
  readonly newTitle: string
  readonly newPlot: string
  readonly newGenres: string
  readonly columns: number
  readonly corrections: number
}

/** Examples of changed movies, those with corrections first. */
function changedExamples(db: Db): MergeExample[] {
  const rows = db
    .prepare(
      `select o.key, o.title, o.plot, o.source_genres, n.title as newTitle, n.plot as newPlot, n.source_genres as newGenres, delta.columns,
         coalesce((select cells from corrected where movie = o.id), 0) as corrections
       from delta join main.movie o on o.id = delta.old join staged.movie n on n.id = delta.new
       where ${CHANGED} order by corrections desc, o.id limit ${EXAMPLES}`,
    )
    .all() as ChangedRow[]
  return rows.map((r) => ({ key: r.key, title: r.newTitle, corrections: r.corrections, fields: fieldsOf(r) }))
}

function fieldsOf(r: ChangedRow): Fields {
  const all: Fields = [
    { field: 'title', was: r.title, becomes: r.newTitle },
    { field: 'plot', was: excerpt(r.plot), becomes: excerpt(r.newPlot) },
    { field: 'genres', was: genreText(r.source_genres), becomes: genreText(r.newGenres) },
  ]
  const text = all.filter((f) => f.was !== f.becomes)
  return text.length > 0 || r.columns === 0 ? text : [{ field: 'columns', was: '', becomes: 'other columns differ' }]
}
