/**
 * Recipe files: a whole experiment as shareable data, from the rows that it keeps to the figures that it reports. (A run's recipe is the
 * configuration of one training; a recipe file trains several models on rows and a split of its own.)
 */
import { z } from 'zod'
import { CLASSICAL, classicalProblem } from './classical.ts'
import { schemaProblems, UserError } from './errors.ts'
import { appMethod, id, path, projectMethod, seed, type, type JobStarted } from './method.ts'
import { SCRATCH, TEXT_COLUMNS, type EpochFigures } from './models.ts'
import { READS } from './model-text.ts'
import type { Difference, Metrics } from './records.ts'
import { STRATEGY_IDS } from './thresholds.ts'
import { LINEAR_CONFIG, TRANSFORMER_SETTINGS } from './training.ts'

const RECIPE_FORMAT = 'reelabel-recipe'

/** Figures of a result: their names for people, and where they are among scikit-learn's. */
export const FIGURES = {
  accuracy: { label: 'accuracy', of: (m) => m.elementwise_accuracy },
  score: { label: '3:1 score', of: (m) => m.score_3tp_1tn },
  precision_micro: { label: 'micro precision', of: (m) => m.micro.precision },
  recall_micro: { label: 'micro recall', of: (m) => m.micro.recall },
  f1_micro: { label: 'micro-F1', of: (m) => m.micro.f1 },
  precision_macro: { label: 'macro precision', of: (m) => m.macro.precision },
  recall_macro: { label: 'macro recall', of: (m) => m.macro.recall },
  f1_macro: { label: 'macro-F1', of: (m) => m.macro.f1 },
  precision_weighted: { label: 'weighted precision', of: (m) => m.weighted.precision },
  recall_weighted: { label: 'weighted recall', of: (m) => m.weighted.recall },
  f1_weighted: { label: 'weighted F1', of: (m) => m.weighted.f1 },
  jaccard: { label: 'Jaccard', of: (m) => m.jaccard_samples },
  hamming: { label: 'Hamming loss', of: (m) => m.hamming_loss },
  subset: { label: 'subset accuracy', of: (m) => m.subset_accuracy },
  at_least_one: { label: 'at least one', of: (m) => m.at_least_one },
  at_least_two: { label: 'at least two', of: (m) => m.at_least_two },
} as const satisfies Readonly<Record<string, { readonly label: string; readonly of: (m: Metrics) => number }>>
export type FigureId = keyof typeof FIGURES
export const FIGURE_IDS = Object.keys(FIGURES) as [FigureId, ...FigureId[]]

const words = z.string().trim().min(1).max(2000)
const share = z.number().min(0).max(1)
const PUBLISHED = z.partialRecord(z.enum(FIGURE_IDS), z.number()).default({})

/** How class imbalance is treated, in the training rows of each fit only. `outside`: copies of movies with none of the commonest genres. */
const IMBALANCE = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('outside'), commonest: z.int().min(1).max(100), copies: z.int().min(1).max(20) }),
  z.strictObject({ kind: z.enum(['oversample', 'undersample']), share: share.gt(0) }),
  /** Synthetic movies between neighbours: classical models only, because they need vectors. */
  z.strictObject({ kind: z.enum(['smote', 'mlsmote']), share: share.gt(0) }),
])
export type Imbalance = z.output<typeof IMBALANCE>

/** A way to turn probabilities into genres. `on`: the movies that it is chosen on; without a validation part, the out-of-fold ones. */
const DECISION = z.strictObject({
  strategy: z.enum(STRATEGY_IDS),
  value: z.number().min(0).max(1000).nullable().default(null),
  on: z.enum(['valid', 'oof']).default('valid'),
  published: PUBLISHED,
})
export type Decision = z.output<typeof DECISION>

/**
 * Texts that a model reads. `condensed`: condensed plots, where there are any; `back-translated`: plots, and back-translations as the copies
 * that the imbalance rule makes.
 */
export const RECIPE_TEXTS = ['plots', 'condensed', 'back-translated'] as const
export type RecipeTexts = (typeof RECIPE_TEXTS)[number]

const common = {
  name: words.max(100),
  texts: z.enum(RECIPE_TEXTS).default('plots'),
  imbalance: IMBALANCE.default({ kind: 'none' }),
  thresholds: z.array(DECISION).min(1).max(30),
  /** Name of an earlier model that this one is compared with, by its first thresholds. */
  against: words.nullable().default(null),
}
/** The settings of a recipe for all of its models. */
const SHARED = { family: true, folds: true, seed: true, reads: true, columns: true } as const
const TRANSFORMER = TRANSFORMER_SETTINGS.omit({ ...SHARED, model: true })
const MODEL = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('linear'), settings: LINEAR_CONFIG.omit(SHARED).default({}) }),
  z.strictObject({ ...common, kind: z.literal('classical'), settings: CLASSICAL }),
  z.strictObject({
    ...common,
    kind: z.literal('transformer'),
    /** The published weights, as the Hub names them: a model of the library with that name, or the small transformer in its place. */
    weights: z.string().min(1).max(500),
    settings: TRANSFORMER.default({}),
    /** Settings of the small transformer: published learning rates are for published weights. */
    small: TRANSFORMER.extend({ model: SCRATCH.omit({ source: true }).partial().default({}) }).default({ model: {} }),
  }),
  /** The control: no genre for any movie. */
  z.strictObject({ name: common.name, kind: z.literal('never'), published: PUBLISHED }),
  /** Genres that a service or a decoder of this machine named without a training, where it was asked about every test movie. */
  z.strictObject({ name: common.name, kind: z.literal('zero-shot'), published: PUBLISHED }),
  /** Named by the published account, and left out here because of what it needs. */
  z.strictObject({ name: common.name, kind: z.literal('absent'), needs: z.enum(['translator', 'text service', 'decoder']), published: PUBLISHED }), // prettier-ignore
])
export type RecipeModel = z.output<typeof MODEL>
export type TrainedRecipeModel = Extract<RecipeModel, { readonly thresholds: unknown }>

export const RECIPE_FILE = z
  .strictObject({
    format: z.literal(RECIPE_FORMAT),
    version: z.literal(1),
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens'),
    title: words.max(200),
    source: words,
    about: words,
    rows: z.strictObject({
      /** Removes movies without a plot or a genre. */
      incomplete: z.boolean().default(true),
      duplicates: z.boolean().default(false),
      /** Removes plots that are clearly in none of these languages; null: none. */
      languages: z.array(z.string().length(2)).min(1).max(100).nullable().default(null),
      /** Characters of the shortest plot that is kept. */
      shortest: z.int().min(0).max(100_000).default(0),
    }),
    text: z.strictObject({ reads: z.enum(READS), columns: TEXT_COLUMNS.default([]) }),
    /** `movies`: null for all. The draw is that of pandas' `sample`. */
    sample: z.strictObject({ movies: z.int().min(20).max(10_000_000).nullable(), seed }),
    split: z
      .strictObject({
        /** `scikit-learn`: its train_test_split, applied to the test part, then to the validation part. `project`: the project's own. */
        method: z.enum(['scikit-learn', 'stratified', 'project']),
        valid: share,
        test: share.gt(0),
        seed,
      })
      .refine(({ valid, test }) => valid + test < 1, 'valid and test leave nothing to train on'),
    training: z.strictObject({ folds: z.int().min(2).max(20).default(5), seed }),
    models: z.array(MODEL).min(1).max(30),
    metrics: z.strictObject({
      figures: z.array(z.enum(FIGURE_IDS)).min(1),
      /** True if a movie that reaches no threshold gets its most probable genre. */
      atLeastOne: z.boolean(),
      /** Genres whose confusion is shown beside the table. */
      genres: z.array(words).max(100).default([]),
    }),
  })
  .superRefine(({ models }, context) => {
    const names = models.map(({ name }) => name)
    models.forEach((model, i) => {
      if (names.indexOf(model.name) < i)
        context.addIssue({ code: 'custom', path: ['models', i, 'name'], message: `there are two models "${model.name}"` })
      if ('imbalance' in model && model.kind !== 'classical' && ['smote', 'mlsmote'].includes(model.imbalance.kind))
        context.addIssue({
          code: 'custom',
          path: ['models', i, 'imbalance'],
          message: 'synthetic movies need the vectors of a classical model',
        })
      if ('texts' in model && model.texts === 'back-translated' && !['outside', 'oversample'].includes(model.imbalance.kind))
        context.addIssue({ code: 'custom', path: ['models', i, 'imbalance'], message: 'back-translations are copies: choose outside or oversample' }) // prettier-ignore
      const unfit = model.kind === 'classical' ? classicalProblem(model.settings) : null
      if (unfit !== null) context.addIssue({ code: 'custom', path: ['models', i, 'settings'], message: unfit })
      if (model.kind === 'classical' && model.settings.classifier === 'chain' && model.imbalance.kind === 'smote')
        context.addIssue({ code: 'custom', path: ['models', i, 'imbalance'], message: 'SMOTE adds movies of one genre, and a chain learns all genres of a movie: choose mlsmote' }) // prettier-ignore
      const against = 'against' in model ? model.against : null
      if (against !== null && !models.slice(0, i).some((m) => m.name === against && 'thresholds' in m))
        context.addIssue({ code: 'custom', path: ['models', i, 'against'], message: `no trained model before it is named "${against}"` })
    })
  })
export type RecipeFile = z.output<typeof RECIPE_FILE>

/**
 * Reads a recipe from a file's text.
 * @param name of the file, for messages
 * @throws UserError `bad-recipe`, naming the places
 */
export function parseRecipe(text: string, name: string): RecipeFile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UserError('bad-recipe', `${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const { data, error } = RECIPE_FILE.safeParse(value)
  if (data) return data
  throw new UserError('bad-recipe', `${name} is not a recipe of version 1. ${schemaProblems(error, 'the file', 8)}`)
}

/** The rows of a recipe's run. They are its own: the project's split stays as it is. */
export interface RecipeRows {
  /** Kept movies of the project. */
  readonly movies: number
  readonly removed: Readonly<Record<'incomplete' | 'duplicates' | 'languages' | 'shortest', number>>
  readonly afterRules: number
  /** Ids of the movies in each part. */
  readonly parts: Readonly<Record<'train' | 'valid' | 'test', readonly number[]>>
}
export interface RecipeConfusion {
  readonly threshold: number
  readonly tp: number
  readonly fp: number
  readonly fn: number
  readonly tn: number
}
/** One line of a recipe's table. */
export interface RecipeResult {
  readonly model: string
  /** Strategy of the thresholds, with its number; empty: none. */
  readonly thresholds: string
  /** The difference from the published account, or the reason for leaving it out. */
  readonly note: string
  /** Figures on the test part; null if the model was left out. */
  readonly figures: Readonly<Record<FigureId, number>> | null
  readonly published: Readonly<Partial<Record<FigureId, number>>>
  /** Confusions in the order of the report's genres. */
  readonly genres: readonly RecipeConfusion[]
  /** Micro-F1 by the length of the plot, in the order of the report's lengths; absent from models that were not trained. */
  readonly byLength?: readonly number[]
  /** Epochs of a transformer's final model; empty for other models. */
  readonly epochs: readonly EpochFigures[]
  readonly elapsedMs: number
}
/** Two models on the same test movies, by their first thresholds, with 95% bootstrap intervals. */
export interface RecipeComparison {
  readonly old: string
  readonly new: string
  readonly scores: Readonly<Record<'microF1' | 'macroF1' | 'jaccard', Difference>>
  readonly genres: readonly { readonly name: string; readonly support: number; readonly f1: Difference }[]
}
export interface RecipeReport {
  readonly id: number
  readonly recipe: RecipeFile
  readonly createdAt: string
  readonly elapsedMs: number
  /** Genres that a movie of the recipe's rows has; lists follow their order. */
  readonly genres: readonly string[]
  readonly rows: RecipeRows
  readonly results: readonly RecipeResult[]
  /** Longest plot, in characters, of each quarter of the test movies, the shortest plots first; absent from older reports. */
  readonly lengths?: readonly number[]
  /** Words with the largest weights in Reelabel's default, by the report's genres; absent from older reports. */
  readonly words?: readonly (readonly RecipeWord[])[]
  readonly comparisons: readonly RecipeComparison[]
}
export interface RecipeWord {
  readonly word: string
  readonly weight: number
}

/** F1 of a genre by its confusion. */
export const f1Of = ({ tp, fp, fn }: RecipeConfusion): number => (tp === 0 ? 0 : (2 * tp) / (2 * tp + fp + fn))

/** The properties of stored reports that are read: reports may come from a damaged or hostile file. */
export const RECIPE_REPORTS = z.array(
  z.looseObject({
    id,
    createdAt: z.string(),
    elapsedMs: z.number(),
    genres: z.array(z.string()),
    recipe: z.looseObject({
      title: z.string(),
      sample: z.looseObject({ seed }),
      split: z.looseObject({ seed }),
      training: z.looseObject({ seed }),
      metrics: z.looseObject({ figures: z.array(z.enum(FIGURE_IDS)), genres: z.array(z.string()) }),
    }),
    rows: z.looseObject({ movies: z.number(), afterRules: z.number(), removed: z.record(z.string(), z.number()), parts: z.record(z.enum(['train', 'valid', 'test']), z.array(id)) }),
    results: z.array(
      z.looseObject({ model: z.string(), thresholds: z.string(), note: z.string(), figures: z.record(z.enum(FIGURE_IDS), z.number()).nullable(), published: PUBLISHED, genres: z.array(z.looseObject({})), byLength: z.array(z.number()).optional(), epochs: z.array(z.looseObject({})) }),
    ),
    lengths: z.array(z.number()).optional(),
    words: z.array(z.array(z.object({ word: z.string(), weight: z.number() }))).optional(),
    comparisons: z.array(z.looseObject({ old: z.string(), new: z.string(), scores: z.looseObject({}), genres: z.array(z.looseObject({})) })),
  }),
) // prettier-ignore

export const RECIPE_METHODS = {
  /** The recipes that come with the program. */
  'recipes.list': appMethod({}, type<readonly RecipeFile[]>()),
  /**
   * Runs a recipe on the open project; a job. Its rows, split and results are stored as a report of their own. `predictions`: a CSV file
   * of the test part's labels and probabilities to write; null: none.
   */
  'recipes.run': projectMethod({ recipe: RECIPE_FILE, predictions: path.nullable().default(null) }, type<JobStarted>(), {
    predictions: 'download',
  }),
  /** Reports of recipes on this project, the newest first. */
  'recipes.reports': projectMethod({}, type<readonly RecipeReport[]>()),
  'recipes.delete': projectMethod({ report: id }, type<null>()),
}
