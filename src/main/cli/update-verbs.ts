import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { UserError, messageOf } from '../../contract/errors.ts'
import type { RecordCheck, RejectedRecord } from '../../contract/importing.ts'
import type { MergeExample, MergePlan } from '../../contract/merging.ts'
import { count } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { printResult, EXIT } from './output.ts'
import { oneOf, wholeNumber } from './arguments.ts'
import { FILES, sourceOf, withSourceOptions, YES, type SourceOptions } from './import-verb.ts'
import { table } from './print.ts'
import { finish, onProject, projectVerb } from './with-engine.ts'

interface UpdateOptions extends SourceOptions {
  readonly removed: 'keep' | 'remove'
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/** `update`, `rejected` and `import-log`: apply newer files, and show what an import rejected or repaired. */
export function updateVerbs(program: Command): void {
  const update = projectVerb(
    program,
    'update',
    'update a project from newer files: new, changed and missing movies; corrections stay',
  ).argument('<file...>', FILES)
  withSourceOptions(update)
    .addOption(oneOf('--removed <what>', 'what happens to movies that the files lack', ['keep', 'remove'], 'keep'))
    .option('--dry-run', 'show what would change without changing it')
    .option('--yes', YES)
    .action(onProject(updateVerb))
  projectVerb(program, 'rejected', 'list rejected records, or add edited ones')
    .option('--retry <file>', 'JSON file of edited records: [{"record": 12, "raw": "…"}]')
    .option('--dry-run', 'with --retry: only check the records')
    .option('--limit <n>', 'number of entries to list', wholeNumber, 20)
    .action(onProject(rejectedVerb))
  projectVerb(program, 'import-log', 'list what imports repaired, padded or rejected, line by line')
    .option('--limit <n>', 'number of entries to list', wholeNumber, 20)
    .action(onProject(importLogVerb))
}

async function updateVerb(engine: Engine, files: string[], o: UpdateOptions): Promise<void> {
  await finish(engine, () => engine.call('merge.stage', sourceOf(files, o)), o)
  const plan = await engine.call('merge.plan', {})
  if (!plan) throw new UserError('no-update', 'The staged update was discarded: start it again.')
  if (o.dryRun) {
    if (plan.loss !== null && !o.yes) process.exitCode = EXIT.refused
    return void printResult(o, plan, () => updateText(plan))
  }
  const args = { token: plan.token, removed: o.removed, accept: o.yes === true }
  const end = await finish(engine, () => engine.call('merge.run', args), o)
  printResult(o, { ...plan, removedMovies: o.removed }, () => `${updateText(plan)}\n${end.message}`)
}

function updateText(p: MergePlan): string {
  const { kept, onChanged, onRemoved, agreed } = p.corrections
  const examples = (name: string, list: readonly MergeExample[]): string[] =>
    list
      .slice(0, 5)
      .map(
        (m) =>
          `  ${name}  ${m.key}  ${m.title}${m.fields.map((f) => `; ${f.field}${f.field === 'genres' ? `: ${f.was} -> ${f.becomes}` : ''}`).join('')}`,
      )
  return [
    p.reason,
    `${count(p.added)} new, ${count(p.changed)} changed, ${count(p.removed)} missing, ${count(p.same)} the same`,
    `${count(kept)} corrections stay (${count(onChanged)} on changed movies, ${count(agreed)} that the new source agrees with); ${count(onRemoved)} are on missing movies`,
    ...examples('new', p.examples.added),
    ...examples('changed', p.examples.changed),
    ...examples('missing', p.examples.removed),
    ...(p.loss === null ? [] : [p.loss]),
    ...p.warnings,
  ].join('\n')
}

const EDITED = z.array(z.object({ record: z.int().positive(), raw: z.string() })).min(1)

/** Reads a file of edited records. @throws UserError `bad-records` */
function readEdited(file: string): z.output<typeof EDITED> {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(resolve(file), 'utf8'))
  } catch (error) {
    throw new UserError('bad-records', `${file} cannot be read as JSON (${messageOf(error)}): write [{"record": 12, "raw": "…"}].`)
  }
  const parsed = EDITED.safeParse(content)
  if (!parsed.success)
    throw new UserError(
      'bad-records',
      `${file} is not a list of records: write [{"record": 12, "raw": "…"}], with the numbers that \`reelabel rejected\` lists.`,
    )
  return parsed.data
}

async function rejectedVerb(engine: Engine, o: { retry?: string; dryRun?: boolean; limit: number; json?: boolean }): Promise<void> {
  if (o.retry === undefined) {
    const { total, records } = await paged(o.limit, (after, limit) => engine.call('rejected.list', { after, limit }))
    return void printResult(o, { total, records }, () => rejectedText(total, records))
  }
  const records = readEdited(o.retry)
  const checks = await engine.call('rejected.check', { records })
  if (o.dryRun) return void printResult(o, checks, () => checksText(checks))
  const end = await finish(engine, () => engine.call('rejected.retry', { records }), o)
  printResult(o, checks, () => `${checksText(checks)}\n${end.message}`)
}

async function importLogVerb(engine: Engine, o: { limit: number; json?: boolean }): Promise<void> {
  const { total, records } = await paged(o.limit, async (after, limit) => {
    const page = await engine.call('import.log', { after, limit })
    return { ...page, records: page.entries }
  })
  const rows = records.map((d) => [d.file, count(d.line), d.what, d.why])
  printResult(
    o,
    { total, entries: records },
    () => `${table(['file', 'line', 'what', 'why'], rows)}\n${records.length} of ${count(total)} entries`,
  )
}

interface Page<T> {
  readonly total: number
  readonly records: readonly T[]
  readonly last: number | null
}
/** Reads the first `limit` entries of a list, page by page. */
async function paged<T>(limit: number, page: (after: number, limit: number) => Promise<Page<T>>): Promise<{ total: number; records: T[] }> {
  const records: T[] = []
  for (let after: number | null = 0; ;) {
    const { total, records: more, last }: Page<T> = await page(after, Math.min(500, Math.max(1, limit - records.length)))
    records.push(...more)
    if (last === null || records.length >= limit) return { total, records: records.slice(0, limit) }
    after = last
  }
}

function rejectedText(total: number, records: readonly RejectedRecord[]): string {
  if (total === 0) return 'No record is rejected.'
  const lines = records.map(
    (r) => `record ${r.record}, ${r.file} line ${count(r.line)}: ${r.why}\n    ${r.raw.trimEnd().slice(0, 300).replaceAll('\n', '\n    ')}`,
  )
  return [...lines, `${records.length} of ${count(total)} rejected records`].join('\n')
}

function checksText(checks: readonly RecordCheck[]): string {
  return checks
    .map(
      (c) =>
        `record ${c.record}: ${c.movie ? `${c.movie.joins ? 'joins' : 'becomes'} ${c.movie.key} ${c.movie.title} (${c.movie.genres.join(', ') || 'no genre'})` : c.why}`,
    )
    .join('\n')
}
