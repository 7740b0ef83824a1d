/** The settings of a training as data: the fields that the window shows for either family of models, in the order it shows them. */
import type { DeviceInfo, TransformerConfig } from '../../../contract/models.ts'
import { LINEAR_MEMBERS, type LinearConfig, type RunConfig } from '../../../contract/records.ts'
import { m } from '../../messages/index.ts'
import { has, patchAt, valueAt, type Patch } from '../../stores/recipe-logic.ts'

interface Common<C extends RunConfig> {
  /** Path of the value, such as `lora.rank`. A choice that sets several values has the path of the first. */
  readonly key: string
  readonly label: string
  /** One sentence, without its full stop. */
  readonly help: string
  /** Returns false if the field has no effect with the other settings as they are. */
  readonly when?: (config: C) => boolean
}
export type Field<C extends RunConfig = RunConfig> = NumberField<C> | ChoiceField<C> | NamesField<C>
export interface NumberField<C extends RunConfig = RunConfig> extends Common<C> {
  readonly kind: 'number'
  readonly min: number
  readonly max: number
  readonly step: number | 'any'
  /** The meaning of an empty field, if it may be empty (null). */
  readonly empty?: string
}
export interface ChoiceField<C extends RunConfig = RunConfig> extends Common<C> {
  readonly kind: 'choice'
  readonly choices: readonly Choice[]
}
/** A list of names, which accepts names that are not an option. */
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
  /** Hidden until the user opens the advanced settings. */
  readonly advanced: readonly Field<C>[]
}

/** Index of the choice that the recipe has, or -1 if its value is not one of them. */
export const chosen = (choices: readonly Choice[], config: RunConfig): number => choices.findIndex((c) => has(config, c.patch))
/** The number at a path of the recipe; null if there is none. */
export const numberIn = (config: RunConfig, key: string): number | null => {
  const value = valueAt(config, key)
  return typeof value === 'number' ? value : null
}
/** The list of names at a path of the recipe; empty if there is none. */
export const namesIn = (config: RunConfig, key: string): readonly string[] => {
  const value = valueAt(config, key)
  return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : []
}

const text = m.recipe
type Key = keyof typeof text.fields
type When = (c: TransformerConfig) => boolean

function int<C extends RunConfig = TransformerConfig>(key: Key, min: number, max: number, when?: (c: C) => boolean): NumberField<C> {
  return { kind: 'number', key, ...text.fields[key], min, max, step: 1, ...(when && { when }) }
}
function real<C extends RunConfig = TransformerConfig>(key: Key, min: number, max: number, when?: (c: C) => boolean): NumberField<C> {
  return { ...int(key, min, max, when), step: 'any' }
}
function choice<C extends RunConfig = TransformerConfig>(key: Key, choices: readonly Choice[], when?: (c: C) => boolean): ChoiceField<C> {
  return { kind: 'choice', key, ...text.fields[key], choices, ...(when && { when }) }
}
/** The choices of an enumerated value: each label's key is the value. */
const each = (key: keyof typeof text.options): readonly Choice[] =>
  Object.entries(text.options[key]).map(([value, label]) => ({ label, patch: patchAt(key, value) }))

const chars = (a: number, b: number): Choice => ({ label: text.characters(a, b), patch: { charNgrams: [a, b] } })
const most = (n: number): Choice => ({ label: text.atMost(n), patch: { maxFeatures: n } })

const columnsField = <C extends RunConfig>(options: readonly string[]): NamesField<C> => ({
  kind: 'names',
  key: 'columns',
  ...text.fields.columns,
  options,
  when: () => options.length > 0,
})

/** Any word may be entered. */
const dropWordsField = <C extends RunConfig>(): NamesField<C> => ({
  kind: 'names',
  key: 'dropWords',
  ...text.fields.dropWords,
  options: [],
})

/** The fields of the linear family. @param columns original columns that it may read */
export const linearFields = (columns: readonly string[]): readonly Field<LinearConfig>[] => [
  choice(
    'ratioShare',
    Object.entries(LINEAR_MEMBERS).map(([name, patch]) => ({ label: text.members[name as keyof typeof LINEAR_MEMBERS], patch })),
  ),
  real('c', 0.001, 1e6),
  choice('classWeight', each('classWeight')),
  int('wordNgrams', 1, 3),
  choice('charNgrams', [{ label: text.off, patch: { charNgrams: null } }, chars(4, 4), chars(2, 4), chars(3, 5), chars(2, 5)]),
  int('minDf', 1, 1000),
  choice('maxFeatures', [{ label: text.all, patch: { maxFeatures: null } }, most(500_000), most(200_000), most(100_000), most(50_000)]),
  choice('sublinearTf', [
    { label: text.dampened, patch: { sublinearTf: true } },
    { label: text.countedFully, patch: { sublinearTf: false } },
  ]),
  choice('reads', each('reads')),
  columnsField(columns),
  dropWordsField(),
  choice('stopWords', each('stopWords')),
  real('reviewedWeight', 0, 100),
  int('folds', 2, 20),
  int('seed', 0, 2 ** 31 - 1),
]

/** Values of a recipe that a tuning can try. */
export interface Tunable {
  readonly key: string
  readonly label: string
  /** The choices; empty if numbers are typed. */
  readonly options: readonly string[]
  /** The value of an option or of typed text; undefined: it has none. */
  readonly value: (text: string) => unknown
  /** The text of a value. */
  readonly text: (value: unknown) => string
}
/** They do not change what a model learns, or change what its scores mean. */
const NOT_TUNED: readonly string[] = ['seed', 'folds', 'validation', 'device', 'threads', 'cacheMb', 'microTokens']

/** The fields that are a number, or a choice between values of this field alone. */
export const tunable = (fields: readonly Field[]): readonly Tunable[] =>
  fields.flatMap((field): Tunable[] => {
    const { key, label } = field
    if (NOT_TUNED.includes(key) || field.kind === 'names') return []
    if (field.kind === 'number') {
      const { min, max, step } = field
      const fits = (n: number) => n >= min && n <= max && (step === 'any' || Number.isInteger(n))
      return [
        {
          key,
          label,
          options: [],
          value: (typed) => (typed.trim() !== '' && fits(Number(typed)) ? Number(typed) : undefined),
          text: String,
        },
      ]
    }
    const alone = field.choices.filter(({ patch }) => JSON.stringify(patch) === JSON.stringify(patchAt(key, valueAt(patch, key))))
    const valueOf = new Map(alone.map(({ label: name, patch }) => [name, valueAt(patch, key)]))
    const text = (value: unknown) => alone.find(({ patch }) => JSON.stringify(valueAt(patch, key)) === JSON.stringify(value))?.label ?? JSON.stringify(value) // prettier-ignore
    return valueOf.size < 2 ? [] : [{ key, label, options: [...valueOf.keys()], value: (name) => valueOf.get(name), text }]
  })

const scratch: When = (c) => c.model.source === 'scratch'
const library: When = (c) => c.model.source === 'library'
const lora: When = (c) => c.mode === 'lora'
const focal: When = (c) => c.loss === 'focal'
const largeLoss: When = (c) => c.loss === 'large-loss'
const size = (layers: number, dim: number, heads: number, hidden = 4 * dim): Choice => ({
  label: text.size(layers, dim),
  patch: { model: { layers, dim, heads, hidden } },
})
const stopAfter = (n: number | null): Choice => ({ label: n === null ? text.never : text.afterEpochs(n), patch: { patience: n } })
// prettier-ignore
const LORA_TARGETS = [
  'q_lin', 'k_lin', 'v_lin', 'out_lin', 'lin1', 'lin2', 'query', 'key', 'value', 'dense', 'q_proj', 'k_proj', 'v_proj', 'o_proj',
]

/** The name of a device of this computer: `CPU, 2 threads`, `GPU (CUDA): not available`. */
const deviceChoice = (d: DeviceInfo): Choice => {
  const name = d.label === '' ? text.devices[d.name] : d.label
  return { label: d.available ? name : text.notAvailable(name), patch: { device: d.name } }
}

/**
 * The fields of a transformer, in groups.
 * @param devices of this computer; empty until they are known
 * @param columns original columns that it may read
 */
export function transformerGroups(devices: readonly DeviceInfo[], columns: readonly string[]): readonly Group<TransformerConfig>[] {
  const known = devices.some((d) => d.name === 'auto')
    ? devices
    : [{ name: 'auto' as const, label: '', available: true, note: '' }, ...devices]
  const notes = devices.filter((d) => d.note !== '').map((d) => ` ${d.label || text.devices[d.name]}: ${d.note}`)
  const device = choice('device', known.map(deviceChoice))
  return [
    {
      title: text.groups.trained,
      fields: [
        choice('mode', each('mode'), library),
        int('topLayers', 1, 200, (c) => c.mode === 'top'),
        int('lora.rank', 1, 256, lora),
        choice('model.layers', [size(1, 128, 4, 256), size(2, 128, 4), size(2, 192, 4), size(4, 256, 4), size(6, 384, 6)], scratch),
        int('model.warmUpEpochs', 0, 100, scratch),
      ],
      advanced: [
        real('lora.alpha', 0.1, 1024, lora),
        real('lora.dropout', 0, 0.9, lora),
        { kind: 'names', key: 'lora.targets', ...text.fields['lora.targets'], options: LORA_TARGETS, when: lora },
        int('model.vocabulary', 200, 50_000, scratch),
        real('dropout', 0, 0.9),
      ],
    },
    {
      title: text.groups.optimiser,
      fields: [int('epochs', 1, 200), real('learningRate', 1e-7, 1), choice('patience', [null, 1, 2, 3, 5, 10].map(stopAfter))],
      advanced: [
        choice('loss', each('loss')),
        real('focal.alpha', 0, 1, focal),
        real('focal.gamma', 0, 10, focal),
        real('largeLoss', 0, 0.2, largeLoss),
        choice('schedule', each('schedule')),
        real('warmUp', 0, 1),
        real('weightDecay', 0, 1),
        choice('decayAll', [
          { label: text.noDecay, patch: { decayAll: false } },
          { label: text.decay, patch: { decayAll: true } },
        ]),
        real('clip', 0.001, 1000),
        choice('keep', each('keep')),
      ],
    },
    {
      title: text.groups.batches,
      fields: [int('batch', 1, 1024), int('maxTokens', 8, 8192)],
      advanced: [
        choice('reads', each('reads')),
        columnsField(columns),
        dropWordsField(),
        int('microTokens', 16, 1_000_000),
        real('validation', 0.02, 0.5),
        real('reviewedWeight', 0, 100),
        int('seed', 0, 2 ** 31 - 1),
      ],
    },
    { title: text.groups.outOfFold, fields: [choice('outOfFold', each('outOfFold')), int('folds', 2, 20)], advanced: [] },
    {
      title: text.groups.device,
      fields: [{ ...device, help: device.help + notes.join('') }],
      advanced: [int('threads', 1, 256), int('cacheMb', 0, 1_000_000)],
    },
  ]
}
