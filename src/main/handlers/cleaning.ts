import type { Args } from '../../contract/api.ts'
import type { Cleaning } from '../store/cleanings.ts'
import type { CleaningReport, CleanRecipe } from '../../contract/cleaning.ts'
import { UserError } from '../../contract/errors.ts'
import { checkedRecipe, DEFAULT_RECIPE, readRecipe, ruleOf, RULES, withSwitches } from '../data/clean/recipe.ts'
import { cleanProject, previewCleaning } from '../jobs/clean.ts'
import { GenreCounts } from '../jobs/genre-preview.ts'
import type { Context, Handlers } from './context.ts'

type CleaningMethod =
  | 'clean.rules'
  | 'clean.recipe'
  | 'clean.report'
  | 'clean.set'
  | 'clean.preview'
  | 'clean.genres'
  | 'clean.saved'
  | 'clean.save'
  | 'clean.load'
  | 'clean.delete'

/** The list of cleaning rules: what it is, what it did, what another one would do, and recipes that are kept. */
export function cleaningHandlers(c: Context): Handlers<CleaningMethod> {
  const current = (): Cleaning => {
    const cleaning = c.workspace().store.cleanings.current()
    if (!cleaning) throw new UserError('not-imported', 'This project was not imported: there is no cleaning to report.')
    return cleaning
  }
  const genres = new GenreCounts()
  return {
    'clean.rules': () => ({ rules: RULES.map((rule) => rule.spec), recipe: DEFAULT_RECIPE, columns: columnsOf(c) }),
    'clean.recipe': () => checkedRecipe(current().recipe),
    'clean.report': () => current().report,
    'clean.set': (args) => {
      const recipe = wanted(current().recipe, args)
      return { job: c.jobs.start('clean', null, (control) => cleaned(c, recipe, control)) }
    },
    'clean.preview': ({ recipe, count }) => {
      const steps = checkedRecipe(recipe)
      const { store } = c.workspace()
      const answer = Promise.withResolvers<CleaningReport>()
      c.jobs.start('preview', null, async (control) => {
        try {
          const report = await previewCleaning(store, { recipe: steps, count }, control, () => c.spawn('job'))
          answer.resolve(report)
          return `${report.kept.toLocaleString('en')} of ${report.movies.toLocaleString('en')} movies would be kept.`
        } catch (error) {
          answer.reject(error)
          throw error
        }
      })
      return answer.promise
    },
    // while a form is being filled in, other steps may not be complete yet
    'clean.genres': ({ recipe }) =>
      genres.preview(c.workspace().store, checkedRecipe(recipe.filter((step) => ruleOf(step.rule).writes.includes('genres')))),
    'clean.saved': () => c.projects.recipes.list(),
    'clean.save': ({ name, recipe }) => c.projects.recipes.save(name, checkedRecipe(recipe)),
    'clean.load': (from) => ('name' in from ? c.projects.recipes.load(from.name) : readRecipe(from.text, 'This file')),
    'clean.delete': ({ name }) => {
      c.projects.recipes.delete(name)
      return null
    },
  }
}

/** The recipe that a call asks for. */
const wanted = (before: CleanRecipe, { recipe, switches }: Args<'clean.set'>): CleanRecipe =>
  withSwitches(checkedRecipe(recipe ?? before), switches)

async function cleaned(c: Context, recipe: CleanRecipe, control: Parameters<typeof cleanProject>[2]): Promise<string> {
  const workspace = c.workspace()
  const report = await cleanProject(workspace.store, recipe, control, () => c.spawn('job'))
  await workspace.reloadInTurns()
  c.emit('changed', { what: 'catalogue' })
  return `${report.kept.toLocaleString('en')} of ${report.movies.toLocaleString('en')} movies kept.`
}

/** Original columns of the open project's movies; none while no project is open. */
function columnsOf(c: Context): readonly string[] {
  try {
    const files = c.workspace().store.sources.currentFiles()
    return [...new Set(files.filter((f) => f.role === 'movies').flatMap((f) => f.columns))]
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-project') return []
    throw error
  }
}
