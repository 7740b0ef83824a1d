import type { Command } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { DEFAULTS, SETTING_NAMES, SETTINGS, type SettingName, type SettingsInfo } from '../../contract/settings.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { table } from './print.ts'
import { onEngine, verb } from './with-engine.ts'

interface Json {
  readonly json?: boolean
}

/** `settings`: show, change and reset the settings of the program. */
export function settingsVerbs(program: Command): void {
  const settings = program.command('settings').description('show or change the settings of the program')
  verb(settings, 'list', 'list all settings with their defaults').action(onEngine(list))
  verb(settings, 'get', 'print a setting').argument('<name>').action(onEngine(get))
  verb(settings, 'set', 'change a setting')
    .argument('<name>')
    .argument('<value>', 'text, or JSON such as 4, true, null')
    .action(onEngine(set))
  verb(settings, 'check-for-updates', 'ask the updateAddress for the newest version').action(onEngine(checkForUpdates))
  verb(settings, 'reset', 'set settings to their defaults').argument('[names...]', 'all without names').action(onEngine(reset))
}

const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
/** @throws UserError `bad-arguments` */
function known(name: string): SettingName {
  const found = SETTING_NAMES.find((n) => n === name)
  if (found) return found
  throw new UserError('bad-arguments', `there is no setting "${name}": choose one of ${SETTING_NAMES.join(', ')}`)
}
/** The value in JSON, where it is some; else the text itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function list(engine: Engine, o: Json): Promise<void> {
  const info = await engine.call('settings.get', {})
  printResult(o, info.settings, () => listText(info))
}
function listText({ settings, file, problem }: SettingsInfo): string {
  const rows = SETTING_NAMES.map((name) => [name, inWords(settings[name]), inWords(DEFAULTS[name])])
  return `${table(['setting', 'value', 'default'], rows)}\n\nIn ${file}.${problem === null ? '' : ` ${problem}`}`
}
async function get(engine: Engine, name: string, o: Json): Promise<void> {
  const value = (await engine.call('settings.get', {})).settings[known(name)]
  printResult(o, value, () => inWords(value))
}
async function set(engine: Engine, name: string, text: string, o: Json): Promise<void> {
  const setting = known(name)
  const problem = SETTINGS[setting].schema.safeParse(parsed(text)).error?.issues[0]?.message
  if (problem !== undefined) throw new UserError('bad-arguments', `${setting}: ${problem}`)
  const { settings } = await engine.call('settings.set', { values: { [setting]: parsed(text) } })
  printResult(o, settings[setting], () => `${setting}: ${inWords(settings[setting])}`)
}
async function reset(engine: Engine, names: readonly string[], o: Json): Promise<void> {
  const info = await engine.call('settings.set', { reset: names.length === 0 ? [...SETTING_NAMES] : names.map(known) })
  printResult(o, info.settings, () => listText(info))
}
async function checkForUpdates(engine: Engine, o: Json): Promise<void> {
  const check = await engine.call('settings.checkForUpdates', {})
  const { version, newest, isNewer } = check
  printResult(o, check, () => {
    if (newest === null) return `This is version ${version}. The setting updateAddress is empty, so nothing was asked.`
    return isNewer ? `Version ${newest} is there; this is ${version}.` : `This is version ${version}, the newest one.`
  })
}
