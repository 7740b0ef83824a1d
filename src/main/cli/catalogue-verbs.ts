import type { Command } from 'commander'
import { resolve } from 'node:path'
import { resultOf } from '../../contract/events.ts'
import { isReport } from '../../contract/exporting.ts'
import { many, count } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { answer } from './output.ts'
import { list, oneOf } from './arguments.ts'
import { everythingVerb } from './safety-verbs.ts'
import { finish, onProject, projectVerb } from './with-engine.ts'

/** `export` and `report`: files on the catalogue. */
export function catalogueVerbs(program: Command): void {
  projectVerb(program, 'export', 'write the cleaned CSV (or the change log, predictions, or everything as a folder of CSV and JSON)')
    .requiredOption('--out <file>', 'where to write')
    .addOption(oneOf('--what <what>', 'what to write', ['catalogue', 'changes', 'predictions', 'everything'], 'catalogue'))
    .option('--columns <list>', 'extra columns, separated by commas: previous, verdict, probability, who, when')
    .option('--neutralise-formulas', 'put an apostrophe before cells that a spreadsheet would run as a formula')
    .option('--several', 'write several genres as Drama|War into a file with one genre in each cell')
    .action(onProject(exportVerb))
  projectVerb(program, 'report', 'write one HTML or PDF file on catalogue and model that can be read without the program')
    .requiredOption('--out <file>', 'where to write, such as report.html')
    .option('--pdf', 'write a PDF, printed by the Chromium, Chrome or Edge of this machine')
    .action(
      onProject((engine, { pdf, ...o }: { out: string; pdf?: true; json?: boolean }) =>
        exportVerb(engine, { ...o, what: pdf ? 'report-pdf' : 'report' }),
      ),
    )
}

async function exportVerb(
  engine: Engine,
  o: { out: string; what: string; columns?: string; neutraliseFormulas?: boolean; several?: boolean; json?: boolean },
): Promise<void> {
  if (o.what === 'everything') return everythingVerb(engine, o)
  const options = {
    columns: list(o.columns ?? '') as 'previous'[],
    neutraliseFormulas: o.neutraliseFormulas === true,
    severalGenres: o.several === true,
  }
  const start = () => engine.call('export.run', { what: o.what as 'catalogue', path: resolve(o.out), options })
  const report = resultOf('export', await finish(engine, start, o))
  const files = report.files.map((f) => `${f.path}  ${count(f.bytes)} bytes`).join('\n')
  const formulas = report.neutralised > 0 ? `, ${report.neutralised} formulas neutralised` : ''
  const corrected = o.what === 'catalogue' ? `, ${report.changedRecords} with corrected genres` : ''
  answer(o, report, () => (isReport(o.what) ? files : `${files}\n${many(report.records, 'record')}${corrected}${formulas}`))
}
