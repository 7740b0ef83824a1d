/** The fields of a transformer's recipe, by what they are about. */
import type { DeviceInfo, TransformerConfig } from '../../../contract/models.ts'
import type { Choice, ChoiceField, Field, Group, NumberField } from './field.ts'

type F = Field<TransformerConfig>
type When = (c: TransformerConfig) => boolean
const scratch: When = (c) => c.model.source === 'scratch'
const library: When = (c) => c.model.source === 'library'
const lora: When = (c) => c.mode === 'lora'
const focal: When = (c) => c.loss === 'focal'

const int = (key: string, label: string, help: string, min: number, max: number, when?: When): NumberField<TransformerConfig> => ({
  kind: 'number',
  key,
  label,
  help,
  min,
  max,
  step: 1,
  ...(when && { when }),
})
const real = (key: string, label: string, help: string, min: number, max: number, when?: When): NumberField<TransformerConfig> => ({
  ...int(key, label, help, min, max, when),
  step: 'any',
})
const choice = (key: string, label: string, help: string, choices: readonly Choice[], when?: When): ChoiceField<TransformerConfig> => ({
  kind: 'choice',
  key,
  label,
  help,
  choices,
  ...(when && { when }),
})
const size = (label: string, layers: number, dim: number, heads: number, hidden = 4 * dim): Choice => ({
  label,
  patch: { model: { layers, dim, heads, hidden } },
})

const WHAT: readonly F[] = [
  choice(
    'mode',
    'What is trained',
    'LoRA adds small adapters and is the best bargain; the head alone takes seconds, everything takes longest',
    [
      { label: 'Adapters (LoRA)', patch: { mode: 'lora' } },
      { label: 'The head alone', patch: { mode: 'head' } },
      { label: 'The top layers', patch: { mode: 'top' } },
      { label: 'Everything', patch: { mode: 'full' } },
    ],
    library,
  ),
  int('topLayers', 'Top layers', 'How many layers are trained, counted from the top', 1, 200, (c) => c.mode === 'top'),
  int('lora.rank', 'Rank of the adapters', 'Higher learns more and takes more memory', 1, 256, lora),
  choice(
    'model.layers',
    'Size',
    'Larger models learn more from many movies, and take longer',
    [
      size('1 layer of 128', 1, 128, 4, 256),
      size('2 layers of 128', 2, 128, 4),
      size('2 layers of 192', 2, 192, 4),
      size('4 layers of 256', 4, 256, 4),
      size('6 layers of 384', 6, 384, 6),
    ],
    scratch,
  ),
  int(
    'model.warmUpEpochs',
    'Warm-up epochs',
    'Rounds in which it learns to fill in hidden words of all plots, before it sees genres',
    0,
    100,
    scratch,
  ),
]
const WHAT_MORE: readonly F[] = [
  real('lora.alpha', 'Alpha of the adapters', 'Alpha divided by the rank scales what the adapters say', 0.1, 1024, lora),
  real(
    'lora.dropout',
    'Dropout of the adapters',
    'Share of their input that is left out at random, against learning by heart',
    0,
    0.9,
    lora,
  ),
  {
    kind: 'names',
    key: 'lora.targets',
    label: 'Layers with adapters',
    help: 'Last parts of layer names',
    options: [
      'q_lin',
      'k_lin',
      'v_lin',
      'out_lin',
      'lin1',
      'lin2',
      'query',
      'key',
      'value',
      'dense',
      'q_proj',
      'k_proj',
      'v_proj',
      'o_proj',
    ],
    empty: 'query and value',
    when: lora,
  },
  int('model.vocabulary', 'Word pieces', 'Size of the vocabulary that it learns from the plots', 200, 50_000, scratch),
  {
    ...real('dropout', 'Dropout', 'Share of activations left out at random; empty: as the model says', 0, 0.9),
    empty: 'as the model says',
  },
]
const OPTIMISER: readonly F[] = [
  int('epochs', 'Epochs', 'Rounds over the training movies, at most', 1, 200),
  real('learningRate', 'Learning rate', 'Size of the steps: too high forgets what the model knows, too low learns nothing', 1e-7, 1),
  choice('patience', 'Stop early', 'Ends when the validation part has not improved for so many epochs', [
    { label: 'Never', patch: { patience: null } },
    ...[1, 2, 3, 5, 10].map((n) => ({ label: n === 1 ? 'After 1 epoch' : `After ${n} epochs`, patch: { patience: n } })),
  ]),
]
const OPTIMISER_MORE: readonly F[] = [
  choice('loss', 'Loss', 'How much rare genres and hard cells count', [
    { label: 'Every cell the same', patch: { loss: 'bce' } },
    { label: 'Rare genres more (pos_weight)', patch: { loss: 'pos-weight' } },
    { label: 'Rare genres somewhat more (log)', patch: { loss: 'log-weight' } },
    { label: 'Hard cells more (focal)', patch: { loss: 'focal' } },
  ]),
  real('focal.alpha', 'Focal: alpha', 'Weight of the cells that carry the genre, against those that do not', 0, 1, focal),
  real('focal.gamma', 'Focal: gamma', 'Higher lets easy cells count less', 0, 10, focal),
  choice('schedule', 'Learning rate over time', 'How it falls after the warm-up', [
    { label: 'Falls in a line', patch: { schedule: 'linear' } },
    { label: 'Falls in a cosine', patch: { schedule: 'cosine' } },
    { label: 'Stays', patch: { schedule: 'constant' } },
  ]),
  real('warmUp', 'Warm-up of the learning rate', 'Share of all steps in which it rises', 0, 1),
  real('weightDecay', 'Weight decay', 'Pulls weights towards zero, against learning by heart', 0, 1),
  choice('decayAll', 'Decay of norms and biases', 'They are usually spared', [
    { label: 'Spared', patch: { decayAll: false } },
    { label: 'Decay, too', patch: { decayAll: true } },
  ]),
  { ...real('clip', 'Longest gradient', 'A longer one is shortened to this; empty: never', 0.001, 1000), empty: 'never shortened' },
  choice('keep', 'Best epoch by', 'Figure of the validation part that decides which epoch is kept', [
    { label: 'Micro-F1', patch: { keep: 'micro-f1' } },
    { label: 'Macro-F1', patch: { keep: 'macro-f1' } },
  ]),
]
const BATCHES: readonly F[] = [
  int('batch', 'Movies per step', 'How many movies each update of the weights looks at', 1, 1024),
  int('maxTokens', 'Longest plot, in tokens', 'The rest of a longer plot is cut off; a token is a word or a part of one', 8, 8192),
]
const BATCHES_MORE: readonly F[] = [
  int('microTokens', 'Tokens computed at once', 'Fewer need less memory and give the same result', 16, 1_000_000),
  real('validation', 'Held back for validation', 'Share of the training part, where the catalogue has no validation part', 0.02, 0.5),
  real('reviewedWeight', 'Weight of reviewed movies', 'Against 1 for the others, in a retrain', 0, 100),
  int('seed', 'Seed', 'The same seed gives the same run', 0, 2 ** 31 - 1),
]
const OUT_OF_FOLD: readonly F[] = [
  choice('outOfFold', 'Judge labels by', 'One training for each fold is exact; heads on the frozen model are cheap, and see less', [
    { label: 'A training for each fold', patch: { outOfFold: 'folds' } },
    { label: 'Heads on the frozen model', patch: { outOfFold: 'head' } },
  ]),
  int('folds', 'Folds', 'More: better estimates, longer training', 2, 20),
]
const DEVICE_NAMES: Readonly<Record<TransformerConfig['device'], string>> = {
  auto: 'Fastest that passes its test',
  cpu: 'CPU',
  webgpu: 'GPU (WebGPU)',
  cuda: 'GPU (CUDA)',
}
/** `CPU: 2 threads`, `GPU (WebGPU): not available`. */
const deviceChoice = (d: DeviceInfo): Choice => {
  const name = d.label === '' ? DEVICE_NAMES[d.name] : d.label
  return { label: d.available ? name : `${name}: not available`, patch: { device: d.name } }
}
const DEVICE_MORE: readonly F[] = [
  { ...int('threads', 'Threads', 'Of the CPU; empty: one for each core', 1, 256), empty: 'one for each core' },
  int(
    'cacheMb',
    'Disk for frozen layers, in MB',
    'What layers that are not trained say of each plot is kept there; 0: nothing',
    0,
    1_000_000,
  ),
]

/** @param devices of this machine; none while they are not known */
export function transformerGroups(devices: readonly DeviceInfo[]): readonly Group<TransformerConfig>[] {
  const known = devices.some((d) => d.name === 'auto')
    ? devices
    : [{ name: 'auto' as const, label: '', available: true, note: '' }, ...devices]
  const notes = devices.filter((d) => d.note !== '').map((d) => ` ${d.label || DEVICE_NAMES[d.name]}: ${d.note}`)
  const device = choice(
    'device',
    'Device',
    `Where it computes; a device that gives other numbers than the CPU is not used.${notes.join('')}`,
    known.map(deviceChoice),
  )
  return [
    { title: 'What is trained', fields: WHAT, advanced: WHAT_MORE },
    { title: 'Optimiser', fields: OPTIMISER, advanced: OPTIMISER_MORE },
    { title: 'Batches', fields: BATCHES, advanced: BATCHES_MORE },
    { title: 'Out of fold', fields: OUT_OF_FOLD, advanced: [] },
    { title: 'Device', fields: [device], advanced: DEVICE_MORE },
  ]
}
