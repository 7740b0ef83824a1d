import type { ImportPlan, IMPORT_METHODS, REJECTED_METHODS } from '../../contract/importing.ts'
import { count, many } from '../../contract/words.ts'
import { choicesOf, givenSource, type ImportChoices } from '../data/import/detect/choices.ts'
import { FORECAST_CHARACTERS, lossInWords, NO_FORECAST } from '../data/import/detect/forecast.ts'
import type { ImportMemory } from '../data/import/detect/memory.ts'
import { checkedRuleSet, DEFAULT_RULE_SET, withGenreNames, withSwitches } from '../data/clean/rule-set.ts'
import { importProject, refuseImport, refuseLoss } from '../jobs/import.ts'
import type { Context, Handlers } from './context.ts'
import { UserError } from '../../contract/errors.ts'
import { checkRecords, takeInRecords } from '../jobs/rejected.ts'
import { cleanProject, currentRuleSet } from '../jobs/clean.ts'
import { projectName } from '../workspace.ts'

export function importHandlers(c: Context): Handlers<typeof IMPORT_METHODS> {
  const memory = c.projects.importMemory
  return {
    'import.inspect': (source, caller) => c.reader.inspect(source, memory.path, FORECAST_CHARACTERS, caller),
    'import.forget': ({ headerKey }) => ({ forgotten: memory.forget(headerKey) }),
    'import.run': async ({ name, path, open, ruleSet, clean, genreNames, seed, accept, ...source }) => {
      c.jobs.assertIdle()
      const plan = await c.reader.inspect(source, memory.path, accept ? NO_FORECAST : FORECAST_CHARACTERS)
      const project = path ?? c.projects.pathFor(name)
      const rules = checkedRuleSet(ruleSet ?? DEFAULT_RULE_SET)
      const names = genreNames === null ? null : (await c.reader.ask({ t: 'genre-names', path: genreNames }, [genreNames])).names
      const steps = withSwitches(names === null ? rules : withGenreNames(rules, names), clean)
      const input = { plan, project, sample: false, ruleSet: steps, seed }
      refuseImport(input)
      if (plan.asks && !accept) refuseLoss(lossInWords(plan.forecast))
      return c.jobs.start('import', null, async (control) => {
        const report = await importProject(input, control, () => c.spawn('job'))
        remember(memory, plan, givenSource(source))
        c.projects.removeUploads([...source.paths, ...(genreNames === null ? [] : [genreNames])])
        if (open) c.open(project)
        return {
          result: { path: project, name: projectName(project), movies: report.clean.kept },
          message: `${many(report.movies, 'movie')} from ${many(report.records, 'record')}; ${count(report.clean.kept)} kept by cleaning.`,
        }
      })
    },
    'import.log': ({ after, limit }) => {
      const { importLog } = c.workspace().store
      const page = importLog.page(after, limit)
      return { total: importLog.count(), entries: page, last: page.length < limit ? null : (page.at(-1)?.id ?? null) }
    },
    'import.report': () => c.workspace().store.imports.latest()?.report ?? null,
  }
}

/** Remembers the choices of a successful import, in addition to earlier ones for the same header. */
function remember(memory: ImportMemory, { headerKey }: ImportPlan, chosen: ImportChoices): void {
  try {
    const [before, now] = [memory.recall(headerKey)?.choices, choicesOf(chosen)]
    const mapping = { ...before?.mapping, ...now.mapping }
    // one column of genres takes the place of several
    const single = now.mapping?.genres === undefined ? {} : { genreColumns: [] }
    memory.remember(headerKey, { ...before, ...single, ...now, ...(Object.keys(mapping).length > 0 ? { mapping } : {}) })
  } catch (error) {
    // the import has succeeded: failing to remember its choices must not fail it
    console.error(error)
  }
}

/** Records that an import could not use. */
export function rejectedHandlers(c: Context): Handlers<typeof REJECTED_METHODS> {
  return {
    'rejected.list': ({ after, limit }) => {
      const { sources } = c.workspace().store
      const records = sources.rejected(after, limit)
      return { total: sources.rejectedCount(), records, last: records.length < limit ? null : (records.at(-1)?.record ?? null) }
    },
    'rejected.check': ({ records }) => checkRecords(c.workspace().store, records),
    'rejected.retry': ({ records }) => {
      const w = c.workspace()
      const fits = checkRecords(w.store, records).filter((r) => r.why === null)
      if (fits.length === 0) throw new UserError('nothing-fits', 'None of these records can be used yet: see the reason of each.')
      return c.jobs.start('repair', null, async (control) => {
        control.progress(0.05, 'taking records in')
        const { taken, left } = takeInRecords(w.store, records)
        // the records are stored already: cancelling would only keep them out of the catalogue until the next cleaning
        const runToEnd = { ...control, signal: new AbortController().signal }
        await cleanProject(w.store, currentRuleSet(w.store), runToEnd, () => c.spawn('job'))
        await w.reloadInTurns()
        c.emit('changed', { what: 'catalogue' })
        const rest = left.length === 0 ? '' : ` Still rejected: ${left.join('; ')}.`
        return `${many(taken, 'record')} added.${rest}`
      })
    },
  }
}
