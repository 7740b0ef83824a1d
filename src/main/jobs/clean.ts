import type { CleanReport, CleanSwitches } from '../../contract/importing.ts'
import { cleanCatalogue } from '../data/clean/rules.ts'
import type { Store } from '../store/store.ts'

/** Cleans the source movies anew under the given switches: one transaction, nothing of the source is touched. */
export function cleanProject(store: Store, switches: CleanSwitches): CleanReport {
  const { decisions, report } = cleanCatalogue([...store.movies.sources()], switches)
  store.transaction(() => {
    for (const d of decisions) store.movies.clean(d)
    store.movies.indexText()
    store.meta.set('cleanSwitches', switches)
    store.meta.set('cleanReport', report)
  })
  return report
}
