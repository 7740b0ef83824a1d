/** Settings of the program, and small state of the window, which browser storage would lose when the host's port changes. */
import { z } from 'zod'
import { appMethod, type } from './method.ts'
import { DEVICES } from './models.ts'

/** A setting: the schema of its values, and the value until the analyst chooses one. */
const setting = <S extends z.ZodType>(schema: S, byDefault: z.output<S>) => ({ schema, byDefault })

/** True for a language tag (BCP 47) that `Intl` accepts, such as `de-CH`. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
/** Name of a person who decides, as the change log keeps it. */
export const PERSON = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}*$/u, 'a name has no control characters')

/** Copies of one reason that are kept. */
const copies = z.int().min(1).max(500)

/**
 * Keys by action, see `renderer/actions`. A key is written as in the dialog of keyboard shortcuts: `Ctrl+K`, `Shift+A`. An empty list: the
 * action has no key. Actions that are not listed have their default keys.
 */
const KEYS = z.record(z.string().regex(/^[a-z][\w.-]{0,63}$/i), z.array(z.string().min(1).max(40)).max(6))

/** Every setting. The window and the command line list them in this order. */
export const SETTINGS = {
  theme: setting(z.enum(['system', 'light', 'dark']), 'system'),
  density: setting(z.enum(['comfortable', 'compact']), 'comfortable'),
  /** Language tag of numbers and dates; `system`: that of the machine. The texts are English. */
  locale: setting(z.literal('system').or(z.string().max(35).refine(isLocale, 'write system or a language tag such as de-CH')), 'en-GB'),
  keys: setting(KEYS, {}),
  /** Name under which decisions enter the change log; empty: the name of the system's user. */
  annotator: setting(z.literal('').or(PERSON), ''),
  /** CPU threads of a new transformer recipe; null: one per core. */
  trainingThreads: setting(z.int().min(1).max(256).nullable(), null),
  /** Device of a new transformer recipe. */
  trainingDevice: setting(z.enum(DEVICES), 'auto'),
  automaticBackups: setting(z.boolean(), true),
  hourlyBackups: setting(copies, 24),
  dailyBackups: setting(copies, 14),
  /** Notifications of the system when a long job ends while the window is in the background. */
  notifications: setting(z.boolean(), false),
  /** Where to ask for the newest version, when the analyst asks; empty: nowhere. */
  updateAddress: setting(
    z.literal('').or(z.url({ protocol: /^https?$/, error: 'write an address that begins with https://' }).max(500)),
    '',
  ),
} as const

export type SettingName = keyof typeof SETTINGS
export type Settings = { readonly [K in SettingName]: z.output<(typeof SETTINGS)[K]['schema']> }
/** New values of some settings. */
export type SettingsPatch = { readonly [K in SettingName]?: Settings[K] | undefined }
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]
export const DEFAULTS = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].byDefault])) as unknown as Settings

/** Some settings, each optional. Members that are not settings are refused. */
export const SETTINGS_PATCH = z.strictObject(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].schema.optional()])) as unknown as {
    [K in SettingName]: z.ZodOptional<(typeof SETTINGS)[K]['schema']>
  },
)

/** Limits of the window's state: names, and characters of the JSON text of a value. */
export const MAX_STATE_NAMES = 200
export const MAX_STATE_CHARACTERS = 16_384

const stateName = z.string().regex(/^[a-z][\w./-]{0,199}$/i, 'write letters, digits and . / - _, at most 200')
const stateValue = z
  .json()
  .refine((v) => JSON.stringify(v).length <= MAX_STATE_CHARACTERS, `longer than ${MAX_STATE_CHARACTERS} characters`)
/** Small JSON values by name, such as `panes.review` or `projects.pinned`: each screen chooses its names and checks what it reads. */
export const WINDOW_STATE = z.record(stateName, stateValue)
export type WindowState = z.output<typeof WINDOW_STATE>

/** A folder of the program. */
export interface ProgramFolder {
  readonly id: 'data' | 'projects' | 'deleted' | 'models' | 'runs' | 'cache'
  readonly path: string
}
export interface SettingsInfo {
  readonly settings: Settings
  readonly state: WindowState
  /** File of settings and window state. It does not exist before the first change. */
  readonly file: string
  /** The problem that the file has or had, and where the file is kept; null if there is none. */
  readonly problem: string | null
  readonly folders: readonly ProgramFolder[]
}

/** The result of a check for updates. */
export interface UpdateCheck {
  /** Of this program. */
  readonly version: string
  /** Null if there is no address to ask: nothing was sent. */
  readonly newest: string | null
  /** True if `newest` is newer than this program. */
  readonly isNewer: boolean
}

export const SETTINGS_METHODS = {
  'settings.get': appMethod({}, type<SettingsInfo>()),
  /** Changes some settings; `reset` sets others to their defaults. Other clients receive the event `settings`. */
  'settings.set': appMethod(
    { values: SETTINGS_PATCH.default({}), reset: z.array(z.enum(SETTING_NAMES)).default([]) },
    type<SettingsInfo>(),
  ),
  /** Asks the address in the settings for the newest version; never done unasked. @throws UserError `offline`, `unsafe-address`, `no-update-answer` */
  'settings.checkForUpdates': appMethod({}, type<UpdateCheck>()),
  /** Changes some of the window's state; null removes a value. Other clients receive the event `settings`. @throws UserError `too-much-state` */
  'settings.remember': appMethod({ state: WINDOW_STATE }, type<SettingsInfo>()),
}
