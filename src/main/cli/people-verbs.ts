import { InvalidArgumentError, type Command } from 'commander'
import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { Result } from '../../contract/api.ts'
import { UserError } from '../../contract/errors.ts'
import {
  CONFLICT_RULES,
  SIDES,
  type Agreement,
  type AssignmentProgress,
  type Claim,
  type ConflictRule,
  type DecisionConflict,
  type DecisionsPlan,
  type Side,
} from '../../contract/people.ts'
import { count, many, moment, percent } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { decimal, list, textOf, where, wholeNumber } from './arguments.ts'
import { printResult } from './output.ts'
import { table } from './print.ts'
import { byOf, decidingVerb, finish, movieOf, onProject, person, projectVerb, verb, withEngine } from './with-engine.ts'

/** How `--conflicts` decides: by a rule, or by a file with a choice for each conflict. */
type Conflicts = { readonly rule: ConflictRule } | { readonly file: string }
const ASK = 'ask-file'
/** Reads `newest`, then `ask-file` and its file: commander calls it for each word. @throws InvalidArgumentError */
function conflicts(word: string, before: Conflicts | undefined): Conflicts {
  if (before && 'file' in before && before.file === '') return { file: word }
  if (word === ASK && !before) return { file: '' }
  const rule = CONFLICT_RULES.find((each) => each === word)
  if (!rule || before) throw new InvalidArgumentError(`write ${CONFLICT_RULES.join(', ')} or ${ASK} FILE, after the projects`)
  return { rule }
}

interface MergeOptions {
  readonly into?: string
  readonly dryRun?: boolean
  readonly conflicts?: Conflicts
  readonly json?: boolean
}

/** The path without links; a path at which nothing is stays as it is, and is refused when it is opened. */
const realPath = (path: string): string => (existsSync(path) ? realpathSync(path) : resolve(path))

/** `merge` and `agreement`: the decisions of several people on copies of one project. */
export function peopleVerbs(program: Command): void {
  projectVerb(program, 'agreement', 'show how far people agree who decided on the same movies').action(
    onProject(async (engine: Engine, o: { json?: boolean }) => {
      const found = await engine.call('people.agreement', {})
      printResult(o, found, () => agreementText(found))
    }),
  )
  decidingVerb(program, 'assign', 'share out the movies of a filter to people, or show how far they are')
    .option('--to <names>', 'people, separated by commas', list)
    .addOption(where())
    .option('--overlap <share>', 'share of the movies that several people decide, 0 to 1', decimal, 0.1)
    .option('--each <n>', 'how many people decide such a movie', wholeNumber, 2)
    .option('--open', 'people see what others decided (default: only when all of them have decided)')
    .option('--seed <n>', 'the same seed shares out in the same way', wholeNumber, 1)
    .option('--clear', 'take back all assignments; decisions stay')
    .action(onProject(assign))
  decidingVerb(program, 'disputes', 'list labels that people decided differently, or settle one of them')
    .addOption(where())
    .option('--limit <n>', 'movies that are listed', wholeNumber, 20)
    .option('--settle <id>', 'settle the dispute about this movie and --genre')
    .option('--genre <name>', 'the genre that is settled')
    .option('--yes', 'the movie has the genre')
    .option('--no', 'the movie has it not')
    .option('--why <reason>', 'the reason of the decision', '')
    .action(onProject(disputes))
  verb(program, 'merge', 'add the decisions that were made in another copy of a project; a backup is made first')
    .argument('<project>', 'the project that receives the decisions')
    .argument('<other>', 'another copy of it, which is not changed')
    .option('--into <project>', 'which of the two receives the decisions (default: the first)')
    .option('--dry-run', 'show what would be added, and the conflicts, without changing anything')
    .option('--conflicts <how...>', `who decides what both changed differently: ${CONFLICT_RULES.join(', ')}, or ${ASK} FILE`, conflicts)
    .option('--by <name>', 'who decides the conflicts', person)
    .action((project: string, other: string, o: MergeOptions, command: Command) => {
      const into = o.into ?? project
      const target = realPath(into)
      const from = [project, other].find((path) => realPath(path) !== target)
      if (![project, other].some((path) => realPath(path) === target) || from === undefined)
        throw new UserError('bad-arguments', `--into: choose one of the two projects, ${project} or ${other}.`)
      return withEngine(into, (engine) => merge(engine, from, o), byOf([o, command]))
    })
}

interface AssignOptions {
  readonly to?: string[]
  readonly where: string
  readonly overlap: number
  readonly each: number
  readonly open?: boolean
  readonly seed: number
  readonly clear?: boolean
  readonly json?: boolean
}
async function assign(engine: Engine, o: AssignOptions): Promise<void> {
  if (o.clear) {
    await engine.call('people.unassign', {})
    return void printResult(o, [], () => 'No movie is assigned any more.')
  }
  if (!o.to) {
    const people = await engine.call('people.assigned', {})
    return void printResult(o, people, () => progressText(people))
  }
  const { where, overlap, each, seed } = o
  const done = await engine.call('people.assign', { where, people: o.to, overlap, each, seed, blind: o.open !== true })
  printResult(o, done, () =>
    [
      `${many(done.movies, 'movie')} shared out, ${count(done.shared)} of them to ${each} people each${done.left > 0 ? `; ${count(done.left)} were assigned already` : ''}`,
      progressText(done.people),
    ].join('\n'),
  )
}
const progressText = (people: readonly AssignmentProgress[]): string =>
  people.length === 0
    ? 'No movie is assigned.'
    : table(
        ['who', 'movies', 'decided', 'with others'],
        people.map((p) => [p.who, count(p.movies), count(p.decided), count(p.shared)]),
      )

interface DisputeOptions {
  readonly where: string
  readonly limit: number
  readonly settle?: string
  readonly genre?: string
  readonly yes?: boolean
  /** False: `--no`. */
  readonly no?: boolean
  readonly why: string
  readonly json?: boolean
}
async function disputes(engine: Engine, o: DisputeOptions): Promise<void> {
  if (o.settle === undefined) {
    const found = await engine.call('people.disputes', { where: o.where, limit: o.limit })
    return void printResult(o, found, () => disputesText(found))
  }
  if (o.genre === undefined || (o.yes === true) === (o.no === true))
    throw new UserError('bad-arguments', '--settle: add --genre NAME, and either --yes or --no.')
  const movie = await movieOf(engine, o.settle)
  const genre = await engine.call('review.genre', { name: o.genre })
  const done = await engine.call('labels.adjudicate', { movie, genre: genre.id, has: o.yes === true, reason: o.why })
  printResult(o, { batch: done.batch, description: done.description }, () => `Settled: ${done.description}`)
}
function disputesText({ total, movies }: Result<'people.disputes'>): string {
  if (total === 0) return 'No dispute is open.'
  const rows = movies.flatMap(({ key, title, disputes }) =>
    disputes.flatMap(({ name, opinions, consensus }) =>
      opinions.map((o, i) => [
        ...(i === 0 ? [key, title, name, consensus === null ? '' : percent(consensus)] : ['', '', '', '']),
        o.between ? `settled by ${o.who}` : o.who,
        o.has ? 'yes' : 'no',
        [o.reason, o.note].filter((text) => text !== '').join(' | '),
      ]),
    ),
  )
  return `${table(['id', 'title', 'genre', 'consensus', 'who', 'has it', 'reason'], rows)}\n${many(total, 'movie')} with a dispute`
}

const share = (x: number | null): string => (x === null ? 'not defined' : x.toFixed(3))
function agreementText(a: Agreement): string {
  if (a.pairs.length === 0) return 'No two people decided the same cell.'
  const pairs = a.pairs.map(({ people, movies, genres }) => {
    const rows = genres.map((g) => [g.genre, count(g.n), count(g.differ), share(g.agreement), share(g.kappa), g.low === null || g.high === null ? '' : `${share(g.low)} to ${share(g.high)}`]) // prettier-ignore
    return `${people.join(' and ')}, ${many(movies, 'movie')}\n${table(['genre', 'both', 'differ', 'agree', 'kappa', '95%'], rows)}`
  })
  const fleiss = a.fleiss.genres.map((g) => [g.genre, share(g.value)])
  return [
    ...pairs,
    `Krippendorff's alpha (MASI) of whole movies: ${share(a.alpha.value)}, ${many(a.alpha.movies, 'movie')}`,
    ...(a.people.length > 2
      ? [`Fleiss' kappa, ${many(a.fleiss.movies, 'movie')} decided by everybody\n${table(['genre', 'kappa'], fleiss)}`]
      : []),
    `${many(a.disputed, 'movie')} with a cell in which two people differ`,
  ].join('\n\n')
}

async function merge(engine: Engine, other: string, o: MergeOptions): Promise<void> {
  await finish(engine, () => engine.call('people.compare', { path: resolve(other) }), o)
  const plan = await engine.call('people.plan', {})
  if (!plan) throw new UserError('no-comparison', 'A decision was made meanwhile: merge again.')
  if (o.dryRun) return void printResult(o, plan, () => planText(plan))
  const how = o.conflicts
  if (!how && plan.conflicts.length > 0)
    throw new UserError('undecided', `${conflictsText(plan)}\nNothing was changed: say who decides with --conflicts ${CONFLICT_RULES.join('|')}, or with --conflicts ${ASK} FILE one by one.`) // prettier-ignore
  const choices = how && 'file' in how ? choicesIn(how.file, plan) : []
  const rule = how && 'rule' in how ? how.rule : null
  const end = await finish(engine, () => engine.call('people.merge', { token: plan.token, rule, choices }), o)
  printResult(o, { ...plan, message: end.message }, () => `${planText(plan)}\n${end.message}`)
}

const MARK: Readonly<Record<string, string>> = { '0': 'no', '1': 'yes' }
/** `yes, keep`: the label and the verdict of a cell; or the value of a mark. */
const claimText = ({ values: { label, verdict, ...mark } }: Pick<Claim, 'values'>): string =>
  [...Object.values({ label, ...mark }).map((v) => MARK[v ?? ''] ?? ''), verdict ?? ''].filter((v) => v !== '').join(', ')
const saidText = (claim: Claim): string => `${claimText(claim)} (${claim.who}, ${moment(claim.at)})`
const placeText = ({ place }: DecisionConflict): string => place.genre ?? place.fields.join()

const conflictsText = ({ conflicts }: DecisionsPlan): string => {
  const rows = conflicts.map((c) => [c.place.key, c.title, placeText(c), saidText(c.mine), saidText(c.theirs), c.newest])
  return `${many(conflicts.length, 'conflict')}:\n${table(['id', 'title', 'what', 'this project', 'the other', 'newest'], rows)}`
}

function planText(p: DecisionsPlan): string {
  const rows = p.people.map(({ who, batches, changes }) => [who, count(batches), count(changes)])
  return [
    `${many(p.common, 'decision')} in both, ${count(p.own)} only in this project, ${count(p.added)} only in ${p.name}, on ${many(p.movies, 'movie')}`,
    ...(rows.length > 0 ? [table(['who', 'decisions', 'changes'], rows)] : []),
    ...(p.notes > 0 ? [`${many(p.notes, 'note')} differ: both are kept`] : []),
    ...(p.conflicts.length > 0 ? [conflictsText(p)] : []),
    ...p.warnings,
  ].join('\n')
}

const CHOICES = z.array(z.looseObject({ id: z.string(), genre: z.string().nullable(), what: z.string(), choose: z.enum(SIDES).nullable() }))
/**
 * The choices in a file; if it does not exist, it is written with the conflicts, for the analyst to fill in.
 * @throws UserError `undecided`, `bad-choices`
 */
function choicesIn(file: string, plan: DecisionsPlan): { conflict: number; side: Side }[] {
  if (file === '') throw new UserError('bad-arguments', `--conflicts: name a file after ${ASK}.`)
  const path = resolve(file)
  const what = (c: DecisionConflict): string => c.place.fields.join(' and ')
  if (!existsSync(path)) {
    const list = plan.conflicts.map((c) => {
      const said = { mine: saidText(c.mine), theirs: saidText(c.theirs), newest: c.newest }
      return { id: c.place.key, title: c.title, genre: c.place.genre, what: what(c), ...said, choose: null }
    })
    writeFileSync(path, `${JSON.stringify(list, null, 1)}\n`)
    throw new UserError('undecided', `${many(list.length, 'conflict')} written to ${file}: set "choose" of each to "mine" or "theirs", then repeat. Nothing was changed.`) // prettier-ignore
  }
  let content: unknown
  try {
    content = JSON.parse(textOf(path))
  } catch {
    content = null
  }
  const { success, data } = CHOICES.safeParse(content)
  if (!success)
    throw new UserError(
      'bad-choices',
      `${file} is not a list of conflicts: remove it and repeat the merge, which writes the list again. Nothing was changed.`,
    )
  return plan.conflicts.flatMap((c, conflict) => {
    const entry = data.find((e) => e.id === c.place.key && e.genre === c.place.genre && e.what === what(c))
    return entry?.choose ? [{ conflict, side: entry.choose }] : []
  })
}
