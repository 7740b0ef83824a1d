/**
 * The cleaning rules, in the order in which they run. Each says what it would do with one movie; the walker counts, keeps
 * examples and applies what is switched on. Nothing is lost: a decision holds the result beside the untouched source, so
 * that switching a rule off and cleaning again is the way back.
 */
import type { CleanReport, CleanRuleId, CleanRuleReport, CleanSwitches } from '../../../contract/importing.ts'
import { canonicalGenre, genreKey, genreSpellings } from './aliases.ts'
import { isPlaceholder, plotKey, withoutMoreMarker } from './plots.ts'

export interface RawMovie {
  readonly movie: number
  readonly key: string
  readonly title: string
  readonly plot: string
  readonly genres: readonly string[]
}
export interface CleanDecision {
  readonly movie: number
  /** The plot after the rules that are on. */
  readonly plot: string
  /** The genres after the rules that are on, each once, in first-seen order. */
  readonly genres: readonly string[]
  /** The rule that takes the movie out of the catalogue; null where it stays. */
  readonly out: CleanRuleId | null
  /** The movie that this one repeats, where `out` is `exact-duplicate`. */
  readonly duplicateOf: number | null
}
export interface CleanResult {
  /** One for each movie, in their order. */
  readonly decisions: CleanDecision[]
  readonly report: CleanReport
}

/** What a rule would do with a movie, and how an example of it reads. */
interface Effect {
  readonly plot?: string
  readonly genres?: readonly string[]
  readonly out?: true
  readonly duplicateOf?: number
  readonly before: string
  readonly after: string
}
interface Draft {
  readonly source: RawMovie
  plot: string
  genres: readonly string[]
}
interface Context {
  readonly spellings: ReadonlyMap<string, string>
  /** Plot key -> the first movie with that plot. */
  readonly plots: Map<string, Draft>
}
interface Rule {
  readonly id: CleanRuleId
  readonly title: string
  readonly description: string
  readonly effect: CleanRuleReport['effect']
  /** Null where it does not apply. */
  readonly apply: (draft: Draft, context: Context) => Effect | null
}

const EXAMPLES = 5
const EXCERPT = 160

const RULES: readonly Rule[] = [
  {
    id: 'truncated',
    title: 'Truncated tails',
    description: 'Cuts "See full summary »" and the dots before it from the end of a plot.',
    effect: 'changes',
    apply: ({ plot }) => {
      const cut = withoutMoreMarker(plot)
      return cut === null ? null : { plot: cut, before: ending(plot), after: ending(cut) }
    },
  },
  {
    id: 'placeholder',
    title: 'Placeholder plots',
    description: 'Takes out movies whose whole plot only says that there is none, such as "Add a Plot" or "Plot kept under wraps".',
    effect: 'removes',
    apply: ({ plot }) => (isPlaceholder(plot) ? { out: true, before: excerpt(plot), after: 'taken out' } : null),
  },
  {
    id: 'missing',
    title: 'Missing plot or genre',
    description: 'Takes out movies without a plot or without any genre: there is nothing to learn from them.',
    effect: 'removes',
    apply: ({ plot, genres }) => {
      const lacks = [plot.trim() === '' ? 'no plot' : '', genres.length === 0 ? 'no genre' : ''].filter((text) => text !== '')
      return lacks.length === 0 ? null : { out: true, before: lacks.join(', '), after: 'taken out' }
    },
  },
  {
    id: 'genre-alias',
    title: 'Genre aliases and case',
    description: 'Gives every genre one name: Sci-Fi becomes Science Fiction, and other cases the most frequent one.',
    effect: 'changes',
    apply: ({ genres }, { spellings }) => {
      const named = uniqueBy(genres, genreKey).map((name) => canonicalGenre(name, spellings))
      return sameList(named, genres) ? null : { genres: named, before: genres.join(', '), after: named.join(', ') }
    },
  },
  {
    id: 'exact-duplicate',
    title: 'Exact duplicates',
    description: 'Takes out movies whose plot, case and white space aside, an earlier movie already has; the first one stays.',
    effect: 'removes',
    apply: (draft, { plots }) => {
      if (draft.plot.trim() === '') return null
      const key = plotKey(draft.plot)
      const first = plots.get(key)
      if (first === undefined) plots.set(key, draft)
      return first === undefined ? null : duplicate(draft, first)
    },
  },
]

/** Every switch on. */
export const ALL_RULES_ON: CleanSwitches = {
  missing: true,
  placeholder: true,
  truncated: true,
  'genre-alias': true,
  'exact-duplicate': true,
}

/**
 * Cleans a catalogue. The report counts each rule on the movies that reach it (those that no earlier rule has taken out), and
 * does so for rules that are off as well, which then only say what they would do.
 */
export function cleanCatalogue(movies: Iterable<RawMovie>, switches: CleanSwitches): CleanResult {
  const steps = cleaning([...movies], switches)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same in steps, one movie each, so that other work can have a turn in between. */
export function* cleaning(movies: readonly RawMovie[], switches: CleanSwitches): Generator<void, CleanResult> {
  const context: Context = { spellings: genreSpellings(movies), plots: new Map() }
  const tallies = new Map(RULES.map(({ id }) => [id, { count: 0, examples: [] as CleanRuleReport['examples'][number][] }]))
  const decisions: CleanDecision[] = []
  for (const source of movies) {
    const decision = decide(source, context, switches, (rule, { before, after }) => {
      const tally = tallies.get(rule)!
      tally.count++
      if (tally.examples.length < EXAMPLES) tally.examples.push({ key: source.key, title: source.title, before, after })
    })
    decisions.push(decision)
    yield
  }
  const rules = RULES.map(({ id, title, description, effect }) => ({
    rule: id,
    title,
    description,
    on: switches[id],
    effect,
    ...tallies.get(id)!,
  }))
  return { decisions, report: { movies: movies.length, kept: decisions.filter(({ out }) => out === null).length, rules } }
}

function decide(
  source: RawMovie,
  context: Context,
  switches: CleanSwitches,
  note: (rule: CleanRuleId, effect: Effect) => void,
): CleanDecision {
  const draft: Draft = { source, plot: source.plot, genres: uniqueBy(source.genres, (name) => name) }
  for (const { id, apply } of RULES) {
    const effect = apply(draft, context)
    if (effect === null) continue
    note(id, effect)
    if (!switches[id]) continue
    draft.plot = effect.plot ?? draft.plot
    draft.genres = effect.genres ?? draft.genres
    if (effect.out) return { movie: source.movie, plot: draft.plot, genres: draft.genres, out: id, duplicateOf: effect.duplicateOf ?? null }
  }
  return { movie: source.movie, plot: draft.plot, genres: draft.genres, out: null, duplicateOf: null }
}

function duplicate(draft: Draft, first: Draft): Effect {
  const keys = new Set(first.genres.map(genreKey))
  const agree = keys.size === draft.genres.length && draft.genres.every((name) => keys.has(genreKey(name)))
  const { movie, key, title } = first.source
  return {
    out: true,
    duplicateOf: movie,
    before: `${draft.genres.join(', ')}: ${excerpt(draft.plot)}`,
    after: `taken out: ${key} ${title} (${first.genres.join(', ')}) has the same plot; their labels ${agree ? 'agree' : 'conflict'}`,
  }
}

function uniqueBy(names: readonly string[], keyOf: (name: string) => string): readonly string[] {
  if (names.length < 2) return names
  const seen = new Map<string, string>()
  for (const name of names) if (!seen.has(keyOf(name))) seen.set(keyOf(name), name)
  return seen.size === names.length ? names : [...seen.values()]
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}

function excerpt(text: string): string {
  return text.length <= EXCERPT ? text : text.slice(0, EXCERPT) + '…'
}
function ending(text: string): string {
  return text.length <= EXCERPT ? text : '…' + text.slice(-EXCERPT)
}
