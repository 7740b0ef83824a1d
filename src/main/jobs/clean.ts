import type { CleanRecipe } from '../../contract/cleaning.ts'
import type { CleanReport, CleanRuleId, CleanSwitches } from '../../contract/importing.ts'
import type { Genre } from '../../contract/records.ts'
import { canonicalGenre, genreSpellings } from '../data/clean/aliases.ts'
import { cleaning, type CleanDecision, type CleanResult, type RawMovie } from '../data/clean/rules.ts'
import { ChunkPacker, type CleanedChunk, type GenreTargets } from '../store/cleanings.ts'
import { openDatabase } from '../store/database.ts'
import { reportOfSwitches } from '../store/migrations/002-steps.ts'
import { MovieTable } from '../store/movies.ts'
import type { Store } from '../store/store.ts'
import type { JobControl } from './queue.ts'
import { inSlices } from './slices.ts'

/** The rules in the order in which they run. */
const RULE_ORDER = ['truncated', 'placeholder', 'missing', 'genre-alias', 'exact-duplicate'] as const satisfies readonly CleanRuleId[]

/** What cleaning anew comes to. */
interface Outcome {
  readonly report: CleanReport
  readonly chunks: readonly CleanedChunk[]
  readonly targets: GenreTargets
}

/** The rules that are on in the cleaning in force; null before the first. */
export function switchesOf(store: Store): CleanSwitches | null {
  const recipe = store.cleanings.current()?.recipe
  return recipe ? (Object.fromEntries(recipe.map((step) => [step.rule, step.on])) as CleanSwitches) : null
}
/**
 * Cleans the source movies anew under the given switches; nothing of the source is touched. Everything is decided first,
 * with turns for other calls; then a new generation is written, and put in force in one small transaction.
 */
export async function cleanProject(store: Store, switches: CleanSwitches, { signal }: Pick<JobControl, 'signal'>): Promise<CleanReport> {
  const { report, chunks, targets } = await inSlices(outcome(store, switches, signal))
  const recipe: CleanRecipe = RULE_ORDER.map((rule) => ({ rule, on: switches[rule], params: {} }))
  const generation = store.cleanings.begin(recipe)
  try {
    for (const chunk of chunks) {
      store.cleanings.addChunk(generation, chunk)
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    }
  } catch (error) {
    await inSlices(store.cleanings.drop(generation))
    throw error
  }
  store.cleanings.finish(generation, reportOfSwitches(report), targets)
  await inSlices(store.cleanings.dropOthers())
  return report
}

/** In steps of one movie each. The connection is its own: a cursor that is open between two turns would keep the store from writing labels. */
function* outcome(store: Store, switches: CleanSwitches, signal: AbortSignal): Generator<void, Outcome> {
  const db = openDatabase(store.path, 'read')
  try {
    const table = new MovieTable(db)
    const movies: RawMovie[] = []
    for (const movie of table.sources()) {
      movies.push(movie)
      signal.throwIfAborted()
      yield
    }
    const { decisions, report } = yield* decided(movies, switches, signal)
    const genreId = (name: string): number => store.movies.genreId(name)
    const targets = targetsOf(movies, table.genres(), switches, genreId)
    return { report, chunks: yield* packed(movies, decisions, genreId, signal), targets }
  } finally {
    db.close()
  }
}

function* decided(movies: readonly RawMovie[], switches: CleanSwitches, signal: AbortSignal): Generator<void, CleanResult> {
  const steps = cleaning(movies, switches)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    signal.throwIfAborted()
    yield
  }
}

function targetsOf(
  movies: readonly RawMovie[],
  genres: readonly Genre[],
  switches: CleanSwitches,
  genreId: (name: string) => number,
): GenreTargets {
  const spellings = genreSpellings(movies)
  const becomes = (name: string): string => (switches['genre-alias'] ? canonicalGenre(name, spellings) : name)
  return Object.fromEntries(genres.map((g) => [g.id, [genreId(becomes(g.name))]]))
}

function* packed(
  movies: readonly RawMovie[],
  decisions: readonly CleanDecision[],
  genreId: (name: string) => number,
  signal: AbortSignal,
): Generator<void, CleanedChunk[]> {
  const chunks: CleanedChunk[] = []
  const packer = new ChunkPacker()
  for (const [i, d] of decisions.entries()) {
    const done = packer.add({
      movie: d.movie,
      out: d.out === null ? 0 : RULE_ORDER.indexOf(d.out) + 1,
      plot: d.plot === movies[i]!.plot ? null : d.plot,
      length: d.plot.length,
      duplicate: d.duplicateOf ?? 0,
      genres: d.genres.map(genreId),
    })
    if (done) chunks.push(done)
    signal.throwIfAborted()
    yield
  }
  const last = packer.end()
  return last ? [...chunks, last] : chunks
}
