/** A recipe step by step, in words, and its parameters that are usually changed. */
import { FIGURES, type RecipeFile, type RecipeModel, type RecipeTexts, type TrainedRecipeModel } from './recipe-files.ts'
import { STRATEGIES } from './thresholds.ts'
import { count, many } from './words.ts'

export interface RecipeStep {
  readonly name: string
  readonly text: string
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10}%`
const SPLIT_METHODS = {
  'scikit-learn': 'as scikit-learn’s train_test_split draws them',
  stratified: 'stratified by genre',
  project: 'the project’s own split',
} as const

const IMBALANCES = {
  none: () => '',
  outside: ({ commonest, copies }: { commonest: number; copies: number }) =>
    `; movies with none of the ${commonest} commonest genres count ${copies + 1} times in training`,
  oversample: ({ share }: { share: number }) => `; rare label sets are oversampled by ${percent(share)} in the training folds`,
  undersample: ({ share }: { share: number }) => `; common label sets are undersampled by ${percent(share)} in the training folds`,
  smote: ({ share }: { share: number }) =>
    `; SMOTE adds movies of rare genres, in the training folds, up to ${percent(share)} of the others`,
  mlsmote: ({ share }: { share: number }) => `; MLSMOTE adds up to ${percent(share)} of synthetic movies in the training folds`,
} as const

const TEXTS: Readonly<Record<RecipeTexts, string>> = {
  plots: '',
  condensed: '; reads condensed plots, where there are any',
  'back-translated': '',
}

function imbalanceText({ imbalance, texts }: TrainedRecipeModel): string {
  if (texts !== 'back-translated') return (IMBALANCES[imbalance.kind] as (rule: never) => string)(imbalance as never)
  const copies =
    imbalance.kind === 'outside'
      ? `movies with none of the ${imbalance.commonest} commonest genres get up to ${imbalance.copies} copies`
      : 'rare label sets get copies'
  return `; ${copies} in the training folds, which are back-translations`
}

function modelText(model: RecipeModel): string {
  if (model.kind === 'never') return 'predicts no genre for any movie'
  if (model.kind === 'zero-shot') return 'zero-shot genres of a service or a decoder, where all test movies have them'
  if (model.kind === 'absent') return `needs a ${model.needs}: left out`
  const of = model.kind === 'transformer' ? ` ${model.weights} (${model.settings.mode ?? 'full'}), or the small transformer` : ' model'
  return `${model.kind}${of}${settingsText(model.settings)}${imbalanceText(model)}${TEXTS[model.texts]}`
}
function settingsText(settings: object): string {
  const given = Object.entries(settings).filter(
    ([name, value]) => name !== 'mode' && ['string', 'number', 'boolean'].includes(typeof value),
  )
  return given.map(([name, value]) => `, ${name} ${String(value)}`).join('')
}

/** The steps of a recipe, in their order. */
export function recipeSteps({ rows, text, sample, split, training, models, metrics }: RecipeFile): readonly RecipeStep[] {
  const rules = [
    ...(rows.incomplete ? ['without a plot or a genre'] : []),
    ...(rows.duplicates ? ['with a plot that another movie has'] : []),
    ...(rows.languages ? [`whose plot is clearly not in ${rows.languages.join(', ')}`] : []),
    ...(rows.shortest > 0 ? [`whose plot is shorter than ${many(rows.shortest, 'character')}`] : []),
  ]
  const parts = `${percent(1 - split.valid - split.test)} to train, ${split.valid > 0 ? `${percent(split.valid)} to validate, ` : ''}${percent(split.test)} to test`
  const decisions = [...new Set(models.flatMap((model) => ('thresholds' in model ? model.thresholds.map(({ strategy }) => strategy) : [])))]
  return [
    { name: 'Rows', text: rules.length > 0 ? `removes movies ${rules.join('; ')}` : 'all movies of the project' },
    { name: 'Text', text: [text.reads === 'plot' ? 'plots alone' : 'titles and plots', ...text.columns].join(', ') },
    { name: 'Sample', text: sample.movies === null ? 'all of them' : `${count(sample.movies)} movies, seed ${sample.seed}` },
    {
      name: 'Split',
      text: split.method === 'project' ? SPLIT_METHODS.project : `${parts}, ${SPLIT_METHODS[split.method]}, seed ${split.seed}`,
    },
    { name: 'Training', text: `${training.folds} folds for out-of-fold predictions, seed ${training.seed}` },
    ...models.map((model) => ({ name: model.name, text: modelText(model) })),
    { name: 'Thresholds', text: decisions.map((strategy) => STRATEGIES[strategy].label).join('; ') || 'none' },
    {
      name: 'Metrics',
      text: `${metrics.figures.map((figure) => FIGURES[figure].label).join(', ')}${metrics.atLeastOne ? '; every movie gets at least one genre' : ''}`,
    },
  ]
}

/** Numbers of a recipe that can be changed for one run, by their place in the file. `empty`: null is allowed. */
export const RECIPE_PARAMETERS = [
  { path: ['sample', 'movies'], label: 'Movies', least: 20, most: 10_000_000, step: 1, empty: true },
  { path: ['sample', 'seed'], label: 'Seed of the sample', least: 0, most: 2 ** 31 - 1, step: 1, empty: false },
  { path: ['split', 'valid'], label: 'Validation share', least: 0, most: 0.9, step: 0.05, empty: false },
  { path: ['split', 'test'], label: 'Test share', least: 0.01, most: 0.9, step: 0.05, empty: false },
  { path: ['split', 'seed'], label: 'Seed of the split', least: 0, most: 2 ** 31 - 1, step: 1, empty: false },
  { path: ['training', 'seed'], label: 'Seed of the training', least: 0, most: 2 ** 31 - 1, step: 1, empty: false },
] as const satisfies readonly {
  readonly path: readonly ['sample' | 'split' | 'training', string]
  readonly label: string
  readonly least: number
  readonly most: number
  readonly step: number
  readonly empty: boolean
}[]
export type RecipeParameter = (typeof RECIPE_PARAMETERS)[number]

export const parameterOf = (recipe: RecipeFile, { path: [step, name] }: RecipeParameter): number | null =>
  (recipe[step] as Readonly<Record<string, unknown>>)[name] as number | null

/** The same recipe with another value of a parameter. */
export const withParameter = (recipe: RecipeFile, { path: [step, name] }: RecipeParameter, value: number | null): RecipeFile => ({
  ...recipe,
  [step]: { ...recipe[step], [name]: value },
})
