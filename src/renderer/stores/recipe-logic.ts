/** Editing of recipes, and names of runs and models. */
import type { TrainMode, TransformerConfig } from '../../contract/models.ts'
import type { RunConfig, RunInfo } from '../../contract/records.ts'
import { fixed } from '../messages/format.ts'
import { m } from '../messages/index.ts'

/** A change of a recipe; missing values stay as they are. */
export type Patch = Readonly<Record<string, unknown>>
/** Id of the linear family in the picker; other choices are ids of models. */
export const LINEAR = 'linear'

const isGroup = (v: unknown): v is Patch => typeof v === 'object' && v !== null && !Array.isArray(v)

/** The recipe with a change applied, group by group; lists are replaced as a whole. */
export function merged<T extends object>(config: T, patch: Patch): T {
  const result = { ...config } as Record<string, unknown>
  for (const [key, value] of Object.entries(patch)) {
    const old = result[key]
    result[key] = isGroup(old) && isGroup(value) ? merged(old, value) : value
  }
  return result as T
}
/** The value at a path such as `lora.rank`. */
export const valueAt = (config: object, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (isGroup(at) ? at[key] : undefined), config)
/** The change that sets the value at a path. */
export const patchAt = (path: string, value: unknown): Patch =>
  path.split('.').reduceRight<unknown>((v, key) => ({ [key]: v }), value) as Patch
/** True if the change would not alter the recipe. */
export const has = (config: object, patch: Patch): boolean =>
  Object.entries(patch).every(([key, value]) => {
    const now = (config as Patch)[key]
    return isGroup(value) && isGroup(now) ? has(now, value) : JSON.stringify(now) === JSON.stringify(value)
  })

/** The picker's choice for this recipe; ensembles are not picked there. */
export const choiceOf = (config: RunConfig): string => {
  if (config.family !== 'transformer') return config.family
  return config.model.source === 'scratch' ? 'scratch' : config.model.id
}

export const MODES: Readonly<Record<TrainMode, string>> = m.runs.modes
const modeInWords = (c: TransformerConfig): string => (c.mode === 'top' ? m.runs.topLayers(c.topLayers) : MODES[c.mode])
const lastPart = (id: string): string => id.slice(id.lastIndexOf('/') + 1)

/** `Linear`, `Small transformer`, `distilbert-base-uncased, LoRA`. */
export function modelInWords(config: RunConfig): string {
  if (config.family === 'linear') return m.runs.linear
  if (config.family === 'ensemble') return m.runs.ensemble[config.how](config.runs.join(', '))
  return config.model.source === 'scratch' ? m.runs.small : `${lastPart(config.model.id)}, ${modeInWords(config)}`
}
/** `Run 3 (Linear)` */
export const runWithModel = (r: Pick<RunInfo, 'id' | 'config'>): string => m.runs.nameWithModel(r.id, modelInWords(r.config))

export const architectureInWords = (name: string): string =>
  (m.runs.architectures as Readonly<Record<string, string | undefined>>)[name] ?? name
/** `66 million parameters`. */
export function parametersInWords(n: number): string {
  if (n >= 1e9) return m.runs.billionParameters(digits(n / 1e9))
  if (n >= 1e6) return m.runs.millionParameters(digits(n / 1e6))
  return m.runs.parameters(n >= 1e3 ? Math.round(n / 1e3) * 1e3 : n)
}
const digits = (n: number): string => fixed(n, n < 10 ? 1 : 0)
