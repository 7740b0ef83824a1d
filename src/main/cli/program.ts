/** The command line: every verb, and the exit status and message of a failure. */
import { Command, CommanderError } from 'commander'
import pkg from '../../../package.json' with { type: 'json' }
import { toReply, UserError, type ErrorReply } from '../../contract/errors.ts'
import { EXIT, printable } from './output.ts'
import { signedGenres } from './arguments.ts'
import { auditVerbs } from './audit-verbs.ts'
import { catalogueVerbs } from './catalogue-verbs.ts'
import { cleanVerb } from './clean-verb.ts'
import { demoVerb } from './demo.ts'
import { importVerb } from './import-verb.ts'
import { labelVerbs } from './label-verbs.ts'
import { mapVerb } from './map-verb.ts'
import { sliceVerbs } from './slice-verbs.ts'
import { suspectVerbs } from './suspect-verbs.ts'
import { modelsVerbs } from './models-verbs.ts'
import { codebookVerb } from './codebook-verb.ts'
import { peopleVerbs } from './people-verbs.ts'
import { projectVerbs } from './project-verbs.ts'
import { predictVerb } from './predict-verb.ts'
import { recipeVerbs } from './recipe-verbs.ts'
import { safetyVerbs } from './safety-verbs.ts'
import { serviceVerbs } from './service-verbs.ts'
import { settingsVerbs } from './settings-verbs.ts'
import { serveVerb } from './serve-verb.ts'
import { trainVerbs } from './train-verbs.ts'
import { thresholdVerbs } from './threshold-verbs.ts'
import { errorVerbs } from './error-verbs.ts'
import { updateVerbs } from './update-verbs.ts'
import { tuneVerb } from './tune-verb.ts'
import { workerVerb } from './worker-verb.ts'

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
  serviceVerbs,
  projectVerbs,
  demoVerb,
  serveVerb,
  workerVerb,
  tuneVerb,
])
  register(program)
for (const verb of program.commands) verb.exitOverride().configureOutput({ writeErr: () => undefined })

/** Runs a verb with its arguments. Returns the exit status. */
export async function reelabel(argv: readonly string[]): Promise<number> {
  process.exitCode = EXIT.ok
  try {
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync(signedGenres(argv), { from: 'user' })
    // a verb that shows what would be refused has set another
    return process.exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    return report(error, argv)
  }
}

/** Prints an error: one line that says what to do, or an object with `code` and `message` if --json is given. */
function report(error: unknown, argv: readonly string[]): number {
  const usage = error instanceof CommanderError
  const reply = usage
    ? {
        code: 'usage',
        message: `${usageText(error, argv).replace(/^error: |\.$/g, '')}. See \`reelabel --help\` or \`reelabel ${verbOf(argv)} --help\`.`,
      }
    : spoken(toReply(error))
  const defect = !usage && !(error instanceof UserError)
  if (argv.includes('--json')) console.log(JSON.stringify({ error: reply }))
  else console.error(`reelabel: ${printable(reply.message)}`)
  if (defect && process.env['REELABEL_DEBUG']) console.error(error)
  if (usage || reply.code === 'bad-arguments') return EXIT.usage
  if (reply.code === 'cancelled') return EXIT.interrupted
  return defect ? EXIT.defect : EXIT.refused
}

/** Error text of commander, which has none for a verb such as `models` without its own verb. */
function usageText(error: CommanderError, argv: readonly string[]): string {
  if (error.code !== 'commander.help') return error.message
  const verbs = commandOf(argv)?.commands.map((c) => c.name()) ?? []
  return `${verbOf(argv)} needs one of its verbs: ${verbs.join(', ')}`
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

const commandOf = (argv: readonly string[]): Command | undefined => program.commands.find((c) => c.name() === argv[0])
const verbOf = (argv: readonly string[]): string => commandOf(argv)?.name() ?? 'VERB'
