/** The files of a model's folder in the layout of Hugging Face. */

/** Most bytes of configurations, vocabularies and indexes, which are read at once. */
export const MAX_SMALL_BYTES = 100_000_000

interface Kind {
  readonly name: RegExp
  readonly weights?: true
}
/**
 * Names of files that belong to a model. All of them are plain file names, so that no hostile name (`../x`, `C:\x`, `NUL`) ever
 * matches.
 */
const KINDS: readonly Kind[] = [
  { name: /^config\.json$/ },
  { name: /^model\.safetensors$/, weights: true },
  { name: /^model\.safetensors\.index\.json$/ },
  { name: /^model-\d{5}-of-\d{5}\.safetensors$/, weights: true },
  { name: /^(?:tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$/ },
  { name: /^vocab\.txt$/ },
  { name: /^merges\.txt$/ },
  // the licence
  { name: /^README\.md$/ },
  { name: /^LICEN[CS]E(?:\.txt|\.md)?$/ },
]

export const CONFIG_FILE = 'config.json'
export const WEIGHTS_FILE = 'model.safetensors'
export const INDEX_FILE = 'model.safetensors.index.json'
export const VOCABULARY_FILE = 'vocab.txt'
/** Files of tokenizers as Transformers saves them. */
export const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  VOCABULARY_FILE,
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
] as const
/** Files of an adapter as PEFT saves it. */
export const ADAPTER_CONFIG = 'adapter_config.json'
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors'
/** Names of the labels, beside an adapter that was exported by Reelabel. */
export const LABELS_FILE = 'labels.json'

/** The trained tensors of a fold, beside those of the final model. */
export const foldFile = (fold: number): string => `fold-${fold}.safetensors`
/** The fold of each training movie, beside the trained tensors of the folds. */
export const FOLDS_FILE = 'folds'
/** True for the files with which movies are explained by the model of their fold; predictions do not need them. */
export const isFoldFile = (name: string): boolean => name === FOLDS_FILE || /^fold-\d+\.safetensors$/.test(name)

export const isModelFile = (name: string): boolean => KINDS.some((k) => k.name.test(name))
export const isWeights = (name: string): boolean => KINDS.some((k) => k.weights === true && k.name.test(name))
/** True if the size of a file fits its name; a configuration of gigabytes does not. */
export const isPlausible = (name: string, bytes: number): boolean => isWeights(name) || bytes <= MAX_SMALL_BYTES

/** The names that belong to a model. If the weights are in one file, shards are left out. */
export function modelFiles(names: readonly string[]): string[] {
  const whole = names.includes(WEIGHTS_FILE)
  return names.filter((n) => isModelFile(n) && !(whole && (n === INDEX_FILE || (isWeights(n) && n !== WEIGHTS_FILE))))
}

/** The names of pickled weights. Opening a pickle can run any program, so they are never opened. */
export const pickles = (names: readonly string[]): string[] => names.filter((n) => /\.(?:bin|pt|pth|ckpt|pkl)$/i.test(n))

/** Returns why files of these names are not a usable model, as a phrase; null if they may be one. */
export function missingFiles(names: readonly string[]): string | null {
  if (!names.includes(CONFIG_FILE)) return 'it has no config.json'
  if (names.includes(WEIGHTS_FILE) || names.includes(INDEX_FILE)) return null
  const [pickle] = pickles(names)
  return pickle === undefined ? 'it has no model.safetensors' : `its weights are a pickle (${pickle}), which could run any program`
}
