import type { CleaningReport, CleanRuleSet, CleanStep, CleanStepReport, RuleId } from '../../../src/contract/cleaning.ts'
import { clean, type Cleaned, type CleanOptions, type MovieSource } from '../../../src/main/data/clean/cleaner.ts'
import { checkedRuleSet } from '../../../src/main/data/clean/rule-set.ts'
import type { SourceMovie } from '../../../src/contract/records.ts'

/** Movies 1, 2, … of plots and their genres. */
export function catalogue(...movies: readonly (readonly [plot: string, ...genres: string[]])[]): SourceMovie[] {
  return movies.map(([plot, ...genres], i) => ({ movie: i + 1, key: `row-${i + 1}`, title: `T${i + 1}`, plot, genres }))
}

export function sourceOf(movies: readonly SourceMovie[], batch = 3): MovieSource {
  const names = new Map(movies.map(({ movie, key, title }) => [movie, { key, title }]))
  return {
    movies: movies.length,
    *read() {
      for (let at = 0; at < movies.length; at += batch) yield movies.slice(at, at + batch)
    },
    describe: (ids) => new Map(ids.map((id) => [id, names.get(id)!])),
  }
}

/** A step that is on, with the given parameters. */
export const on = (rule: RuleId, params: CleanStep['params'] = {}): CleanStep => ({ rule, on: true, params })
export const off = (rule: RuleId, params: CleanStep['params'] = {}): CleanStep => ({ rule, on: false, params })

/** The result of cleaning for one movie. */
export interface Fate {
  readonly movie: number
  readonly plot: string
  readonly genres: readonly string[]
  readonly out: RuleId | null
  readonly duplicateOf: number
}
export interface Result {
  readonly cleaned: Cleaned
  readonly report: CleaningReport
  readonly fates: readonly Fate[]
}
/** Cleans movies and returns the result for each; removed movies have their original plot. */
export async function cleanAll(movies: readonly SourceMovie[], ruleSet: CleanRuleSet, options: CleanOptions = {}): Promise<Result> {
  const plots = new Map(movies.map((m) => [m.movie, m.plot]))
  const cleaned = await clean(sourceOf(movies), checkedRuleSet(ruleSet), {
    ...options,
    changed: (changed) => changed.forEach(({ movie, plot }) => plots.set(movie, plot)),
  })
  const fates = movies.map(({ movie }) => ({
    movie,
    plot: plots.get(movie)!,
    genres: cleaned.genresOf(movie),
    out: cleaned.out[movie] === 0 ? null : ruleSet[cleaned.out[movie]! - 1]!.rule,
    duplicateOf: cleaned.duplicate[movie]!,
  }))
  return { cleaned, report: cleaned.report, fates }
}

export const stepOf = (report: CleaningReport, rule: RuleId): CleanStepReport => report.steps.find((s) => s.rule === rule)!
/** Each plot after one rule alone; null if the rule removes it. */
export async function alone(step: CleanStep, ...plots: readonly string[]): Promise<(string | null)[]> {
  const { fates } = await cleanAll(catalogue(...plots.map((plot) => [plot, 'Drama'] as const)), [step])
  return fates.map((f) => (f.out === null ? f.plot : null))
}
