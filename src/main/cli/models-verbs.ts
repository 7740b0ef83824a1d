import { resultOf } from '../../contract/events.ts'
import type { Command } from 'commander'
import { resolve } from 'node:path'
import type { HubModel, ModelEntry } from '../../contract/models.ts'
import { MODEL_EXPORTS, type ModelExport } from '../../contract/training.ts'
import { count } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { oneOf, wholeNumber } from './arguments.ts'
import { table } from './print.ts'
import { finish, onEngine, onProject, verb } from './with-engine.ts'

interface Json {
  readonly json?: boolean
}
interface Asking extends Json {
  readonly yes?: boolean
}

/** `models`: the library of transformers, the Hub, and trained models as files. */
export function modelsVerbs(program: Command): void {
  const models = program.command('models').description('manage transformers of this machine and of the Hub; export trained ones')
  const asking = (command: Command): Command => command.option('--yes', 'agree to what is sent; without this option it is only shown')
  verb(models, 'list', 'list the models that can be trained on this machine').action(onEngine(list))
  verb(models, 'add', 'add a folder in the layout of Hugging Face or PEFT to the library; it stays where it is')
    .argument('<folder>')
    .option('--base <model>', 'base model of an adapter: an id of the library or a folder (default: as its configuration says)')
    .action(onEngine(add))
  verb(models, 'remove', 'remove a folder from the library; delete a downloaded model').argument('<id>').action(onEngine(remove))
  asking(verb(models, 'search', 'search the Hub for models').argument('<words...>')).action(onEngine(search))
  asking(verb(models, 'download', 'download a model from the Hub').argument('<id>')).action(onEngine(download))
  verb(models, 'devices', 'list the devices that can compute on this machine').action(onEngine(devices))
  verb(models, 'settings', 'show or change the settings of the library')
    .addOption(oneOf('--offline <when>', 'on: neither the Hub nor a service is contacted', ['on', 'off']))
    .action(onEngine(settings))
  verb(models, 'export', 'export the model of a run to a new folder')
    .argument('<project>')
    .requiredOption('--run <n>', 'run number', wholeNumber)
    .requiredOption('--out <folder>', 'new folder')
    .addOption(oneOf('--what <what>', 'a PEFT adapter, a folder that Transformers loads, or an .onnx graph', MODEL_EXPORTS, 'merged'))
    .action(onProject(exportModel))
}

const megabytes = (bytes: number | null): string => (bytes === null ? '' : `${count(Math.ceil(bytes / 1e6))} MB`)

const listText = (models: readonly ModelEntry[]): string =>
  table(
    ['id', 'family', 'from', 'size', 'licence', ''],
    models.map((m) => [m.id, m.architecture, m.base === null ? m.source : `adapter of ${m.base}`, megabytes(m.bytes), m.license ?? '', m.problem ?? '']), // prettier-ignore
  )
const searchText = (models: readonly HubModel[]): string =>
  models.length === 0
    ? 'No model of that name.'
    : table(
        ['id', 'family', 'size', 'licence', 'downloads', ''],
        models.map((m) => [m.id, m.architecture ?? '', megabytes(m.bytes), m.license ?? '', count(m.downloads), m.problem ?? '']),
      )

async function list(engine: Engine, o: Json): Promise<void> {
  const models = await engine.call('models.list', {})
  printResult(o, models, () => listText(models))
}

async function add(engine: Engine, folder: string, o: Json & { readonly base?: string }): Promise<void> {
  const entry = await engine.call('models.add', { path: resolve(folder), base: o.base ?? null })
  const what = entry.base === null ? entry.name : `${entry.name}, an adapter of ${entry.base},`
  printResult(o, entry, () => `${what} is in the library as ${entry.id}.`)
}

async function remove(engine: Engine, id: string, o: Json): Promise<void> {
  await engine.call('models.remove', { id })
  printResult(o, { removed: id }, () => `${id} is not in the library any more.`)
}

async function search(engine: Engine, words: readonly string[], o: Asking): Promise<void> {
  const found = await engine.call('models.search', { query: words.join(' '), consent: o.yes === true })
  printResult(o, found, () => searchText(found))
}

async function download(engine: Engine, id: string, o: Asking): Promise<void> {
  const end = await finish(engine, () => engine.call('models.download', { id, consent: o.yes === true }), o)
  const entry = (await engine.call('models.list', {})).find((m) => m.id === id) ?? null
  printResult(o, entry, () => end.message)
}

async function devices(engine: Engine, o: Json): Promise<void> {
  const found = await engine.call('models.devices', {})
  printResult(o, found, () => table(['device', 'name', '', ''], found.map((d) => [d.name, d.label, d.available ? '' : 'not available', d.note]))) // prettier-ignore
}

async function settings(engine: Engine, o: Json & { readonly offline?: 'on' | 'off' }): Promise<void> {
  const now = await engine.call('models.settings', o.offline === undefined ? {} : { offline: o.offline === 'on' })
  const hub = now.offline ? `The Hub is not asked${now.forced === null ? '' : ` (${now.forced})`}.` : `Models come from ${now.hub}.`
  printResult(o, now, () => `${hub} Downloaded models are in ${now.folder} (${megabytes(now.bytes)}).`)
}

async function exportModel(
  engine: Engine,
  o: Json & { readonly run: number; readonly out: string; readonly what: ModelExport },
): Promise<void> {
  const start = () => engine.call('models.export', { run: o.run, what: o.what, folder: resolve(o.out) })
  const end = await finish(engine, start, o)
  const made = resultOf('export-model', end)
  printResult(o, made, () => [end.message, ...made.files.map((f) => `${f.name}  ${count(f.bytes)} bytes`)].join('\n'))
}
