import { Option, type Command } from 'commander'
import { resolve } from 'node:path'
import type { ArgsIn } from '../../contract/api.ts'
import { CLEAN_RULES, type CleanRuleId } from '../../contract/importing.ts'
import { UserError } from '../../contract/errors.ts'
import { answer } from './answer.ts'
import { many, mapPair, oneOf, wholeNumber } from './arguments.ts'
import { cleanText, importText } from './print.ts'
import { finish, nameOf, withEngine } from './session.ts'

type ImportArgs = ArgsIn<'import.run'>
interface ImportOptions {
  readonly format: NonNullable<ImportArgs['format']>
  readonly map: NonNullable<ImportArgs['mapping']>
  readonly genreSyntax: NonNullable<ImportArgs['genreSyntax']>
  readonly splitColumn?: string
  readonly off: string[]
  readonly seed: number
  readonly dryRun?: boolean
  readonly json?: boolean
}

const FORMATS = ['auto', '9000-movies', 'imdb-by-genre', 'movies-dataset', 'letterboxd-three', 'letterboxd-one', 'table']
const SYNTAXES = ['auto', 'comma', 'semicolon', 'pipe', 'slash', 'json', 'python', 'single', 'long']

/** `import`, `clean` and `export`: how a catalogue comes in, and how it goes out. */
export function catalogueVerbs(program: Command): void {
  program
    .command('import')
    .description('import one or more CSV or TSV files into a new project')
    .argument('<project>', 'project file to make, such as movies.reel')
    .argument('<file...>', 'CSV or TSV files')
    .addOption(oneOf('--format <id>', 'what the files are', FORMATS, 'auto'))
    .addOption(
      new Option('--map <role=column>', 'which column is the id, title, plot, genres or split; repeatable')
        .argParser(mapPair)
        .default({}, 'as detected'),
    )
    .addOption(oneOf('--genre-syntax <how>', 'how genres are written', SYNTAXES, 'auto'))
    .option('--split-column <column>', 'column that says train, valid or test')
    .addOption(many('--off <rule>', `switch a cleaning rule off (${CLEAN_RULES.join(', ')})`))
    .option('--seed <n>', 'seed of the split', wholeNumber, 42)
    .option('--dry-run', 'show what would be imported, and stop')
    .option('--json', 'answer in JSON')
    .action(importVerb)
  program
    .command('clean')
    .description('show the cleaning rules, or switch them on and off')
    .argument('<project>')
    .addOption(many('--on <rule>', 'switch a rule on'))
    .addOption(many('--off <rule>', 'switch a rule off'))
    .option('--json', 'answer in JSON')
    .action(cleanVerb)
  program
    .command('export')
    .description('write the cleaned CSV (or the change log, or predictions)')
    .argument('<project>')
    .requiredOption('--out <file>', 'where to write')
    .addOption(oneOf('--what <what>', 'what to write', ['catalogue', 'changes', 'predictions'], 'catalogue'))
    .option('--columns <list>', 'extra columns, by commas: previous, verdict, probability, who, when')
    .option('--neutralise-formulas', 'put an apostrophe before cells that a spreadsheet would run')
    .option('--json', 'answer in JSON')
    .action(exportVerb)
}

async function importVerb(project: string, files: string[], o: ImportOptions): Promise<void> {
  const mapping = { ...o.map, ...(o.splitColumn === undefined ? {} : { split: o.splitColumn }) }
  const source = { paths: files.map((f) => resolve(f)), format: o.format, mapping, genreSyntax: o.genreSyntax }
  await withEngine(null, async (engine) => {
    if (o.dryRun) {
      const plan = await engine.call('import.inspect', source)
      const preview = plan.preview.map((m) => `  ${m.key}  ${m.title}: ${m.genres.join(', ')}`)
      const text = [plan.formatName, ...plan.reasons, ...plan.problems, ...preview].join('\n')
      return void answer(o, plan, () => text)
    }
    const args: ImportArgs = { ...source, name: nameOf(project), path: resolve(project), clean: switches([], o.off), seed: o.seed }
    await finish(engine, () => engine.call('import.run', args), o.json === true)
    const report = await engine.call('import.report', {})
    if (!report) throw new Error('the import left no report')
    answer(o, report, () => importText(report))
  })
}

/** Names of rules as switches. Throws `no-rule`. */
function switches(on: readonly string[], off: readonly string[]): Partial<Record<CleanRuleId, boolean>> {
  const unknown = [...on, ...off].find((r) => !(CLEAN_RULES as readonly string[]).includes(r))
  if (unknown !== undefined)
    throw new UserError('no-rule', `There is no cleaning rule "${unknown}": the rules are ${CLEAN_RULES.join(', ')}.`)
  return Object.fromEntries([...on.map((r) => [r, true]), ...off.map((r) => [r, false])]) as Partial<Record<CleanRuleId, boolean>>
}

async function cleanVerb(project: string, o: { on: string[]; off: string[]; json?: boolean }): Promise<void> {
  await withEngine(project, async (engine) => {
    const change = switches(o.on, o.off)
    if (Object.keys(change).length > 0) await finish(engine, () => engine.call('clean.set', { switches: change }), o.json === true)
    const report = await engine.call('clean.report', {})
    answer(o, report, () => cleanText(report))
  })
}

async function exportVerb(
  project: string,
  o: { out: string; what: string; columns?: string; neutraliseFormulas?: boolean; json?: boolean },
): Promise<void> {
  await withEngine(project, async (engine) => {
    const columns = (o.columns ?? '')
      .split(',')
      .map((x) => x.trim())
      .filter((x) => x !== '')
    const report = await engine.call('export.run', {
      what: o.what as 'catalogue',
      path: resolve(o.out),
      options: { columns: columns as 'previous'[], neutraliseFormulas: o.neutraliseFormulas === true },
    })
    const files = report.files.map((f) => `${f.path}  ${f.bytes.toLocaleString('en')} bytes`).join('\n')
    const formulas = report.neutralised > 0 ? `, ${report.neutralised} formulas neutralised` : ''
    const corrected = o.what === 'catalogue' ? `, ${report.changedRecords} with corrected genres` : ''
    answer(o, report, () => `${files}\n${report.records} records${corrected}${formulas}`)
  })
}
