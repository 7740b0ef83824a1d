/** Keys of actions: the defaults, or those that the analyst chose in the settings. */
import type { SettingsStore } from './settings.svelte.ts'

/** Where keys of a table act. Those of `everywhere` act in addition to those of a screen. */
export type Where = 'everywhere' | 'review' | 'sweep'
/** One action and its default keys. */
export interface KeyLine<T> {
  /** Under which the settings keep its keys. */
  readonly id: string
  readonly keys: readonly string[]
  readonly does: string
  /** Acts once while the key is held down. */
  readonly once?: true
  readonly run: (on: T) => unknown
}
type Line = KeyLine<never>
export type KeyTables = Readonly<Record<Where, readonly Line[]>>

const NAMES: Readonly<Record<string, string>> = { ' ': 'Space', ArrowDown: '↓', ArrowUp: '↑', ArrowRight: '→', ArrowLeft: '←' }
const ARIA = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [name, key === ' ' ? name : key]))
const MODIFIERS = ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph']

/** A key press as it is written: `Shift+A`, `Ctrl+K` (on a Mac also with Command), `?`; null for a modifier alone. */
export function keyOf(e: KeyboardEvent): string | null {
  if (MODIFIERS.includes(e.key)) return null
  const name = NAMES[e.key] ?? (e.key.length === 1 ? e.key.toUpperCase() : e.key)
  // a sign such as ? is typed with Shift on some keyboards and without it on others
  const shift = e.shiftKey && (e.key.length > 1 || name.length > 1 || name !== name.toLowerCase())
  return `${e.ctrlKey || e.metaKey ? 'Ctrl+' : ''}${e.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${name}`
}
/** True for a key that acts in a text field, too. */
export const isChord = (key: string): boolean => /^(Ctrl|Alt)\+|^F\d/.test(key)

export class Keymap {
  #tables: KeyTables = { everywhere: [], review: [], sweep: [] }
  constructor(private readonly settings: SettingsStore) {}
  /** Call this before keys are asked for. */
  define(tables: KeyTables): void {
    this.#tables = tables
  }
  get tables(): KeyTables {
    return this.#tables
  }
  of({ id, keys }: Line): readonly string[] {
    return this.settings.values.keys[id] ?? keys
  }
  isChanged({ id }: Line): boolean {
    return this.settings.values.keys[id] !== undefined
  }
  /** The action of a key press. Without an action of its own, a key with Shift does what it does alone. */
  find<T>(lines: readonly KeyLine<T>[], e: KeyboardEvent): KeyLine<T> | undefined {
    const key = keyOf(e)
    if (key === null) return undefined
    const having = (wanted: string) => lines.find((line) => this.of(line).includes(wanted))
    return having(key) ?? (isChord(key) ? undefined : having(key.replace('Shift+', '')))
  }
  #keys(id: string): readonly string[] {
    const line = Object.values(this.#tables)
      .flat()
      .find((l) => l.id === id)
    return line ? this.of(line) : []
  }
  /** The shortest key of an action, for its button; empty if it has none. */
  shown(id: string): string {
    return shownKey(this.#keys(id).toSorted((a, b) => a.length - b.length)[0] ?? '')
  }
  /** The keys of an action for `aria-keyshortcuts`; undefined if it has none. */
  aria(id: string): string | undefined {
    const keys = this.#keys(id).map((key) =>
      key
        .split(/(?<=.)\+/)
        .map((part) => (part === 'Ctrl' ? 'Control' : (ARIA[part] ?? part)))
        .join('+'),
    )
    return keys.join(' ') || undefined
  }
  /** Letters that are keys of Review, in lower case: no genre gets one of them. */
  get letters(): string {
    return this.#tables.review
      .flatMap((line) => this.of(line))
      .filter((key) => key.length === 1)
      .join('')
      .toLowerCase()
  }
  /** The other actions that this key would reach at the same place. */
  conflicts(line: Line, key: string): readonly Line[] {
    const where = (Object.keys(this.#tables) as Where[]).find((w) => this.#tables[w].includes(line))
    const near = Object.entries(this.#tables).filter(([w]) => where === 'everywhere' || w === where || w === 'everywhere')
    return near.flatMap(([, lines]) => lines).filter((other) => other !== line && this.of(other).includes(key))
  }
  /** Gives an action these keys, and takes them from the actions in conflict. */
  async set(line: Line, keys: readonly string[]): Promise<void> {
    const changed: Record<string, string[]> = { [line.id]: [...keys] }
    for (const key of keys)
      for (const other of this.conflicts(line, key)) changed[other.id] = (changed[other.id] ?? this.of(other)).filter((k) => k !== key)
    await this.settings.set({ keys: { ...this.settings.values.keys, ...changed } })
  }
  async reset(line: Line): Promise<void> {
    const others = Object.entries(this.settings.values.keys).filter(([id]) => id !== line.id)
    await this.settings.set({ keys: Object.fromEntries(others) })
  }
}
/** A key as a button shows it. */
export const shownKey = (key: string): string => key.replace('Shift+', '⇧').replace('Escape', 'Esc')
