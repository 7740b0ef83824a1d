import type { AUDIT_METHODS, AuditDesign, AuditState } from '../../contract/audit.ts'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import { many } from '../../contract/words.ts'
import type { Change } from '../../contract/review.ts'
import { answeredOf, limitOf } from '../analysis/audit/result.ts'
import { auditResult, auditState, drawAudit } from '../catalogue/audit.ts'
import { recordHealth } from '../catalogue/health.ts'
import { inSlices } from '../jobs/slices.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { append, plan } from './labels.ts'
import { originalColumns } from './review.ts'

/** Names of original columns that do not reveal genres, and may be shown in an audit. */
const NEUTRAL = /(?:^|[\s_])(?:years?|dates?|released?|languages?|countr(?:y|ies)|directors?|cast|actors?|runtime|duration|minutes?)$/i

/** @throws UserError `no-audit` */
function designOf({ store }: Workspace): AuditDesign {
  const design = store.meta.get('audit')
  if (design) return design
  throw new UserError('no-audit', 'There is no audit in this project: start one (`reelabel audit start PROJECT.reel`).')
}
const answersOf = ({ store }: Workspace) => store.meta.get('auditAnswers') ?? {}
const stateOf = ({ store }: Workspace): AuditState => required(auditState(store), 'an audit')

export function auditHandlers(c: Context): Handlers<typeof AUDIT_METHODS> {
  return {
    'audit.start': async ({ replace, ...wanted }) => {
      const w = c.workspace()
      const answered = Object.keys(answersOf(w)).length
      if (answered > 0 && !replace)
        throw new UserError(
          'audit-exists',
          `There is an audit with ${many(answered, 'answer')}: go on with it, or give it up for a new one (\`reelabel audit start PROJECT.reel --replace\`).`,
        )
      if (w.catalogue.n === 0 || w.catalogue.k === 0) throw new UserError('no-movies', 'There is no movie with a genre to audit.')
      const design = await inSlices(drawAudit(w, wanted))
      w.store.transaction(() => {
        w.store.meta.set('audit', design)
        w.store.meta.set('auditAnswers', {})
      })
      return stateOf(w)
    },
    'audit.extend': ({ width }) => {
      const w = c.workspace()
      const design = designOf(w)
      w.store.transaction(() => w.store.meta.set('audit', { ...design, width }))
      return stateOf(w)
    },
    'audit.state': () => auditState(c.workspace().store),
    'audit.movie': ({ index }) => {
      const w = c.workspace()
      const design = designOf(w)
      const answers = answersOf(w)
      const at = index ?? answeredOf(design, answers)
      const draw = at < limitOf(design) ? design.draws[at] : undefined
      if (!draw) return null
      const text = w.store.movies.text(draw.movie)
      if (!text) throw new UserError('no-movie', `Movie ${draw.movie} of the audit is no longer in this project: start a new audit.`)
      const names = w.store.movies.genres().map(({ name }) => name.toLowerCase())
      const neutral = originalColumns(w, draw.movie).filter(
        ({ name, value }) => NEUTRAL.test(name) && value !== '' && !names.some((genre) => value.toLowerCase().includes(genre)),
      )
      const { key, title, plot } = text
      return { index: at, movie: draw.movie, key, title, plot, columns: neutral, answer: answers[draw.movie] ?? null }
    },
    'audit.answer': ({ movie, genres }) => {
      const w = c.workspace()
      const design = designOf(w)
      if (!design.draws.slice(0, limitOf(design)).some((draw) => draw.movie === movie))
        throw new UserError('not-sampled', 'This movie is not in the sample: only the drawn movies count.')
      const stranger = genres.find((genre) => !design.genres.includes(genre))
      if (stranger !== undefined) throw new UserError('no-genre', `There was no genre ${stranger} in the catalogue when the audit began.`)
      const before = stateOf(w)
      w.store.transaction(() => w.store.meta.set('auditAnswers', { ...answersOf(w), [movie]: [...new Set(genres)] }))
      const state = stateOf(w)
      if (state.finished && !before.finished) {
        recordHealth(w, 'audit')
        c.emit('changed', { what: 'runs' })
      }
      return state
    },
    'audit.result': () => auditResult(c.workspace()),
    'audit.apply': ({ dryRun }) => {
      const w = c.workspace()
      return w.decide(async () => {
        const changes = corrections(w)
        const relabelled = changes.filter(({ field }) => field === 'label')
        const [labels, movies] = [relabelled.length, new Set(relabelled.map(({ movie }) => movie)).size]
        const description = `Apply the audit: ${many(labels, 'label')} of ${many(movies, 'movie')}`
        const log = plan(w, changes)
        const info = await append(c, w, () => w.log.appending({ who: c.who(), why: 'audit', description, run: null }, dryRun ? [] : log))
        return { labels, movies, changes: log.length, batch: info.batch, ...w.log.state() }
      })
    },
  }
}

/**
 * The changes that turn the answers into decisions: labels that differ from the answer, unless they were changed since the draw, get the
 * answered value; suspected labels that agree with the answer are kept; and the movies become reviewed.
 */
function corrections(w: Workspace): Change[] {
  const design = designOf(w)
  const { genres } = design
  const answers = answersOf(w)
  const { catalogue, suspects } = w
  return design.draws.slice(0, limitOf(design)).flatMap(({ movie, labels }): Change[] => {
    const answer = answers[movie]
    const row = catalogue.row(movie)
    if (!answer || row < 0) return []
    const cells = genres.flatMap((genre): Change[] => {
      const [given, to, column] = [labels.includes(genre), answer.includes(genre), catalogue.column(genre)]
      if (column < 0 || (catalogue.labels[row * catalogue.k + column] === 1) !== given) return []
      if (to !== given) return [{ field: 'label', movie, genre, to }]
      return suspects?.isSuspect(row, column) ? [{ field: 'verdict', movie, genre, to: 'keep' }] : []
    })
    return [...cells, { field: 'reviewed', movie, to: true }]
  })
}
