import { Option, type Command } from 'commander'
import { resolve } from 'node:path'
import type { ArgsIn } from '../../contract/api.ts'
import { RULE_IDS } from '../../contract/cleaning.ts'
import { ENCODINGS, GENRE_SYNTAXES, REPAIRS, type Delimiter, type Escape } from '../../contract/importing.ts'
import { UserError } from '../../contract/errors.ts'
import type { Engine } from '../engine.ts'
import { printResult, EXIT } from './output.ts'
import { list, repeatable, mapPair, oneOf, readRuleSetFile, switches, wholeNumber } from './arguments.ts'
import { planText } from './plan-text.ts'
import { importText } from './print.ts'
import { finish, nameOf, onEngine, verb } from './with-engine.ts'

type ImportArgs = ArgsIn<'import.run'>
type Source = ArgsIn<'import.inspect'>
type Given<K extends keyof Source> = NonNullable<Source[K]>
/** Options that say how files are read. */
export interface SourceOptions {
  readonly format: Given<'format'>
  readonly map: Given<'mapping'>
  readonly genreSyntax: Given<'genreSyntax'>
  readonly genreColumns: readonly string[]
  readonly protect: readonly string[]
  readonly encoding: Given<'encoding'>
  readonly delimiter: keyof typeof DELIMITERS
  readonly escape: keyof typeof ESCAPES
  readonly header: Given<'header'>
  readonly headerLine?: number
  readonly repair: readonly string[]
  readonly leave: readonly string[]
  readonly entry: readonly string[]
  readonly splitColumn?: string
}
interface ImportOptions extends SourceOptions {
  readonly on: readonly string[]
  readonly ruleSet?: string
  readonly genreNames?: string
  readonly off: readonly string[]
  readonly seed: number
  readonly forget?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

const FORMATS = ['auto', '9000-movies', 'imdb-by-genre', 'movies-dataset', 'letterboxd-three', 'letterboxd-one', 'table', 'joined-tables']
/** Delimiters and escapes by their option values. */
const DELIMITERS = {
  auto: 'auto',
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
  'comma-space': ', ',
  'semicolon-space': '; ',
  'spaced-colons': ' ::: ',
  'three-colons': ':::',
  'two-colons': '::',
} as const satisfies Record<string, Delimiter | 'auto'>
const ESCAPES = { auto: 'auto', doubled: '"', backslash: '\\' } as const satisfies Record<string, Escape | 'auto'>
/** The option value that protects no name. */
const NOTHING = 'none'

/** `import`: makes a project from files. */
export function importVerb(program: Command): void {
  const command = verb(program, 'import', 'import one or more files into a new project')
    .argument('<project>', 'new project file, such as movies.reel')
    .argument('<file...>', FILES)
  withSourceOptions(command)
    .addOption(repeatable('--on <rule>', `switch a cleaning rule on (${RULE_IDS.join(', ')})`))
    .addOption(repeatable('--off <rule>', 'switch a cleaning rule off'))
    .option('--rule-set <file>', 'use the rule set in this file')
    .option('--genre-names <file>', 'names of genres that the files write as ids: CSV or JSON of id and name')
    .option('--seed <n>', 'seed of the split', wholeNumber, 42)
    .option('--forget', 'remove the stored choices for tables with this header')
    .option('--dry-run', 'show what would be imported and why, and stop')
    .option('--yes', YES)
    .action(onEngine(run))
}

export const YES = 'go on although a noticeable share of the records would be lost'
export const FILES = 'CSV, TSV, JSON, JSON Lines, Parquet or XLSX files, plain or packed (gz, zip), with the same columns'

/** Adds the options that say how files are read. */
export function withSourceOptions(command: Command): Command {
  return command
    .addOption(oneOf('--format <id>', 'format of the files', FORMATS, 'auto'))
    .addOption(
      new Option(
        '--map <role=column>',
        'which column is the id, title, plot, genres (several: genres=a,b,c) or split, or the genresId: the id in a table of genres; repeatable',
      )
        .argParser(mapPair)
        .default({}, 'as detected'),
    )
    .addOption(oneOf('--genre-syntax <how>', 'how genres are written', ['auto', ...GENRE_SYNTAXES], 'auto'))
    .addOption(
      repeatable('--genre-columns <list>', 'columns of genres where there are several: of names, or of flags; separated by commas'),
    )
    .addOption(
      repeatable('--protect <name>', `genre name that contains the separator, instead of the detected ones (${NOTHING}: no name does)`),
    )
    .addOption(oneOf('--encoding <name>', 'how the text is encoded', ['auto', ...ENCODINGS], 'auto'))
    .addOption(oneOf('--delimiter <name>', 'separator of the cells', Object.keys(DELIMITERS), 'auto'))
    .addOption(oneOf('--escape <name>', 'how a quote inside a quoted cell is written', Object.keys(ESCAPES), 'auto'))
    .addOption(oneOf('--header <which>', 'whether the first line names the columns', ['auto', 'yes', 'none'], 'auto'))
    .option('--header-line <n>', 'line (in a sheet: row) in which the table begins', wholeNumber)
    .addOption(repeatable('--repair <what>', `switch a repair on (${REPAIRS.join(', ')})`))
    .addOption(repeatable('--leave <what>', 'switch a repair off that would be applied'))
    .addOption(repeatable('--entry <name>', 'file of an archive, or sheet of a workbook, to import; others are left out'))
    .option('--split-column <column>', 'column with the values train, valid or test')
}

async function run(engine: Engine, project: string, files: string[], o: ImportOptions): Promise<void> {
  const source = sourceOf(files, o)
  if (o.forget) await engine.call('import.forget', { headerKey: (await engine.call('import.inspect', source)).headerKey })
  if (o.dryRun) {
    const plan = await engine.call('import.inspect', source)
    if (plan.problems.length > 0 || (plan.asks && !o.yes)) process.exitCode = EXIT.refused
    return void printResult(o, plan, () => planText(plan))
  }
  const ruleSet = o.ruleSet === undefined ? null : [...(await readRuleSetFile(engine, o.ruleSet))]
  const clean = switches(o.on, o.off)
  const genreNames = o.genreNames === undefined ? null : resolve(o.genreNames)
  const given = { ruleSet, clean, genreNames, seed: o.seed, accept: o.yes === true }
  const args: ImportArgs = { ...source, ...given, name: nameOf(project), path: resolve(project) }
  await finish(engine, () => engine.call('import.run', args), o)
  const report = await engine.call('import.report', {})
  if (!report) throw new Error('the import left no report')
  printResult(o, report, () => importText(report))
}

/** Converts files and options to arguments of the engine. @throws UserError `no-repair` */
export function sourceOf(files: readonly string[], o: SourceOptions): Source {
  const named = o.protect.filter((name) => name !== NOTHING)
  const { genres = null, ...roles } = o.map
  const several = genres?.includes(',') ? [genres] : o.genreColumns
  return {
    paths: files.map((f) => resolve(f)),
    format: o.format,
    mapping: { ...(several === o.genreColumns ? o.map : roles), ...(o.splitColumn === undefined ? {} : { split: o.splitColumn }) },
    genreSyntax: o.genreSyntax,
    genreColumns: several.flatMap(list),
    protectedNames: o.protect.length === 0 ? 'auto' : named,
    encoding: o.encoding,
    delimiter: DELIMITERS[o.delimiter],
    escape: ESCAPES[o.escape],
    header: o.header,
    headerLine: o.headerLine ?? 'auto',
    entries: [...o.entry],
    repairs: { ...repairs(o.repair, true), ...repairs(o.leave, false) },
  }
}

/** Converts names of repairs to switches. @throws UserError `no-repair` */
function repairs(names: readonly string[], on: boolean): Record<string, boolean> {
  const unknown = names.find((name) => !(REPAIRS as readonly string[]).includes(name))
  if (unknown !== undefined) throw new UserError('no-repair', `There is no repair "${unknown}": the repairs are ${REPAIRS.join(', ')}.`)
  return Object.fromEntries(names.map((name) => [name, on]))
}
