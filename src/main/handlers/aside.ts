import { UserError } from '../../contract/errors.ts'
import { many } from '../../contract/words.ts'
import { checkRecords, takeInRecords } from '../jobs/aside.ts'
import { cleanProject, ruleSetOf } from '../jobs/clean.ts'
import type { Context, Handlers } from './context.ts'

/** What an import decided on its own, and the records that it could not use. */
export function asideHandlers(c: Context): Handlers<'import.decisions' | 'aside.list' | 'aside.check' | 'aside.retry'> {
  return {
    'import.decisions': ({ after, limit }) => {
      const { decisions } = c.workspace().store
      const page = decisions.page(after, limit)
      return { total: decisions.count(), decisions: page, last: page.length < limit ? null : page.at(-1)!.id }
    },
    'aside.list': ({ after, limit }) => {
      const { sources } = c.workspace().store
      const records = sources.aside(after, limit)
      return { total: sources.asideCount(), records, last: records.length < limit ? null : records.at(-1)!.record }
    },
    'aside.check': ({ records }) => checkRecords(c.workspace().store, records),
    'aside.retry': ({ records }) => {
      const w = c.workspace()
      const fits = checkRecords(w.store, records).filter((r) => r.why === null)
      if (fits.length === 0) throw new UserError('nothing-fits', 'None of these records can be used yet: see what is said of each.')
      const job = c.jobs.start('repair', null, async (control) => {
        control.progress(0.05, 'taking records in')
        const { taken, left } = takeInRecords(w.store, records)
        // what was taken in stays: a cancel would only keep it out of the catalogue until the next cleaning
        const toTheEnd = { ...control, signal: new AbortController().signal }
        await cleanProject(w.store, ruleSetOf(w.store), toTheEnd, () => c.spawn('job'))
        await w.reloadInTurns()
        c.emit('changed', { what: 'catalogue' })
        const rest = left.length === 0 ? '' : ` Still set aside: ${left.join('; ')}.`
        return `${many(taken, 'record')} taken in.${rest}`
      })
      return { job }
    },
  }
}
