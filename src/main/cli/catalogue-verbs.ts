import type { Command } from 'commander'
import { resolve } from 'node:path'
import { answer } from './answer.ts'
import { many, oneOf } from './arguments.ts'
import { cleanText } from './print.ts'
import { switches } from './rules.ts'
import { finish, withEngine } from './session.ts'

/** `clean` and `export`: what is made of a catalogue, and how it goes out. */
export function catalogueVerbs(program: Command): void {
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
