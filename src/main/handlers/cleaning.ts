import { count } from '../../contract/words.ts'
import type { Args } from '../../contract/api.ts'
import type { Cleaning } from '../store/cleanings.ts'
import type { CleaningReport, CleanRuleSet, CLEANING_METHODS } from '../../contract/cleaning.ts'
import { UserError } from '../../contract/errors.ts'
import { checkedRuleSet, DEFAULT_RULE_SET, readRuleSet, ruleOf, RULES, withSwitches } from '../data/clean/rule-set.ts'
import { cleanProject, previewCleaning } from '../jobs/clean.ts'
import { GenreCounts } from '../jobs/genre-preview.ts'
import type { Context, Handlers } from './context.ts'

/** Cleaning: the current rule set and its report, previews of other rule sets, and saved rule sets. */
export function cleaningHandlers(c: Context): Handlers<typeof CLEANING_METHODS> {
  const current = (): Cleaning => {
    const cleaning = c.workspace().store.cleanings.current()
    if (!cleaning) throw new UserError('not-imported', 'This project was not imported: there is no cleaning to report.')
    return cleaning
  }
  const genres = new GenreCounts()
  return {
    'clean.rules': () => ({ rules: RULES.map((rule) => rule.spec), ruleSet: DEFAULT_RULE_SET, columns: columnsOf(c) }),
    'clean.ruleSet': () => checkedRuleSet(current().ruleSet),
    'clean.report': () => current().report,
    'clean.set': (args) => {
      const ruleSet = wanted(current().ruleSet, args)
      return c.jobs.start('clean', null, (control) => cleaned(c, ruleSet, control))
    },
    'clean.preview': ({ ruleSet, count: rules }) => {
      const steps = checkedRuleSet(ruleSet)
      const { store } = c.workspace()
      const answer = Promise.withResolvers<CleaningReport>()
      c.jobs.start('preview', null, async (control) => {
        try {
          const report = await previewCleaning(store, { ruleSet: steps, count: rules }, control, () => c.spawn('job'))
          answer.resolve(report)
          return `${count(report.kept)} of ${count(report.movies)} movies would be kept.`
        } catch (error) {
          answer.reject(error)
          throw error
        }
      })
      return answer.promise
    },
    // while the user fills in the form, steps of other rules may be incomplete
    'clean.genres': ({ ruleSet }) =>
      genres.preview(c.workspace().store, checkedRuleSet(ruleSet.filter((step) => ruleOf(step.rule).writes.includes('genres')))),
    'clean.saved': () => c.projects.ruleSets.list(),
    'clean.save': ({ name, ruleSet }) => c.projects.ruleSets.save(name, checkedRuleSet(ruleSet)),
    'clean.load': (from) => ('name' in from ? c.projects.ruleSets.load(from.name) : readRuleSet(from.text, 'This file')),
    'clean.delete': ({ name }) => {
      c.projects.ruleSets.delete(name)
      return null
    },
  }
}

/** The rule set that a call asks for. */
const wanted = (before: CleanRuleSet, { ruleSet, switches }: Args<'clean.set'>): CleanRuleSet =>
  withSwitches(checkedRuleSet(ruleSet ?? before), switches)

/** Cleans the open project, and returns how many movies it kept, in a sentence. */
export async function cleaned(c: Context, ruleSet: CleanRuleSet, control: Parameters<typeof cleanProject>[2]): Promise<string> {
  const workspace = c.workspace()
  const report = await cleanProject(workspace.store, ruleSet, control, () => c.spawn('job'))
  await workspace.reloadInTurns()
  c.emit('changed', { what: 'catalogue' })
  return `${count(report.kept)} of ${count(report.movies)} movies kept.`
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
