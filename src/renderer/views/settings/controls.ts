/** The controls of the settings, by group: the table that the screen of settings shows. */
import type { SettingName } from '../../../contract/settings.ts'
import { m } from '../../messages/index.ts'

export type Control =
  | { readonly kind: 'choice'; readonly options: Readonly<Record<string, string>> }
  | { readonly kind: 'number'; readonly max: number; readonly empty?: string }
  /** `empty`: what an empty text means. */
  | { readonly kind: 'text'; readonly max: number; readonly empty: string }
  | { readonly kind: 'switch' }
  | { readonly kind: 'keys' }

const text = m.settings
const LOCALES = ['en-GB', 'en-US', 'de-DE', 'de-CH', 'fr-FR', 'es-ES', 'it-IT', 'nl-NL', 'pl-PL', 'pt-BR', 'sv-SE', 'ja-JP', 'zh-CN']
const nameOf = new Intl.DisplayNames('en-GB', { type: 'language' })
const locales = Object.fromEntries(LOCALES.map((tag) => [tag, nameOf.of(tag) ?? tag]))

/** Groups in the order of the screen; groups without settings show something of their own. */
export const SETTING_GROUPS = {
  person: ['annotator'],
  appearance: ['theme', 'density', 'locale'],
  training: ['trainingThreads', 'trainingDevice'],
  backups: ['automaticBackups', 'hourlyBackups', 'dailyBackups'],
  notifications: ['notifications'],
  updates: ['updateAddress'],
  models: [],
  services: [],
  workers: [],
  folders: [],
  keys: ['keys'],
} as const satisfies Readonly<Record<string, readonly SettingName[]>>
export type SettingGroup = keyof typeof SETTING_GROUPS

export const CONTROLS: Readonly<Record<SettingName, Control>> = {
  theme: { kind: 'choice', options: text.themes },
  density: { kind: 'choice', options: text.densities },
  locale: { kind: 'choice', options: { system: text.system, ...locales } },
  keys: { kind: 'keys' },
  annotator: { kind: 'text', max: 80, empty: text.systemUser },
  trainingThreads: { kind: 'number', max: 256, empty: text.onePerCore },
  trainingDevice: { kind: 'choice', options: m.recipe.devices },
  automaticBackups: { kind: 'switch' },
  hourlyBackups: { kind: 'number', max: 500 },
  dailyBackups: { kind: 'number', max: 500 },
  notifications: { kind: 'switch' },
  updateAddress: { kind: 'text', max: 500, empty: text.noAddress },
}
/** A value in words, for the line of the default. */
export function valueInWords(name: SettingName, value: unknown): string {
  const control = CONTROLS[name]
  if (control.kind === 'choice') return control.options[String(value)] ?? String(value)
  if (control.kind === 'switch') return value === true ? text.on : text.off
  if (value === '' && control.kind === 'text') return control.empty
  return value === null && control.kind === 'number' ? (control.empty ?? '') : String(value)
}
