import type { Command } from 'commander'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { ArgsIn } from '../../contract/api.ts'
import { ASKED_HOW, type AskedHow } from '../../contract/decoders.ts'
import { UserError } from '../../contract/errors.ts'
import { resultOf } from '../../contract/events.ts'
import type { MovieAnswer, TaskName } from '../../contract/answers.ts'
import type { ServiceList, ServicePlan } from '../../contract/services.ts'
import { count, many, percent } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { decimal, oneOf, textOf, where, wholeNumber } from './arguments.ts'
import { printResult } from './output.ts'
import { table } from './print.ts'
import { finish, libraryModel, onEngine, onProject, projectVerb, verb } from './with-engine.ts'

interface Json {
  readonly json?: boolean
}
interface SetOptions extends Json {
  readonly url?: string
  readonly model?: string
  readonly priceIn?: number
  readonly priceOut?: number
  readonly perMinute?: number
  readonly parallel?: number
  readonly timeout?: number
  readonly logProbabilities?: 'on' | 'off'
  readonly keyVariable?: string
}
interface AskOptions extends Json {
  readonly service?: string
  readonly model?: string
  readonly how?: AskedHow
  readonly temperature?: number
  readonly topP?: number
  readonly seed?: number
  readonly maxTokens?: number
  readonly where: string
  readonly top?: number
  readonly words?: number
  readonly dryRun?: boolean
  readonly list?: boolean
  readonly yes?: boolean
}

/** `services`, and the verbs that ask one or a model of this machine: `condense`, `zero-shot` and `second-opinion`. */
export function serviceVerbs(program: Command): void {
  const services = program
    .command('services')
    .description('set and test the services that may be asked about movies, such as language models')
  verb(services, 'list', 'list the services, and where their keys are').action(onEngine(list))
  verb(services, 'set', 'add a service with the interface of OpenAI, or change its settings')
    .argument('<name>')
    .option('--url <address>', 'address of the interface, such as http://localhost:11434/v1')
    .option('--model <name>', 'model, as the service calls it')
    .option('--price-in <amount>', 'price of a million tokens that are sent', decimal)
    .option('--price-out <amount>', 'price of a million tokens that are received', decimal)
    .option('--per-minute <n>', 'requests that are begun in a minute (default: 60)', wholeNumber)
    .option('--parallel <n>', 'requests at a time (default: 2)', wholeNumber)
    .option('--timeout <seconds>', 'a request has failed if no data arrive for that long (default: 120)', wholeNumber)
    .addOption(oneOf('--log-probabilities <when>', 'off: the service has none (default: on)', ['on', 'off']))
    .option('--key-variable <name>', 'environment variable that holds the key; none: the keyring does')
    .action(onEngine(set))
  verb(services, 'key', "store the key of a service in the system's keyring; it is read from standard input")
    .argument('<name>')
    .action(onEngine(key))
  verb(services, 'test', 'ask a service one fixed question, which has nothing of a project').argument('<name>').action(onEngine(test))
  verb(services, 'forget', 'remove a service and its key; its answers stay in their projects').argument('<name>').action(onEngine(forget))
  verb(services, 'withdraw', 'withdraw the consents of a project: the next request asks again')
    .argument('<project>')
    .action(onProject(withdraw))

  decoderVerb(
    taskVerb(program, 'condense', 'ask a service, or a model of this machine, for condensed plots, which are kept beside the plots'),
  )
    .option('--words <n>', 'length of a condensed plot; shorter plots are left out (default: 60)', wholeNumber)
    .option('--temperature <t>', 'with --model: draw words, and how boldly; 0: the most probable text (default: 0)', decimal)
    .option(
      '--top-p <share>',
      'with --model: draw from the most probable words that together have this probability (default: 0.95)',
      decimal,
    )
    .option('--seed <n>', 'with --model: seed of what is drawn (default: 42)', wholeNumber)
    .action(onProject((engine, o: AskOptions) => run(engine, 'condense', o)))
  decoderVerb(taskVerb(program, 'zero-shot', 'ask a service, or a model of this machine, which of the genres each movie has'))
    .addOption(oneOf('--how <how>', 'with --model: a question for each genre, or names that compete (default: yes-no)', ASKED_HOW))
    .action(onProject((engine, o: AskOptions) => run(engine, 'zero-shot', o)))
  taskVerb(program, 'second-opinion', 'ask a service about the labels that are probably wrong').action(
    onProject((engine, o: AskOptions) => run(engine, 'second-opinion', o)),
  )
}

const taskVerb = (program: Command, name: TaskName, description: string): Command =>
  projectVerb(program, name, description)
    .option('--service <name>', 'which service (default: the only one)')
    .addOption(where())
    .option('--top <n>', 'only the first movies: in the order of the file, or of the suspects for second opinions', wholeNumber)
    .option('--dry-run', 'show what would be sent, to whom, the estimated cost, and the first request; send nothing')
    .option('--yes', "agree that this project's movies are sent to this service; needed once")
    .option('--list', 'list the answers that are there; send nothing')

const decoderVerb = (command: Command): Command =>
  command
    .option('--model <model>', 'a decoder on this machine: its id in the library, or its folder; nothing is sent')
    .option('--max-tokens <n>', 'with --model: longest part of title and plot that it reads (default: 512)', wholeNumber)

const KEYS: Readonly<Record<ServiceList['services'][number]['key'], string>> = {
  keychain: 'stored',
  variable: 'in a variable',
  missing: 'variable not set',
  none: 'none',
}
function listText({ services, offline, forced, keychain }: ServiceList): string {
  const rows = services.map((s) => [
    s.name,
    s.url,
    s.model,
    KEYS[s.key],
    s.priceIn === null || s.priceOut === null ? '' : `${s.priceIn} / ${s.priceOut}`,
  ])
  return [
    services.length === 0 ? 'No service is set.' : table(['service', 'address', 'model', 'key', 'price in / out'], rows),
    `Keys are kept in ${keychain.name}.${keychain.problem === null ? '' : ` ${keychain.problem}`}`,
    ...(offline ? [`Offline mode is on${forced === null ? '' : ` (${forced})`}: no service is asked.`] : []),
  ].join('\n')
}
const show = (o: Json, found: ServiceList, text = listText): void => printResult(o, found, () => text(found))

async function list(engine: Engine, o: Json): Promise<void> {
  show(o, await engine.call('services.list', {}))
}

async function set(engine: Engine, name: string, o: SetOptions): Promise<void> {
  const { url, model, priceIn, priceOut, perMinute, parallel, timeout: timeoutSeconds, keyVariable } = o
  const values: ArgsIn<'services.set'>['values'] = {
    ...{ url, model, priceIn, priceOut, perMinute, parallel, timeoutSeconds },
    ...(o.logProbabilities && { logProbabilities: o.logProbabilities === 'on' }),
    ...(keyVariable !== undefined && { keyVariable: keyVariable === 'none' ? null : keyVariable }),
  }
  show(o, await engine.call('services.set', { name, values }))
}

async function key(engine: Engine, name: string, o: Json): Promise<void> {
  const given = process.stdin.isTTY ? await typed(`Key of ${name}: `) : textOf('-')
  show(o, await engine.call('services.key', { name, key: given }), ({ keychain }) => `The key of ${name} is in ${keychain.name}.`)
}

/** Reads a line that is typed and not shown. */
async function typed(prompt: string): Promise<string> {
  process.stderr.write(prompt)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

async function test(engine: Engine, name: string, o: Json): Promise<void> {
  const { elapsedMs, logProbabilities } = await engine.call('services.test', { name })
  const with_ = logProbabilities ? 'with log-probabilities' : 'without log-probabilities'
  printResult(o, { elapsedMs, logProbabilities }, () => `${name} answers as it should, ${with_}, in ${(elapsedMs / 1000).toFixed(1)} s.`)
}

async function forget(engine: Engine, name: string, o: Json): Promise<void> {
  show(o, await engine.call('services.forget', { name }), () => `${name} and its key are removed.`)
}

async function withdraw(engine: Engine, o: Json): Promise<void> {
  await engine.call('services.withdraw', {})
  printResult(o, { withdrawn: true }, () => 'No service may be asked about this project until you agree again.')
}

async function run(engine: Engine, task: TaskName, o: AskOptions): Promise<void> {
  if (o.list) return results(engine, task, o)
  if (o.model !== undefined) return runHere(engine, task, o.model, o)
  const question = { task, service: o.service ?? (await onlyService(engine)), where: o.where, top: o.top ?? null, ...(o.words !== undefined && { words: o.words }) } // prettier-ignore
  if (o.dryRun) {
    const plan = await engine.call('services.plan', question)
    printResult(o, plan, () => planText(plan))
    return
  }
  const end = await finish(engine, () => engine.call('services.run', { ...question, consent: o.yes === true }), o)
  const report = resultOf('ask', end)
  printResult(o, report, () => [end.message, ...report.failures.slice(1).map(({ id, why }) => `  ${id}: ${why}`)].join('\n'))
}

/** Asks a decoder of this machine. @throws UserError `bad-arguments` */
async function runHere(engine: Engine, task: TaskName, model: string, o: AskOptions): Promise<void> {
  if (o.service !== undefined || o.dryRun || o.yes)
    throw new UserError('bad-arguments', '--service, --dry-run and --yes are about services: a model of this machine sends nothing.')
  const { how, words, temperature, topP, seed, maxTokens } = o
  const asked = task === 'zero-shot' ? { task, how } : { task: 'condense' as const, words, temperature, topP, seed }
  const question = { model: await libraryModel(engine, model), asked, where: o.where, top: o.top ?? null, maxTokens }
  const end = await finish(engine, () => engine.call('decoders.ask', question), o)
  printResult(o, resultOf('ask', end), () => end.message)
}

/** @throws UserError `which-service` */
async function onlyService(engine: Engine): Promise<string> {
  const { services } = await engine.call('services.list', {})
  const [only] = services
  if (only && services.length === 1) return only.name
  const names = services.map(({ name }) => name).join(', ')
  throw new UserError(
    'which-service',
    only ? `Choose a service with --service: ${names}.` : 'No service is set: add one with `reelabel services set`.',
  )
}

function planText(p: ServicePlan): string {
  const cost = p.cost === null ? 'its price is not set' : `about ${p.cost.toFixed(p.cost < 1 ? 4 : 2)} by its prices`
  return [
    p.sends,
    `${many(p.requests, 'request')} to the model ${p.model} (${count(p.known)} of ${many(p.movies, 'movie')} are answered already): about ${count(p.tokensIn)} tokens are sent and ${count(p.tokensOut)} received; ${cost}.`,
    p.consented
      ? 'You have agreed to this service for this project.'
      : 'You have not yet agreed to this service for this project: add --yes.',
    ...(p.sample === null ? [] : ['', 'The first request:', p.sample]),
  ].join('\n')
}

/** Answers in one call. */
const PAGE = 10_000

async function results(engine: Engine, task: TaskName, o: AskOptions): Promise<void> {
  const found = await engine.call('services.results', {
    task,
    service: o.service ?? null,
    where: o.where,
    limit: Math.min(PAGE, o.top ?? PAGE),
  })
  const { agreement } = found
  const json = {
    ...found,
    movies: found.movies.map(({ key: id, title, service, model, at, outdated, answer }) => ({
      id,
      title,
      service,
      model,
      at,
      outdated,
      answer,
    })),
  }
  printResult(o, json, () =>
    [
      many(found.total, 'answer'),
      ...(agreement === null
        ? []
        : [
            `Against the labels of these ${many(agreement.movies, 'movie')}: micro F1 ${agreement.microF1.toFixed(3)}, macro F1 ${agreement.macroF1.toFixed(3)}`,
          ]),
      ...found.movies.map((m) => `  ${m.key}  ${m.title}: ${answerText(m)}  (${m.service}, ${m.model}${m.outdated ? ', outdated' : ''})`),
    ].join('\n'),
  )
}

function answerText({ answer }: MovieAnswer): string {
  if (answer.task === 'condense') return answer.text
  if (answer.task === 'second-opinion') return Object.entries(answer.fits).map(([genre, fits]) => `${genre} ${fits}`).join(', ') // prettier-ignore
  const p = answer.probabilities ?? {}
  return answer.genres.map((genre) => (p[genre] === undefined ? genre : `${genre} ${percent(p[genre])}`)).join(', ') || 'no genre'
}
