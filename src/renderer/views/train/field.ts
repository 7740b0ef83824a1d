/** Fields of a recipe as data: what the settings of either family show, in the order they are shown. */
import type { RunConfig } from '../../../contract/records.ts'
import { has, valueAt, type Patch } from '../../stores/recipe-logic.ts'

interface Common<C extends RunConfig> {
  /** Path of the value that it sets, such as `lora.rank`; of a choice that sets several, of the first. */
  readonly key: string
  readonly label: string
  /** One sentence, without its full stop. */
  readonly help: string
  /** Whether it means anything with the other settings as they are. */
  readonly when?: (config: C) => boolean
}
export type Field<C extends RunConfig = RunConfig> = NumberField<C> | ChoiceField<C> | NamesField<C>
export interface NumberField<C extends RunConfig = RunConfig> extends Common<C> {
  readonly kind: 'number'
  readonly min: number
  readonly max: number
  readonly step: number | 'any'
  /** What an empty field means, where it may be empty (null). */
  readonly empty?: string
}
export interface ChoiceField<C extends RunConfig = RunConfig> extends Common<C> {
  readonly kind: 'choice'
  readonly choices: readonly Choice[]
}
/** A list of names; free ones may be added. */
export interface NamesField<C extends RunConfig = RunConfig> extends Common<C> {
  readonly kind: 'names'
  readonly options: readonly string[]
  readonly empty: string
}
export interface Choice {
  readonly label: string
  readonly patch: Patch
}
export interface Group<C extends RunConfig = RunConfig> {
  readonly title: string
  readonly fields: readonly Field<C>[]
  /** Folded away. */
  readonly advanced: readonly Field<C>[]
}

/** The choice that the recipe has, or -1 for a value that is not among them. */
export const chosen = (choices: readonly Choice[], config: RunConfig): number => choices.findIndex((c) => has(config, c.patch))
/** What a number field shows. */
export const numberIn = (config: RunConfig, key: string): number | null => {
  const value = valueAt(config, key)
  return typeof value === 'number' ? value : null
}
export const namesIn = (config: RunConfig, key: string): readonly string[] => {
  const value = valueAt(config, key)
  return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : []
}
