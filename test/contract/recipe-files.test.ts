import { expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { parseRecipe, type RecipeFile } from '../../src/contract/recipe-files.ts'
import { parameterOf, RECIPE_PARAMETERS, recipeSteps, withParameter } from '../../src/contract/recipe-steps.ts'
import { PUBLISHED_RECIPES } from '../../src/main/handlers/published-recipes.ts'

const [first] = PUBLISHED_RECIPES as [RecipeFile]
const messageOf = (value: unknown): string => {
  try {
    parseRecipe(typeof value === 'string' ? value : JSON.stringify(value), 'mine.json')
    return 'none'
  } catch (error) {
    return error instanceof UserError ? `${error.code}: ${error.message}` : String(error)
  }
}

test('the published recipes survive being written and read', () => {
  expect(PUBLISHED_RECIPES).toHaveLength(7)
  expect(new Set(PUBLISHED_RECIPES.map(({ name }) => name)).size).toBe(7)
  for (const recipe of PUBLISHED_RECIPES) expect(parseRecipe(JSON.stringify(recipe), 'x')).toEqual(recipe)
})

test('a file that is no recipe is refused with the places that are wrong', () => {
  expect(messageOf('{')).toMatch(/^bad-recipe: mine\.json is not JSON: /)
  expect(messageOf([])).toMatch(/^bad-recipe: mine\.json is not a recipe of version 1\. the file: /)
  expect(messageOf({ ...first, version: 2 })).toMatch(/version: /)
  expect(messageOf({ ...first, extra: 1 })).toMatch(/the file: .*extra/)
  expect(messageOf({ ...first, split: { ...first.split, test: 0.7, valid: 0.5 } })).toMatch(/split: valid and test leave nothing/)
  const [model] = first.models
  expect(messageOf({ ...first, models: [model, model] })).toMatch(/models\.1\.name: there are two models "BERT"/)
  expect(messageOf({ ...first, models: [{ ...model, against: 'nobody' }] })).toMatch(/models\.0\.against: no trained model before it is named "nobody"/) // prettier-ignore
  expect(messageOf({ ...first, models: [{ ...model, imbalance: { kind: 'smote', share: 0.5 } }] })).toMatch(
    /models\.0\.imbalance: synthetic movies need/,
  )
  expect(messageOf({ ...first, models: [{ ...model, settings: { epochs: 0 } }] })).toMatch(/models\.0\.settings\.epochs: /)
  expect(messageOf(first)).toBe('none')
})

test('steps say in words what a recipe does, and parameters change single numbers', () => {
  const steps = Object.fromEntries(recipeSteps(first).map(({ name, text }) => [name, text]))
  expect(steps).toMatchObject({
    Rows: 'removes movies without a plot or a genre; with a plot that another movie has; whose plot is clearly not in en',
    Sample: '1,000 movies, seed 42',
    Split: '80% to train, 20% to test, as scikit-learn’s train_test_split draws them, seed 42',
    'BERT on condensed plots':
      'transformer bert-base-uncased (full), or the small transformer, loss bce, epochs 3, learningRate 0.00002, batch 8, maxTokens 512; reads condensed plots, where there are any',
  })
  const copied = recipeSteps(PUBLISHED_RECIPES[1]!).find(({ name }) => name === 'oversampled by back-translation')
  expect(copied?.text).toContain(
    '; movies with none of the 4 commonest genres get up to 5 copies in the training folds, which are back-translations',
  )
  const [movies] = RECIPE_PARAMETERS
  const smaller = withParameter(first, movies, 200)
  expect([parameterOf(first, movies), parameterOf(smaller, movies)]).toEqual([1000, 200])
  expect({ ...smaller, sample: first.sample }).toEqual(first)
})
