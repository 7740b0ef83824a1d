/** Cleaning an open project: a job process reads and decides, the engine writes the result. */
import type { CleaningReport, CleanRuleSet } from '../../contract/cleaning.ts'
import type { CleanWork } from '../../contract/jobs.ts'
import { required } from '../../contract/required.ts'
import { writeCleaning, type CleaningSink } from '../store/cleaning-writer.ts'
import type { Store } from '../store/store.ts'
import type { StartWork } from './import.ts'
import type { JobControl } from '../processes/job-control.ts'
import { runWork } from '../processes/work-process.ts'
import type { CleanInput } from './work/clean.ts'

export { currentRuleSet } from './work/clean.ts'

/**
 * Cleans the source again. The previous cleaning stays current until the new one is written completely, and after a cancelled or
 * failed one.
 * @throws UserError `cancelled`, `cleaning-died`, and what the job process throws
 */
export async function cleanProject(store: Store, ruleSet: CleanRuleSet, control: JobControl, start: StartWork): Promise<CleaningReport> {
  const request: CleanWork = { t: 'clean', file: store.path, ruleSet, count: [], preview: false }
  return writeCleaning(store, ruleSet, (sink) => inProcess(request, control, start, sink))
}

/** The report that a cleaning would give; nothing is written. */
export async function previewCleaning(
  store: Store,
  { ruleSet, count = [] }: CleanInput,
  control: JobControl,
  start: StartWork,
): Promise<CleaningReport> {
  return inProcess({ t: 'clean', file: store.path, ruleSet, count, preview: true }, control, start, null)
}

async function inProcess(request: CleanWork, control: JobControl, start: StartWork, sink: CleaningSink | null): Promise<CleaningReport> {
  let report: CleaningReport | null = null
  await runWork(start, request, control, 'cleaning', (m) => {
    if (m.t === 'cleaned-plots') sink?.plots(m.plots)
    else if (m.t === 'cleaned-genres') sink?.genres(m.names, m.becomes)
    else if (m.t === 'cleaned-columns') sink?.columns(m.columns)
    else if (m.t === 'cleaned') report = m.report
  })
  return required<CleaningReport>(report, 'the report of a cleaning')
}
