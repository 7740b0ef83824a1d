import type { CleanRuleSet, GenrePreview } from '../../contract/cleaning.ts'
import { previewGenres, type CountedList } from '../data/clean/genre-preview.ts'
import { CleaningSource } from '../store/cleaning-source.ts'
import type { Store } from '../store/store.ts'
import { storedJson, TEXTS } from '../store/values.ts'
import { inSlices } from './slices.ts'

/** Counts the source's lists of genres once per project: a form asks for the preview after every change. */
export class GenreCounts {
  #known: { readonly store: Store; readonly of: string; readonly lists: readonly CountedList[] } | null = null

  async preview(store: Store, ruleSet: CleanRuleSet): Promise<GenrePreview> {
    return previewGenres(await this.#lists(store), ruleSet)
  }
  async #lists(store: Store): Promise<readonly CountedList[]> {
    // every change of the source is followed by a cleaning
    const of = String(store.cleanings.generation())
    if (this.#known?.store === store && this.#known.of === of) return this.#known.lists
    const lists = await inSlices(counted(store.path))
    this.#known = { store, of, lists }
    return lists
  }
}

function* counted(path: string): Generator<void, CountedList[]> {
  const source = new CleaningSource(path)
  try {
    const counts = new Map<string, number>()
    for (const page of source.genreLists()) {
      for (const json of page) counts.set(json, (counts.get(json) ?? 0) + 1)
      yield
    }
    return [...counts].map(([json, movies]) => ({ genres: [...new Set(storedJson(json, TEXTS, 'movie.source_genres'))], movies }))
  } finally {
    source.close()
  }
}
