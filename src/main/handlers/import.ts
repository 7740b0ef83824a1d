import { UserError } from '../../contract/errors.ts'
import type { CleaningReport } from '../../contract/cleaning.ts'
import { inspect } from '../data/import/inspect.ts'
import { ALL_RULES_ON } from '../data/clean/rules.ts'
import { cleanProject, switchesOf } from '../jobs/clean.ts'
import { importProject, refuseImport } from '../jobs/import.ts'
import type { Context, Handlers } from './context.ts'

export function importHandlers(c: Context): Handlers<'import.inspect' | 'import.run' | 'import.report' | 'clean.report' | 'clean.set'> {
  const cleanReport = (): CleaningReport => {
    const report = c.workspace().store.cleanings.current()?.report
    if (!report) throw new UserError('not-imported', 'This project was not imported: there is no cleaning to report.')
    return report
  }
  return {
    'import.inspect': ({ paths, format, mapping, genreSyntax }) => inspect(paths, { format, mapping: given(mapping), genreSyntax }),
    'import.run': async ({ paths, format, mapping, genreSyntax, name, path, clean, seed }) => {
      c.jobs.assertIdle()
      const plan = await inspect(paths, { format, mapping: given(mapping), genreSyntax })
      const project = path ?? c.projects.pathFor(name)
      const wish = { plan, project, name, sample: false, switches: { ...ALL_RULES_ON, ...given(clean) }, seed }
      refuseImport(wish)
      const job = c.jobs.start('import', null, async (control) => {
        const report = await importProject(wish, control, () => c.spawn('job'))
        c.open(project)
        return `${report.movies.toLocaleString('en')} movies from ${report.records.toLocaleString('en')} records; ${report.clean.kept.toLocaleString('en')} kept by cleaning.`
      })
      return { job }
    },
    'import.report': () => c.workspace().store.imports.latest()?.report ?? null,
    'clean.report': cleanReport,
    'clean.set': ({ switches }) => {
      const workspace = c.workspace()
      const before = switchesOf(workspace.store) ?? ALL_RULES_ON
      const job = c.jobs.start('clean', null, async (control) => {
        control.progress(0.1, 'cleaning')
        const report = await cleanProject(workspace.store, { ...before, ...given(switches) }, control)
        workspace.reload()
        c.emit('changed', { what: 'catalogue' })
        return `${report.kept.toLocaleString('en')} of ${report.movies.toLocaleString('en')} movies kept.`
      })
      return { job }
    },
  }
}

/** An object without its undefined members, as exact optional types want it. */
function given<T extends object>(o: T): { [P in keyof T]: Exclude<T[P], undefined> } {
  return Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as never
}
