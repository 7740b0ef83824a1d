/** The settings of the program: a small file in the data folder, readable by its owner only. */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import {
  DEFAULTS,
  MAX_STATE_NAMES,
  SETTING_NAMES,
  SETTINGS_PATCH,
  WINDOW_STATE,
  type SettingName,
  type Settings,
  type SettingsPatch,
  type WindowState,
} from '../../contract/settings.ts'
import { writeFileAtomically } from './atomic.ts'
import { withDiskErrors } from './disk-errors.ts'
import { jsonIn } from './read.ts'

/** Only settings that differ from their defaults are in the file. Those of a newer version stay in it. */
const FILE = z.strictObject({
  reelabel: z.literal('settings'),
  version: z.literal(1),
  settings: SETTINGS_PATCH.loose(),
  state: WINDOW_STATE,
})
type File = z.output<typeof FILE>
/** The file's form before it had a version. */
const UNVERSIONED = z.strictObject({ automaticBackups: z.boolean().optional() })
const ANY = z.union([FILE, UNVERSIONED.transform((settings): File => ({ reelabel: 'settings', version: 1, settings, state: {} }))])
const EMPTY: File = { reelabel: 'settings', version: 1, settings: {}, state: {} }

export class SettingsFile {
  readonly path: string
  /** The version of the file that was read last. */
  #read: { readonly version: string; readonly file: File | null } | null = null
  /** The file cannot be read. */
  #damaged = false
  /** Where the unreadable file was moved to. */
  #kept: string | null = null

  /** `path` need not exist yet. */
  constructor(path: string) {
    this.path = path
  }
  /** The problem that the file has or had; null if there is none. */
  get problem(): string | null {
    this.#file()
    if (this.#damaged)
      return `The settings in ${this.path} cannot be read, so all settings have their defaults. The next change keeps the file as ${basename(this.path)}.damaged.`
    return (
      this.#kept &&
      `The settings could not be read, so all settings began with their defaults. The unreadable file is kept as ${this.#kept}.`
    )
  }
  get settings(): Settings {
    return { ...DEFAULTS, ...known(this.#file().settings) }
  }
  get state(): WindowState {
    return this.#file().state
  }
  /** Sets `values`, and the settings in `reset` to their defaults. @throws UserError if the file cannot be written */
  set(values: SettingsPatch, reset: readonly SettingName[] = []): Promise<void> {
    const file = this.#file()
    const settings = Object.entries({ ...file.settings, ...values }).filter(
      ([name, value]) =>
        value !== undefined &&
        !reset.includes(name as SettingName) &&
        JSON.stringify(value) !== JSON.stringify(DEFAULTS[name as SettingName]),
    )
    return this.#write({ ...file, settings: Object.fromEntries(settings) })
  }
  /** Sets some of the window's state; null removes a value. @throws UserError `too-much-state`, or if the file cannot be written */
  remember(some: WindowState): Promise<void> {
    const file = this.#file()
    const state = Object.fromEntries(Object.entries({ ...file.state, ...some }).filter(([, value]) => value !== null))
    if (Object.keys(state).length > MAX_STATE_NAMES)
      throw new UserError('too-much-state', `The window keeps at most ${MAX_STATE_NAMES} values. This one was not kept.`)
    return this.#write({ ...file, state })
  }
  /** Reads the file again if another program has replaced it. Cached, because each decision asks for the annotator. */
  #file(): File {
    const file = existsSync(this.path) ? this.#present() : EMPTY
    this.#damaged = file === null
    return file ?? EMPTY
  }
  #present(): File | null {
    // it is always replaced, so that another version is another inode
    const { ino, size, mtimeNs } = statSync(this.path, { bigint: true })
    const version = `${ino} ${size} ${mtimeNs}`
    if (this.#read?.version !== version) this.#read = { version, file: jsonIn(this.path, ANY) }
    return this.#read.file
  }
  async #write(file: File): Promise<void> {
    await withDiskErrors(this.path, () => {
      mkdirSync(dirname(this.path), { recursive: true })
      if (this.#damaged) this.#setAside()
      writeFileAtomically(this.path, `${JSON.stringify(file, null, 1)}\n`, 0o600)
    })
  }
  /** The unreadable file may still be useful to the analyst. */
  #setAside(): void {
    this.#kept = `${this.path}.damaged`
    renameSync(this.path, this.#kept)
    this.#damaged = false
  }
}

const known = (settings: File['settings']): Partial<Settings> =>
  Object.fromEntries(SETTING_NAMES.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]])))
