/** The window: the screens of models and their results, and those that deliver. */
import { windowDeliverTests } from './window-deliver.ts'
import { windowMapTests } from './window-map.ts'
import { windowModelsTests } from './window-models.ts'
import { windowPeopleTests } from './window-people.ts'
import { windowRecipesTests } from './window-recipes.ts'
import { windowSlicesTests } from './window-slices.ts'
import { describeWindow, open, violations } from './window-suite.ts'

describeWindow('the window, modelling', () => {
  windowDeliverTests(open, violations)
  windowMapTests(open, violations)
  windowModelsTests(open, violations)
  windowPeopleTests(open, violations)
  windowRecipesTests(open, violations)
  windowSlicesTests(open, violations)
})
