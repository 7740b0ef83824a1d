import { UserError } from '../../contract/errors.ts'
import { many } from '../../contract/words.ts'
import { checkRecords, takeInRecords } from '../jobs/rejected.ts'
import { cleanProject, currentRuleSet } from '../jobs/clean.ts'
import type { REJECTED_METHODS } from '../../contract/importing.ts'
import type { Context, Handlers } from './context.ts'

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
      const job = c.jobs.start('repair', null, async (control) => {
        control.progress(0.05, 'taking records in')
        const { taken, left } = takeInRecords(w.store, records)
        // the records are stored already: cancelling would only keep them out of the catalogue until the next cleaning
        const toTheEnd = { ...control, signal: new AbortController().signal }
        await cleanProject(w.store, currentRuleSet(w.store), toTheEnd, () => c.spawn('job'))
        await w.reloadInTurns()
        c.emit('changed', { what: 'catalogue' })
        const rest = left.length === 0 ? '' : ` Still rejected: ${left.join('; ')}.`
        return `${many(taken, 'record')} added.${rest}`
      })
      return { job }
    },
  }
}
