/** Accepts plots of databases in the place of missing ones, and takes them back. The imported text stays as it is. */
import { UserError } from '../../contract/errors.ts'
import type { SERVICE_METHODS } from '../../contract/services.ts'
import { many } from '../../contract/words.ts'
import { isNoPlot } from '../data/clean/plots.ts'
import { checkedRuleSet } from '../data/clean/rule-set.ts'
import { currentRuleSet } from '../jobs/clean.ts'
import type { Workspace } from '../workspace.ts'
import { cleaned } from './cleaning.ts'
import type { Context, Handlers } from './context.ts'

/** Movie -> the answer whose plot it gets; null: none. */
type Acceptance = ReadonlyMap<number, number | null>

export function plotHandlers(c: Context): Handlers<Pick<typeof SERVICE_METHODS, 'plots.accept' | 'plots.takeBack'>> {
  const start = (acceptance: Acceptance, done: string) => c.jobs.start('clean', null, (control) => apply(c, acceptance, done, control))
  return {
    'plots.accept': ({ movies }) => {
      const found = acceptable(c.workspace(), movies && new Set(movies))
      if (found.size === 0)
        throw new UserError('nothing-to-accept', 'There is no plot to accept: ask a database first, with `reelabel fill-plots`.')
      return start(found, `${many(found.size, 'plot')} accepted.`)
    },
    'plots.takeBack': ({ movies }) => {
      const wanted = movies && new Set(movies)
      const accepted = c.workspace().store.answers.accepted().filter((movie) => wanted?.has(movie) ?? true) // prettier-ignore
      if (accepted.length === 0) throw new UserError('nothing-to-take-back', 'None of these movies has an accepted plot.')
      return start(new Map(accepted.map((movie) => [movie, null])), `${many(accepted.length, 'plot')} taken back.`)
    },
  }
}

/** The newest plots of these movies; null: those without doubt of all movies. A plot of the source's own is never replaced. */
function acceptable({ store }: Workspace, movies: ReadonlySet<number> | null): Map<number, number> {
  const found = new Map<number, number>()
  const accepted = new Set(store.answers.accepted())
  for (const { id, movie, answer } of store.answers.all('plot')) {
    if (answer.task !== 'plot' || answer.found === null || accepted.has(movie)) continue
    const isWanted = movies?.has(movie) ?? answer.doubt === null
    if (isWanted && isNoPlot(store.movies.source(movie)?.plot ?? '')) found.set(movie, id)
  }
  return found
}

/** Changes which plots are accepted and cleans again. If that fails or is cancelled, the plots are as they were. */
async function apply(c: Context, acceptance: Acceptance, done: string, control: Parameters<typeof cleaned>[2]): Promise<string> {
  const { store } = c.workspace()
  const before = store.transaction(() => store.answers.accept(acceptance))
  try {
    const kept = await cleaned(c, checkedRuleSet(currentRuleSet(store)), control)
    const out = [...acceptance.keys()].filter((movie) => acceptance.get(movie) !== null && c.workspace().catalogue.row(movie) < 0).length
    return `${done} ${kept}${out === 0 ? '' : ` Cleaning removes ${many(out, 'movie')} with accepted plots for other reasons.`}`
  } catch (error) {
    store.transaction(() => store.answers.accept(before))
    throw error
  }
}
