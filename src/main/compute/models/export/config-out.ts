/** The configuration of an exported model, as Transformers reads it. */
import type { ModelConfig } from '../config.ts'
import { FAMILIES } from '../families/index.ts'

/** Fields that describe where a model came from or how its file was stored, not what it is. */
const DROPPED: ReadonlySet<string> = new Set(['_name_or_path', 'auto_map', 'quantization_config', 'torch_dtype', 'dtype', 'architectures'])

/** The original's configuration with the labels and the head of a classifier that has several labels for each text. */
export function configOut(config: ModelConfig): Readonly<Record<string, unknown>> {
  const family = FAMILIES[config.architecture]
  const kept = Object.entries(config.raw).filter(([name]) => !DROPPED.has(name))
  const padId = config.raw['pad_token_id']
  return {
    ...family.unparse(config),
    ...Object.fromEntries(kept),
    model_type: config.architecture,
    architectures: [family.classes.classification],
    num_labels: config.labels.length,
    id2label: Object.fromEntries(config.labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(config.labels.map((label, i) => [label, i])),
    problem_type: 'multi_label_classification',
    // decoders are classified at the last token that is not padding: without one they refuse batches
    pad_token_id: typeof padId === 'number' && padId >= 0 ? padId : config.padId,
    torch_dtype: 'float32',
  }
}
