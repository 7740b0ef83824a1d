import type { Command } from 'commander'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { ArgsIn } from '../../contract/api.ts'
import { ASKED_HOW, type AskedHow } from '../../contract/decoders.ts'
import { UserError } from '../../contract/errors.ts'
import { resultOf } from '../../contract/events.ts'
import type { MovieAnswer, TaskName } from '../../contract/answers.ts'
import { KIND_TABLE, KINDS, type Kind, type ServiceList, type ServicePlan } from '../../contract/services.ts'
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
  readonly kind?: Kind
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
  readonly where?: string
  readonly top?: number
  readonly words?: number
  readonly languages?: readonly string[]
  readonly from?: string
  readonly imdbColumn?: string
  readonly tmdbColumn?: string
  readonly yearColumn?: string
  readonly accept?: boolean
  readonly takeBack?: boolean
  readonly id?: readonly string[]
  readonly dryRun?: boolean
  readonly list?: boolean
  readonly yes?: boolean
}

/** `services`, and the verbs that ask one or a model of this machine: `condense`, `translate`, `zero-shot`, `second-opinion` and `fill-plots`. */
export function serviceVerbs(program: Command): void {
  const services = program
    .command('services')
    .description('set and test the services that may be asked about movies, such as language models')
  verb(services, 'list', 'list the services, and where their keys are').action(onEngine(list))
  verb(services, 'set', 'add a service, or change its settings')
    .argument('<name>')
    .addOption(oneOf('--kind <kind>', 'openai: a language model; tmdb, omdb: a database of movies (default: openai)', KINDS))
    .option('--url <address>', 'address of the interface, such as http://localhost:11434/v1; tmdb and omdb: known')
    .option('--model <name>', 'model, as the service calls it; tmdb: language of plots (en-US); omdb: full or short plots (full)')
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
  taskVerb(program, 'translate', 'ask a service to translate plots into other languages and back')
    .option('--languages <names...>', 'languages, in English (default: Chinese Filipino Spanish Japanese Korean)')
    .option('--from <name>', 'language of the plots (default: English)')
    .action(onProject((engine, o: AskOptions) => run(engine, 'translate', o)))
  askingVerb(program, 'fill-plots', 'ask a database (TMDB, OMDb) for missing plots, and accept them or take them back')
    .option('--top <n>', 'only the first movies without a plot, in the order of the file', wholeNumber)
    .option('--imdb-column <name>', 'original column with ids of IMDb (default: by its name)')
    .option('--tmdb-column <name>', 'original column with ids of TMDB (default: by its name)')
    .option('--year-column <name>', 'original column with the year (default: by its name)')
    .option('--accept', 'read the plots that were found in the place of the missing ones: those without doubt, or those of --id')
    .option('--take-back', 'take accepted plots back: all, or those of --id')
    .option('--id <ids...>', 'with --accept or --take-back: of these movies')
    .action(onProject(fillPlots))
  taskVerb(program, 'second-opinion', 'ask a service about the labels that are probably wrong').action(
    onProject((engine, o: AskOptions) => run(engine, 'second-opinion', o)),
  )
}

const taskVerb = (program: Command, name: TaskName, description: string): Command =>
  askingVerb(program, name, description)
    .addOption(where())
    .option('--top <n>', 'only the first movies: in the order of the file, or of the suspects for second opinions', wholeNumber)

const askingVerb = (program: Command, name: string, description: string): Command =>
  projectVerb(program, name, description)
    .option('--service <name>', 'which service (default: the only one that can be asked this)')
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
  unknown: 'unknown',
}
function listText({ services, offline, forced, keychain }: ServiceList): string {
  const rows = services.map((s) => [
    s.name,
    s.kind,
    s.url,
    s.model,
    KEYS[s.key],
    s.priceIn === null || s.priceOut === null ? '' : `${s.priceIn} / ${s.priceOut}`,
  ])
  return [
    services.length === 0 ? 'No service is set.' : table(['service', 'kind', 'address', 'model', 'key', 'price in / out'], rows),
    `Keys are kept in ${keychain.name}.${keychain.problem === null ? '' : ` ${keychain.problem}`}`,
    ...(offline ? [`Offline mode is on${forced === null ? '' : ` (${forced})`}: no service is asked.`] : []),
  ].join('\n')
}
const show = (o: Json, found: ServiceList, text = listText): void => printResult(o, found, () => text(found))

async function list(engine: Engine, o: Json): Promise<void> {
  show(o, await engine.call('services.list', {}))
}

async function set(engine: Engine, name: string, o: SetOptions): Promise<void> {
  const { kind, url, model, priceIn, priceOut, perMinute, parallel, timeout: timeoutSeconds, keyVariable } = o
  const values: ArgsIn<'services.set'>['values'] = {
    kind,
    url,
    model,
    priceIn,
    priceOut,
    perMinute,
    parallel,
    timeoutSeconds,
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
  const with_ = logProbabilities === null ? '' : logProbabilities ? ', with log-probabilities' : ', without log-probabilities'
  printResult(o, { elapsedMs, logProbabilities }, () => `${name} answers as it should${with_}, in ${(elapsedMs / 1000).toFixed(1)} s.`)
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
  const { words, languages, from } = o
  const columns = { imdb: o.imdbColumn, tmdb: o.tmdbColumn, year: o.yearColumn }
  const given = { words, languages: languages && [...languages], from, columns }
  const question = { task, service: o.service ?? (await onlyService(engine, task)), where: o.where ?? '', top: o.top ?? null, ...given }
  if (o.dryRun) {
    const plan = await engine.call('services.plan', question)
    printResult(o, plan, () => planText(plan))
    return
  }
  const end = await finish(engine, () => engine.call('services.run', { ...question, consent: o.yes === true }), o)
  const report = resultOf('ask', end)
  printResult(o, report, () => [end.message, ...report.failures.slice(1).map(({ id, why }) => `  ${id}: ${why}`)].join('\n'))
}

async function fillPlots(engine: Engine, o: AskOptions): Promise<void> {
  if (!o.accept && !o.takeBack) return run(engine, 'plot', o)
  if (o.accept && o.takeBack) throw new UserError('bad-arguments', 'Give --accept or --take-back, not both.')
  const movies = o.id ? await moviesOf(engine, o.id) : null
  const end = await finish(engine, () => engine.call(o.accept ? 'plots.accept' : 'plots.takeBack', { movies }), o)
  printResult(o, { message: end.message }, () => end.message)
}
/** The movies with these ids that have a plot of a database. @throws UserError `no-plot` */
async function moviesOf(engine: Engine, ids: readonly string[]): Promise<number[]> {
  const { movies } = await engine.call('services.results', { task: 'plot', limit: PAGE })
  return ids.map((id) => {
    const found = movies.find(({ key }) => key === id)
    if (found) return found.movie
    throw new UserError('no-plot', `No database was asked for the plot of ${id}: see \`reelabel fill-plots PROJECT.reel --list\`.`)
  })
}

/** Asks a decoder of this machine. @throws UserError `bad-arguments` */
async function runHere(engine: Engine, task: TaskName, model: string, o: AskOptions): Promise<void> {
  if (o.service !== undefined || o.dryRun || o.yes)
    throw new UserError('bad-arguments', '--service, --dry-run and --yes are about services: a model of this machine sends nothing.')
  const { how, words, temperature, topP, seed, maxTokens } = o
  const asked = task === 'zero-shot' ? { task, how } : { task: 'condense' as const, words, temperature, topP, seed }
  const question = { model: await libraryModel(engine, model), asked, where: o.where ?? '', top: o.top ?? null, maxTokens }
  const end = await finish(engine, () => engine.call('decoders.ask', question), o)
  printResult(o, resultOf('ask', end), () => end.message)
}

/** @throws UserError `which-service` */
async function onlyService(engine: Engine, task: TaskName): Promise<string> {
  const services = (await engine.call('services.list', {})).services.filter(({ kind }) => KIND_TABLE[kind].tasks.includes(task))
  const [only] = services
  if (only && services.length === 1) return only.name
  const names = services.map(({ name }) => name).join(', ')
  const kind = task === 'plot' ? 'No database of movies' : 'No service'
  throw new UserError(
    'which-service',
    only ? `Choose a service with --service: ${names}.` : `${kind} is set: add one with \`reelabel services set\`.`,
  )
}

function planText(p: ServicePlan): string {
  const tokens =
    p.tokensIn === null || p.tokensOut === null
      ? ''
      : `: about ${count(p.tokensIn)} tokens are sent and ${count(p.tokensOut)} received; ${costText(p)}`
  return [
    p.sends,
    `${many(p.requests, 'request')} to ${p.tokensIn === null ? p.host : `the model ${p.model}`} (${count(p.known)} of ${many(p.movies, 'movie')} are answered already)${tokens}.`,
    p.consented
      ? 'You have agreed to this service for this project.'
      : 'You have not yet agreed to this service for this project: add --yes.',
    ...(p.sample === null ? [] : ['', 'The first request:', p.sample]),
  ].join('\n')
}

const costText = ({ cost }: ServicePlan): string =>
  cost === null ? 'its price is not set' : `about ${cost.toFixed(cost < 1 ? 4 : 2)} by its prices`

/** Answers in one call. */
const PAGE = 10_000

async function results(engine: Engine, task: TaskName, o: AskOptions): Promise<void> {
  const found = await engine.call('services.results', {
    task,
    service: o.service ?? null,
    where: o.where ?? '',
    limit: Math.min(PAGE, o.top ?? PAGE),
  })
  const { agreement } = found
  const json = {
    ...found,
    movies: found.movies.map(({ key: id, title, service, model, at, outdated, accepted, answer }) => ({
      id,
      title,
      service,
      model,
      at,
      outdated,
      ...(task === 'plot' && { accepted }),
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
      ...found.movies.map(
        (m) =>
          `  ${m.key}  ${m.title}: ${answerText(m)}  (${m.service}, ${m.model}${m.outdated ? ', outdated' : ''}${m.accepted ? ', accepted' : ''})`,
      ),
    ].join('\n'),
  )
}

function answerText({ answer }: MovieAnswer): string {
  switch (answer.task) {
    case 'condense':
      return answer.text
    case 'translate':
      return Object.entries(answer.texts).map(([language, text]) => `[${language}] ${text}`).join(' ') // prettier-ignore
    case 'second-opinion':
      return Object.entries(answer.fits).map(([genre, fits]) => `${genre} ${fits}`).join(', ') // prettier-ignore
    case 'plot': {
      const { found, doubt } = answer
      if (found === null) return `no plot: ${doubt}`
      const source = `[${found.id}, ${found.title}${found.year === null ? '' : `, ${found.year}`}]`
      return `${source} ${found.plot}${doubt === null ? '' : `  CHECK: ${doubt}`}`
    }
    case 'zero-shot': {
      const p = answer.probabilities ?? {}
      return answer.genres.map((genre) => (p[genre] === undefined ? genre : `${genre} ${percent(p[genre])}`)).join(', ') || 'no genre'
    }
  }
}
