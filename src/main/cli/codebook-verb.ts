/** `codebook`: what each genre means, and rules between genres. */
import type { Command } from 'commander'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CODEBOOK_FILE, entryOf, rulesIn, ruleText, type CodebookEntry } from '../../contract/codebook.ts'
import { schemaProblems, UserError } from '../../contract/errors.ts'
import { count, many, moment } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { textOf } from './arguments.ts'
import { printResult } from './output.ts'
import { table } from './print.ts'
import { decidingVerb, onProject } from './with-engine.ts'

interface Options {
  readonly set?: string
  readonly wording?: boolean
  readonly export?: string
  readonly versions?: string
  readonly json?: boolean
}

export function codebookVerb(program: Command): void {
  decidingVerb(program, 'codebook', 'show what each genre means and the rules between genres, or change and export them')
    .option('--set <file>', 'take the entries of a JSON file; each that differs becomes a new version, other genres keep theirs')
    .option('--wording', 'with --set: only the wording changes, so decisions so far stay as they are')
    .option('--export <file>', 'write the entries to a JSON file, as --set reads them')
    .option('--versions <genre>', 'show all versions of the entry of a genre')
    .action(onProject(codebook))
}

async function codebook(engine: Engine, o: Options): Promise<void> {
  if (o.versions !== undefined) {
    const { name } = await engine.call('review.genre', { name: o.versions })
    const versions = await engine.call('codebook.versions', { genre: name })
    return void printResult(o, versions, () =>
      table(
        ['version', 'when', 'who', '', 'definition'],
        versions.map((v) => [String(v.version), moment(v.at), v.who, v.wording ? 'wording' : '', v.definition]),
      ),
    )
  }
  if (o.set !== undefined) {
    const done = await engine.call('codebook.set', { entries: entriesIn(o.set), wording: o.wording ?? false })
    return void printResult(o, done, () =>
      [
        done.changed.length === 0 ? 'Nothing differs from the codebook of the project.' : `New versions: ${done.changed.join(', ')}.`,
        ...(done.unknown.length > 0 ? [`The catalogue has no genre ${done.unknown.join(', ')}: rules about missing genres have no effect.`] : []), // prettier-ignore
      ].join('\n'),
    )
  }
  const { entries } = await engine.call('codebook.get', {})
  if (o.export !== undefined) {
    const own = entries.map((entry) => entryOf(entry.genre, entry))
    writeFileSync(resolve(o.export), `${JSON.stringify({ codebook: own }, null, 2)}\n`)
    return void printResult(o, { entries: own.length }, () => `${many(own.length, 'entry', 'entries')} written to ${o.export}.`)
  }
  const counts = await engine.call('codebook.counts', {})
  const counted = entries.map((entry) => ({ ...entry, outdated: 0, breaks: 0, ...counts[entry.genre] }))
  printResult(o, { entries: counted }, () =>
    entries.length === 0
      ? 'The codebook is empty.'
      : table(
          ['genre', 'version', 'outdated', 'breaks', 'rules', 'definition'],
          counted.map((e) => [e.genre, String(e.version), count(e.outdated), count(e.breaks), rulesIn([e]).map(ruleText).join(', '), e.definition]), // prettier-ignore
        ),
  )
}

/** @throws UserError `bad-codebook` */
function entriesIn(file: string): CodebookEntry[] {
  const refused = (why: string): UserError =>
    new UserError('bad-codebook', `${file} is not a codebook: ${why}. \`reelabel codebook PROJECT --export FILE\` writes one.`)
  let content: unknown
  try {
    content = JSON.parse(textOf(file))
  } catch (error) {
    throw error instanceof UserError ? error : refused('it is not JSON')
  }
  const { success, data, error } = CODEBOOK_FILE.safeParse(content)
  if (success) return data.codebook
  throw refused(schemaProblems(error, 'the file'))
}
