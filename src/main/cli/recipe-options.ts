/** Options of `train` and `retrain`: one for each value of a recipe, named by its path (`lora.rank` is `--lora-rank`). */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { DEVICES, LOSSES, SCHEDULES, TRAIN_MODES } from '../../contract/models.ts'
import { READS } from '../../contract/model-text.ts'
import { ENSEMBLE_KINDS, type RunConfig } from '../../contract/records.ts'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import { charNgrams, decimal, list, oneOf, wholeNumber } from './arguments.ts'

type Family = RunConfig['family']
export const FAMILY_NAMES: Readonly<Record<Family, string>> = {
  linear: 'the linear family',
  transformer: 'transformers',
  ensemble: 'ensembles',
}
interface RecipeOption {
  readonly path: string
  /** Placeholder after the name, such as `<n>`. */
  readonly value: string
  readonly description: string
  readonly parse: (text: string) => unknown
  readonly choices?: readonly string[]
  /** The word for null. */
  readonly none?: string
  /** The family that has it; null: the linear family and transformers. */
  readonly family: Family | null
}

const word = (text: string): string => text
function yesNo(text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new InvalidArgumentError('write yes or no')
  return text === 'yes'
}
/** `1,4` */
const numbers = (text: string): number[] => list(text).map(wholeNumber)
type Rest = Partial<Pick<RecipeOption, 'choices' | 'none'>>
type Make = (path: string, value: string, description: string, parse: RecipeOption['parse'], rest?: Rest) => RecipeOption
const of =
  (family: Family | null): Make =>
  (path, value, description, parse, rest = {}) => ({ path, value, description, parse, family, ...rest })
const [both, linear, transformer, ensemble] = [of(null), of('linear'), of('transformer'), of('ensemble')]
const choice = (make: Make, path: string, description: string, choices: readonly string[]): RecipeOption =>
  make(path, '<which>', description, word, { choices })

const RECIPE_OPTIONS: readonly RecipeOption[] = [
  both('folds', '<k>', 'folds of the out-of-fold predictions', wholeNumber),
  both('seed', '<n>', 'seed of everything random', wholeNumber),
  choice(both, 'reads', 'what the model reads: the title before the plot, or the plot alone', READS),
  both('columns', '<names>', 'original columns that the model reads after the plot, separated by commas, such as tagline,keywords', list),
  both('dropWords', '<words>', 'words that are left out of the text, separated by commas', list),
  both('reviewedWeight', '<x>', 'weight of a reviewed movie; others have 1', decimal),
  linear('c', '<x>', 'linear: inverse strength of the L2 penalty', decimal),
  choice(linear, 'classWeight', 'linear: weight of the labels of rare genres', ['none', 'balanced', 'log']),
  linear(
    'ratioShare',
    '<share>',
    'linear: share of the features that are scaled by log-count ratios (1: NB-SVM; 0: plain logistic regression)',
    decimal,
  ),
  linear('bayesWeight', '<x>', 'linear: factor of the log-odds of naive Bayes, which are added; 0: none', decimal),
  linear('wordNgrams', '<n>', 'linear: longest word n-gram', wholeNumber),
  linear('charNgrams', '<a-b>', 'linear: character n-grams such as 3-5, or none', charNgrams, { none: 'none' }),
  linear('minDf', '<n>', 'linear: minimum number of movies with an n-gram', wholeNumber),
  linear('maxFeatures', '<n>', 'linear: maximum number of word n-grams, and of character n-grams; or all', wholeNumber, { none: 'all' }),
  choice(linear, 'stopWords', 'linear: stop words that are left out', ['none', 'english']),
  ensemble('runs', '<numbers>', 'ensemble: finished runs that are combined, separated by commas, such as 1,4', numbers),
  choice(ensemble, 'how', 'ensemble: the mean of their logits, or a logistic regression on the logits of all genres', ENSEMBLE_KINDS),
  choice(transformer, 'mode', 'transformer: what is trained', TRAIN_MODES),
  transformer('topLayers', '<n>', 'mode top: number of trained layers', wholeNumber),
  transformer('lora.rank', '<n>', 'mode lora: rank of the adapters', wholeNumber),
  transformer('lora.alpha', '<x>', 'mode lora: alpha / rank scales the adapters', decimal),
  transformer('lora.dropout', '<x>', 'mode lora: dropout before the adapters', decimal),
  transformer('lora.targets', '<names>', 'mode lora: layers with adapters, separated by commas, such as q_lin,v_lin', list),
  choice(transformer, 'loss', 'transformer: the loss', LOSSES),
  transformer('focal.alpha', '<x>', 'focal loss: weight of movies with the genre', decimal),
  transformer('focal.gamma', '<x>', 'focal loss: how much easy labels count less', decimal),
  transformer('largeLoss', '<share>', 'large-loss: share of the labels by which more are corrected in each epoch', decimal),
  transformer('epochs', '<n>', 'transformer: maximum number of epochs', wholeNumber),
  transformer('learningRate', '<x>', 'transformer: highest learning rate', decimal),
  choice(transformer, 'schedule', 'transformer: how the learning rate falls', SCHEDULES),
  transformer('warmUp', '<share>', 'transformer: share of the steps in which it rises', decimal),
  transformer('weightDecay', '<x>', 'transformer: decoupled weight decay', decimal),
  transformer('decayAll', '<yes|no>', 'transformer: whether norms and biases decay too', yesNo),
  transformer('clip', '<x>', 'transformer: maximum norm of the gradient, or none', decimal, { none: 'none' }),
  transformer('batch', '<n>', 'transformer: movies in one update', wholeNumber),
  transformer('microTokens', '<n>', 'transformer: tokens computed at once', wholeNumber),
  transformer('maxTokens', '<n>', 'transformer: longest text in tokens', wholeNumber),
  transformer('dropout', '<x>', "transformer: dropout, or `model` for the model's own", decimal, { none: 'model' }),
  choice(transformer, 'keep', 'transformer: score that decides which epoch is kept', ['micro-f1', 'macro-f1']),
  transformer('patience', '<n>', 'transformer: early stopping after this number of epochs without improvement, or none', wholeNumber, {
    none: 'none',
  }),
  transformer('validation', '<share>', 'transformer: share held back if there is no validation part', decimal),
  choice(transformer, 'outOfFold', 'transformer: one training for each fold, or only heads', ['folds', 'head']),
  choice(transformer, 'device', 'transformer: the device', DEVICES),
  transformer('threads', '<n>', 'transformer: number of CPU threads, or all', wholeNumber, { none: 'all' }),
  transformer('cacheMb', '<n>', 'transformer: MB of disk space for activations of frozen layers', wholeNumber),
  transformer('model.layers', '<n>', 'small transformer: layers', wholeNumber),
  transformer('model.dim', '<n>', 'small transformer: width', wholeNumber),
  transformer('model.heads', '<n>', 'small transformer: attention heads', wholeNumber),
  transformer('model.hidden', '<n>', 'small transformer: width of the feed-forward part', wholeNumber),
  transformer('model.vocabulary', '<n>', 'small transformer: entries of its vocabulary', wholeNumber),
  transformer('model.warmUpEpochs', '<n>', 'small transformer: epochs of pre-training without labels', wholeNumber),
]

/** Commander's name of an option: `loraRank` for `lora.rank`. */
const attribute = (path: string): string => path.replaceAll(/[.](\w)/g, (_, letter: string) => letter.toUpperCase())
const flagOf = (path: string): string => `--${attribute(path).replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`

/** Commander treats null as a missing option, so a word replaces null until the recipe is complete. */
const optionOf = ({ path, value, description, parse, choices, none }: RecipeOption): Option =>
  choices
    ? oneOf(`${flagOf(path)} ${value}`, description, choices)
    : new Option(`${flagOf(path)} ${value}`, description).argParser((text) => (text === none ? text : parse(text)))

export function recipeOptions(command: Command): Command {
  for (const option of RECIPE_OPTIONS) command.addOption(optionOf(option))
  return command
}

/** Arranges the given settings as in a recipe. `family`: the family that they belong to; null if all belong to both. */
export function givenSettings(o: Readonly<Record<string, unknown>>): {
  readonly family: Family | null
  readonly settings: Record<string, unknown>
} {
  const given = RECIPE_OPTIONS.filter(({ path }) => o[attribute(path)] !== undefined)
  const families = new Map(given.flatMap((x) => (x.family ? [[x.family, x.path] as const] : [])))
  const [first, second] = [...families]
  if (first && second) throw unfit(first[1], FAMILY_NAMES[first[0]], second[1])
  const settings: Record<string, unknown> = {}
  for (const { path, none } of given) {
    const value = o[attribute(path)]
    put(settings, path.split('.'), none !== undefined && value === none ? null : value)
  }
  return { family: [...families.keys()][0] ?? null, settings }
}
const unfit = (path: string, family: string, other: string): UserError =>
  new UserError('bad-arguments', `${flagOf(path)} is of ${family}, ${flagOf(other)} is not: leave one of them out`)

function put(to: Record<string, unknown>, [first, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) to[required(first, 'first')] = value
  else put((to[required(first, 'first')] ??= {}) as Record<string, unknown>, rest, value)
}
