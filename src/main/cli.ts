/** The headless composition root: `reelabel <verb> PROJECT.reel …`. */
import { Command, CommanderError } from 'commander'
import pkg from '../../package.json' with { type: 'json' }
import { toReply, UserError, type ErrorReply } from '../contract/errors.ts'
import { EXIT, printable } from './cli/output.ts'
import { signedGenres } from './cli/arguments.ts'
import { auditVerbs } from './cli/audit-verbs.ts'
import { catalogueVerbs } from './cli/catalogue-verbs.ts'
import { cleanVerb } from './cli/clean-verb.ts'
import { demoVerb } from './cli/demo.ts'
import { importVerb } from './cli/import-verb.ts'
import { labelVerbs } from './cli/label-verbs.ts'
import { mapVerb } from './cli/map-verb.ts'
import { sliceVerbs } from './cli/slice-verbs.ts'
import { suspectVerbs } from './cli/suspect-verbs.ts'
import { modelsVerbs } from './cli/models-verbs.ts'
import { codebookVerb } from './cli/codebook-verb.ts'
import { peopleVerbs } from './cli/people-verbs.ts'
import { projectVerbs } from './cli/project-verbs.ts'
import { predictVerb } from './cli/predict-verb.ts'
import { recipeVerbs } from './cli/recipe-verbs.ts'
import { safetyVerbs } from './cli/safety-verbs.ts'
import { settingsVerbs } from './cli/settings-verbs.ts'
import { serveVerb } from './cli/serve-verb.ts'
import { trainVerbs } from './cli/train-verbs.ts'
import { thresholdVerbs } from './cli/threshold-verbs.ts'
import { errorVerbs } from './cli/error-verbs.ts'
import { updateVerbs } from './cli/update-verbs.ts'
import { tuneVerb } from './cli/tune-verb.ts'
import { workerVerb } from './cli/worker-verb.ts'

const program = new Command('reelabel')
  .description('Find, correct and relearn the wrong genres of a movie catalogue.')
  .version(pkg.version)
  .exitOverride()
  .configureOutput({ writeErr: () => undefined })
  .showHelpAfterError(false)
for (const register of [
  importVerb,
  updateVerbs,
  cleanVerb,
  catalogueVerbs,
  trainVerbs,
  thresholdVerbs,
  recipeVerbs,
  errorVerbs,
  sliceVerbs,
  predictVerb,
  modelsVerbs,
  labelVerbs,
  suspectVerbs,
  mapVerb,
  auditVerbs,
  codebookVerb,
  peopleVerbs,
  safetyVerbs,
  settingsVerbs,
  projectVerbs,
  demoVerb,
  serveVerb,
  workerVerb,
  tuneVerb,
])
  register(program)
for (const verb of program.commands) verb.exitOverride().configureOutput({ writeErr: () => undefined })

// a reader that closes the pipe early (`| head`) is not an error
process.stdout.on('error', (e: NodeJS.ErrnoException) => process.exit(e.code === 'EPIPE' ? EXIT.ok : EXIT.defect))
process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  try {
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync(signedGenres(argv), { from: 'user' })
    // a verb that shows what would be refused has set another
    return Number(process.exitCode ?? EXIT.ok)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    return report(error, argv.includes('--json'))
  }
}

/** Prints an error: one line that says what to do, or an object with `code` and `message` if --json is given. */
function report(error: unknown, json: boolean): number {
  const usage = error instanceof CommanderError
  const reply = usage
    ? {
        code: 'usage',
        message: `${usageText(error).replace(/^error: |\.$/g, '')}. See \`reelabel --help\` or \`reelabel ${argvVerb()} --help\`.`,
      }
    : spoken(toReply(error))
  const defect = !usage && !(error instanceof UserError)
  if (json) console.log(JSON.stringify({ error: reply }))
  else console.error(`reelabel: ${printable(reply.message)}`)
  if (defect && process.env['REELABEL_DEBUG']) console.error(error)
  if (usage || reply.code === 'bad-arguments') return EXIT.usage
  if (reply.code === 'cancelled') return EXIT.interrupted
  return defect ? EXIT.defect : EXIT.refused
}

/** Error text of commander, which has none for a verb such as `models` without its own verb. */
function usageText(error: CommanderError): string {
  if (error.code !== 'commander.help') return error.message
  const verbs = program.commands.find((c) => c.name() === argvVerb())?.commands.map((c) => c.name()) ?? []
  return `${argvVerb()} needs one of its verbs: ${verbs.join(', ')}`
}

/** Replaces names of arguments by those of options: `config.minDf` becomes `--min-df`. */
function spoken(reply: ErrorReply): ErrorReply {
  if (reply.code === 'consent') return { ...reply, message: `${reply.message} Add --yes to agree.` }
  if (reply.code !== 'bad-arguments') return reply
  const message = reply.message
    .replace(/^[a-z]+\.[a-z]+: /, '')
    .replace(
      /(^|; )(?:(?:config|options|filter)\.)?(\w+(?:\.[a-z]\w*)?)(?:\.\d+)*: /gi,
      (_, before: string, name: string) => `${before}--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`).replace('.', '-')}: `,
    )
  return { ...reply, message }
}

function argvVerb(): string {
  return program.commands.find((c) => c.name() === process.argv[2])?.name() ?? 'VERB'
}
