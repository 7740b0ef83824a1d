/** Decisions of several people: those of another copy of the project are compared and shown first, then added. */
import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import {
  MERGED_BY_PERSON,
  MERGED_BY_RULE,
  type Assignment,
  type AssignmentProgress,
  type ComparedDecisions,
  type DecisionsPlan,
  type PEOPLE_METHODS,
  type SharedChange,
  type Side,
} from '../../contract/people.ts'
import { required } from '../../contract/required.ts'
import { many } from '../../contract/words.ts'
import { shuffled } from '../analysis/random.ts'
import { agreementOf } from '../catalogue/agreement.ts'
import { workResult } from '../processes/work-process.ts'
import { timeAfter, type LogChange, type NewBatch } from '../store/changes.ts'
import { changesTo } from '../store/merging/decisions.ts'
import { projectName, type Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'

interface Compared extends ComparedDecisions {
  readonly token: string
  /** Path of the project that was compared, and name of the other one. */
  readonly project: string
  readonly name: string
}

export function peopleHandlers(c: Context): Handlers<typeof PEOPLE_METHODS> {
  let compared: Compared | null = null
  /** The comparison, unless another project is open or decisions were made since. */
  const current = (): Compared | null => {
    const { store } = c.workspace()
    if (compared && (compared.project !== store.path || compared.lastBatch !== store.changes.lastBatch())) compared = null
    return compared
  }
  return {
    'people.compare': ({ path }) => {
      const project = c.workspace().store.path
      const other = resolve(path)
      return c.jobs.start('compare-decisions', null, async (control) => {
        const request = { t: 'compare-decisions', project, other } as const
        const result = await workResult(() => c.spawn('job'), request, control, 'comparison', 'decisions-compared')
        compared = { ...result.compared, token: crypto.randomUUID(), project, name: projectName(other) }
        const { added, conflicts } = compared
        return `${projectName(other)} has ${many(added.length, 'decision')} that this project lacks, ${many(conflicts.length, 'conflict')}.`
      })
    },
    'people.agreement': () => {
      const { catalogue, index } = c.workspace()
      return agreementOf(index.disputes.decisions, catalogue, index.disputes.rows().length)
    },
    'people.disputes': async ({ where, limit }) => {
      const w = c.workspace()
      const { catalogue, index, store } = w
      const matching = await index.matching(where)
      const rows = index.disputes
        .rows()
        .filter((row) => matching.has(row))
        .sort((a, b) => a - b)
      const movies = rows.slice(0, limit).map((row) => {
        const movie = required(catalogue.ids[row], 'the movie of a row')
        return { movie, ...store.movies.head(movie), disputes: index.disputes.of(row) }
      })
      return { total: rows.length, movies }
    },
    'people.assign': async (args) => {
      const w = c.workspace()
      const matching = await w.index.matching(args.where)
      const taken = new Set(w.index.disputes.assignments.rows(null))
      const rows = [...w.catalogue.ids.keys()].filter((row) => matching.has(row))
      const free = rows.filter((row) => !taken.has(row))
      const people = [...new Set(args.people)]
      if (free.length === 0)
        throw new UserError('nothing-to-assign', rows.length === 0 ? 'No movie matches the filter.' : `All ${many(rows.length, 'movie')} of the filter are assigned already.`) // prettier-ignore
      if (args.overlap > 0 && people.length < args.each)
        throw new UserError('too-few-people', `${many(args.each, 'person', 'people')} cannot decide the same movie: name more people, or set the overlap to 0.`) // prettier-ignore
      const ids = shuffled(
        Int32Array.from(free, (row) => required(w.catalogue.ids[row], 'the movie of a row')),
        args.seed,
      )
      const shared = Math.round(args.overlap * ids.length)
      const shares = sharesOf(ids, people, shared, args.each)
      const { where, blind } = args
      setAssignments(w, [...(w.store.meta.get('assignments') ?? []), { at: new Date().toISOString(), by: c.who(), where, blind, shares }])
      c.emit('changed', { what: 'catalogue' })
      return { movies: ids.length, shared, left: rows.length - ids.length, people: progressOf(w) }
    },
    'people.assigned': () => progressOf(c.workspace()),
    'people.unassign': () => {
      setAssignments(c.workspace(), [])
      c.emit('changed', { what: 'catalogue' })
      return null
    },
    'people.plan': () => {
      const found = current()
      return found && planOf(found)
    },
    'people.merge': ({ token, rule, choices }) => {
      const found = current()
      if (found?.token !== token)
        throw new UserError(
          'no-comparison',
          'Decisions were made since the projects were compared: compare them again. Nothing was changed.',
        )
      const chosen = new Map(choices.map(({ conflict, side }) => [conflict, side]))
      const open = found.conflicts.filter((_, i) => rule === null && !chosen.has(i)).length
      if (open > 0)
        throw new UserError('undecided', `${many(found.conflicts.length, 'conflict')}, ${open} without a choice: choose a side for each, or a rule. Nothing was changed.`) // prettier-ignore
      const w = c.workspace()
      return c.jobs.start('merge-decisions', null, async (control) => {
        if (found.added.length === 0) return `Every decision of ${found.name} is in this project already.`
        await c.backups.before(w.store.path, 'before-merge', control)
        control.signal.throwIfAborted()
        const changes = reconciled(found, (i) => chosen.get(i) ?? (rule === 'newest' ? null : rule))
        w.store.transaction(() => appendUnion(w, found, c.who(), changes))
        compared = null
        await w.reloadInTurns()
        c.emit('changed', { what: 'catalogue' })
        const { length } = found.conflicts
        return `${many(found.added.length, 'decision')} of ${found.name} added${length > 0 ? `, ${many(length, 'conflict')} decided` : ''}${found.notes > 0 ? `, ${many(found.notes, 'note')} joined` : ''}.`
      })
    },
  }
}

const progressOf = (w: Workspace): AssignmentProgress[] => w.index.disputes.assignments.progress(w.index.disputes.decisions.people)
function setAssignments({ store, index }: Workspace, assignments: readonly Assignment[]): void {
  store.transaction(() => store.meta.set('assignments', assignments))
  index.forgetFilters()
}
/** Gives each movie to the people who have the fewest so far: the first `shared` movies to `each` of them, the others to one. */
function sharesOf(ids: Int32Array, people: readonly string[], shared: number, each: number): Assignment['shares'] {
  const shares = people.map((who) => ({ who, movies: [] as number[] }))
  ids.forEach((movie, i) => {
    const fewest = shares.toSorted((a, b) => a.movies.length - b.movies.length).slice(0, i < shared ? each : 1)
    for (const { movies } of fewest) movies.push(movie)
  })
  return shares
}

function planOf(found: Compared): DecisionsPlan {
  const movies = new Map(found.movies.map((m) => [m.key, m]))
  const people = Map.groupBy(found.added, (b) => b.who)
  return {
    token: found.token,
    name: found.name,
    common: found.common,
    own: found.own,
    added: found.added.length,
    people: [...people].map(([who, batches]) => ({
      who,
      batches: batches.length,
      changes: batches.reduce((sum, b) => sum + b.changes.length, 0),
    })),
    movies: new Set(found.added.flatMap((b) => b.changes.map((x) => x.key))).size,
    notes: found.notes,
    conflicts: found.conflicts.map(({ place, mine, theirs, newest }) => {
      const { id = 0, title = '' } = movies.get(place.key) ?? {}
      return { place, mine, theirs, newest, movie: id, title }
    }),
    warnings: found.warnings,
  }
}

interface Reconciled {
  /** By the rule: the newest decisions, joined notes. */
  readonly rule: readonly SharedChange[]
  /** Conflicts that a person decided, also those in which the value stays: they are that person's decisions. */
  readonly person: readonly SharedChange[]
}
/** @param sideOf the side that a person chose for a conflict; null: the newest decision */
function reconciled({ conflicts, settled }: Compared, sideOf: (conflict: number) => Side | null): Reconciled {
  const person: SharedChange[] = []
  const rule = [...settled]
  for (const [i, conflict] of conflicts.entries()) {
    const side = sideOf(i)
    const changes = changesTo(conflict.place, conflict.appended, conflict[side ?? conflict.newest].values, side !== null)
    ;(side === null ? rule : person).push(...changes)
  }
  return { rule, person }
}

/** Appends the batches of the other copy, and then what the conflicts become; inside a transaction. */
function appendUnion({ store }: Workspace, found: Compared, who: string, { rule, person }: Reconciled): void {
  const ids = new Map(found.movies.map(({ key, id }) => [key, id]))
  let last = found.lastBatch
  let at = store.changes.batches().at(-1)?.at ?? null
  const append = (batch: NewBatch, changes: readonly SharedChange[]): void => {
    const named = changes.map(({ key, genre, field, was, becomes }): LogChange => {
      return { movie: ids.get(key) ?? 0, genre: genre === null ? null : store.movies.genreId(genre), field, was, becomes }
    })
    last = store.changes.append(batch, named, last)
    at = at === null || batch.at > at ? batch.at : at
  }
  for (const batch of found.added) append(batch, batch.changes)
  const reason = { who, run: null, undoes: null }
  if (rule.length > 0)
    append({ ...reason, at: timeAfter(at), why: MERGED_BY_RULE, description: `Merge of ${found.name}: by the newest decisions` }, rule)
  if (person.length > 0)
    append({ ...reason, at: timeAfter(at), why: MERGED_BY_PERSON, description: `Merge of ${found.name}: conflicts decided` }, person)
}
