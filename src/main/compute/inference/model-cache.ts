/** Trained models in memory. */
import type { InferenceRequest, ExampleMatch, TextExplanation } from '../../../contract/jobs.ts'
import type { ExplainMethod } from '../../../contract/records.ts'
import type { ModelExport } from '../../../contract/training.ts'
import type { LinearModel } from '../linear/predict.ts'

export interface LoadedModel {
  /** Approximate memory use. */
  readonly bytes: number
  /** The model of a linear run, for ensembles; no other family has one. */
  readonly linear?: LinearModel
  /** The fold whose model predicted a movie, where that model is stored apart. */
  foldOf?(movie: number): number | null
  /** (texts, genres) */
  predict(texts: readonly string[]): Promise<Float32Array>
  /** @param genre column of the run @param movie id of the movie whose text it is @throws UserError `no-explanation` */
  explain(text: string, genre: number, movie: number, method: ExplainMethod): Promise<TextExplanation>
  /** Logits of a genre, by the model that predicted the movie. */
  logits(texts: readonly string[], genre: number, movie: number): Promise<Float64Array>
  /** @throws UserError `no-method` for a transformer */
  examples(request: Extract<InferenceRequest, { readonly t: 'examples' }>): Promise<readonly ExampleMatch[]>
  /** Writes the model into a new folder. @throws UserError `no-export` */
  export(what: ModelExport, folder: string): Promise<void>
  release(): Promise<void>
}

/** Loaded models in order of last use; the least recently used ones are released if all of them together exceed `budget`. */
export class ModelCache {
  readonly #budget: number
  readonly #models = new Map<string, Promise<LoadedModel>>()
  constructor(budget: number) {
    this.#budget = budget
  }
  async get(key: string, load: () => Promise<LoadedModel>): Promise<LoadedModel> {
    const known = this.#models.get(key) ?? load()
    this.#models.delete(key)
    this.#models.set(key, known)
    try {
      await known
    } catch (error) {
      this.#models.delete(key)
      throw error
    }
    await this.#makeRoom(key)
    return known
  }
  async #makeRoom(kept: string): Promise<void> {
    const all = await Promise.all(Array.from(this.#models, async ([key, loading]) => ({ key, model: await loading })))
    let bytes = all.reduce((sum, { model }) => sum + model.bytes, 0)
    for (const { key, model } of all) {
      if (bytes <= this.#budget || key === kept) continue
      this.#models.delete(key)
      bytes -= model.bytes
      await model.release()
    }
  }
}
