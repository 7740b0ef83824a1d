/** The settings of the program, and small state of the window that outlives it. */
import {
  DEFAULTS,
  type SettingName,
  type Settings,
  type SettingsInfo,
  type SettingsPatch,
  type UpdateCheck,
  type WindowState,
} from '../../contract/settings.ts'
import type { ProjectApi } from './project-api.ts'

/** A JSON value of the window's state. */
export type StateValue = WindowState[string]

/** True for a list of texts, such as paths. */
export const isTexts = (v: StateValue): v is string[] => Array.isArray(v) && v.every((text) => typeof text === 'string')

export class SettingsStore {
  /** The text that the screen of settings searches for. */
  search = $state('')
  #info = $state.raw<SettingsInfo | null>(null)
  /** The engine's settings, with new values that it has not confirmed yet. */
  #state = $state.raw<WindowState>({})
  /** Values that the engine has not confirmed yet: its events may still have older ones. */
  #unconfirmed: Readonly<Record<string, { readonly value: StateValue }>> = {}

  /**
   * @param isNative true under Electron
   * @param trainingChanged called when the defaults of trainings have changed
   * @param annotatorChanged called when another person decides
   */
  constructor(
    private readonly api: ProjectApi,
    private readonly isNative = false,
    private readonly trainingChanged: () => void = () => undefined,
    private readonly annotatorChanged: () => void = () => undefined,
  ) {
    api.on('settings', (info) => this.#take(info))
  }
  /** Asks for the newest version; null if that failed, which is shown. */
  async checkForUpdates(): Promise<UpdateCheck | null> {
    let found: UpdateCheck | null = null
    await this.api.ask('settings.checkForUpdates', {}, (check) => (found = check))
    return found
  }
  async load(): Promise<void> {
    await this.api.ask('settings.get', {}, (info) => this.#take(info))
  }
  /** Null until they are read. */
  get info(): SettingsInfo | null {
    return this.#info
  }
  get values(): Settings {
    return this.#info?.settings ?? DEFAULTS
  }
  /** True if notifications can be shown; a browser asks the analyst. */
  async mayNotify(): Promise<boolean> {
    return this.isNative || (await Notification.requestPermission()) === 'granted'
  }
  async set(values: SettingsPatch): Promise<void> {
    await this.api.ask('settings.set', { values }, (info) => this.#take(info))
  }
  async reset(...names: SettingName[]): Promise<void> {
    await this.api.ask('settings.set', { reset: names }, (info) => this.#take(info))
  }
  /** A value that the window has kept with {@link remember}; `otherwise` if there is none, or it is not as expected. */
  recall<T extends StateValue>(name: string, isValid: (value: StateValue) => value is T, otherwise: T): T {
    const value = this.#state[name]
    return value !== undefined && isValid(value) ? value : otherwise
  }
  /** Keeps a value for the next start of the window; null forgets it. It can be recalled at once. */
  async remember(name: string, value: StateValue): Promise<void> {
    const kept = { value }
    this.#unconfirmed = { ...this.#unconfirmed, [name]: kept }
    this.#state = { ...this.#state, [name]: value }
    await this.api.ask('settings.remember', { state: { [name]: value } })
    const { [name]: last, ...others } = this.#unconfirmed
    if (last === kept) this.#unconfirmed = others
  }
  #take(info: SettingsInfo): void {
    const before = this.#info?.settings
    this.#info = info
    const { annotator, trainingDevice, trainingThreads } = info.settings
    if (before && (before.trainingDevice !== trainingDevice || before.trainingThreads !== trainingThreads)) this.trainingChanged()
    if (before && before.annotator !== annotator) this.annotatorChanged()
    this.#state = { ...info.state, ...Object.fromEntries(Object.entries(this.#unconfirmed).map(([name, { value }]) => [name, value])) }
  }
}
