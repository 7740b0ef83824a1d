/** Explanations of the current run, of a movie's text or of a changed one, by the model that made the movie's prediction. */
import type { StrongestWords } from '../../contract/error-analysis.ts'
import { UserError } from '../../contract/errors.ts'
import type { ExampleMatch, TextExplanation, TrainedModel } from '../../contract/jobs.ts'
import { modelText, type MovieTexts } from '../../contract/model-text.ts'
import { METHODS_OF, METHODS_WITHOUT, type ExplainedModel, type ExplainMethod } from '../../contract/records.ts'
import { required } from '../../contract/required.ts'
import { recordCells } from '../data/import/files/tables.ts'
import { architectureIn } from '../model-folder/facts.ts'
import { originalCells } from '../store/reader.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Workspace } from '../workspace.ts'
import type { Context } from './context.ts'
import { finished } from './runs.ts'
import { trainedModel } from './trained.ts'

export type Explained = Omit<TextExplanation, 'of'> & { readonly model: ExplainedModel }

export interface Explainer {
  readonly run: StoredRun
  /** How it can explain; the first is its own. */
  readonly methods: readonly ExplainMethod[]
  /** The text of a movie that the run reads. */
  texts(movie: number): MovieTexts
  text(movie: number): string
  /** Column of a genre in the run. @throws UserError `no-genre` if it was trained without it */
  column(genre: number): number
  /** @param method by default the run's @throws UserError `no-method` if the family of the run does not have it */
  explain(text: string, movie: number, column: number, method?: ExplainMethod): Promise<Explained>
  /** @param movies training movies */
  examples(movie: number, column: number, movies: Int32Array, most: number): Promise<readonly ExampleMatch[]>
  /** By genre of the run. @throws UserError `no-method` if it is not linear */
  strongest(most: number): Promise<readonly Omit<StrongestWords['genres'][number], 'name'>[]>
  /** Logits of texts by the model that predicted a movie. */
  logits(texts: readonly string[], movie: number, column: number): Promise<Float64Array>
}

/**
 * The methods of a run's family. An ensemble with a transformer among its members is not a sum over words; a method that says nothing about
 * the model is left out, with the reason.
 */
function methodsOf(
  w: Workspace,
  { config }: StoredRun,
  model: TrainedModel,
): { readonly methods: readonly ExplainMethod[]; readonly without: (typeof METHODS_WITHOUT)[string] } {
  const isLinear = config.family !== 'ensemble' || config.runs.every((id) => w.store.runs.get(id)?.config.family === 'linear')
  const without = model.family === 'transformer' ? METHODS_WITHOUT[architectureIn(model.modelFolder ?? model.folder) ?? ''] : undefined
  return { methods: METHODS_OF[config.family].filter((method) => (isLinear || method !== 'exact') && method !== without?.method), without }
}

/** @throws UserError about a model that is missing or damaged */
export async function explainerOf(c: Context, w: Workspace): Promise<Explainer> {
  const run = finished(w, w.trained().run)
  const model = await trainedModel(c, w, run)
  const { methods, without } = methodsOf(w, run, model)
  const measured = w.store.meta.get('faithfulness')?.[run.id]?.best
  const faithful = methods.find((method) => method === measured) ?? required(methods[0], 'a method')
  const cellsOf = originalCells(w.store.sources, recordCells)
  const texts = (movie: number): MovieTexts => {
    const { title, plot } = w.store.movies.text(movie) ?? { title: '', plot: '' }
    return run.config.columns?.length ? { title, plot, cells: cellsOf(movie) } : { title, plot }
  }
  return {
    run,
    methods,
    texts,
    text: (movie) => modelText(run.config, texts(movie)),
    column: (genre) => {
      const column = run.genres.findIndex((g) => w.catalogue.column(g) === w.catalogue.column(genre))
      if (column >= 0) return column
      const name = w.catalogue.genres.find((g) => g.id === genre)?.name ?? `genre ${genre}`
      throw new UserError('no-genre', `Run ${run.id} does not know ${name}: train again.`)
    },
    explain: async (text, movie, genre, method = faithful) => {
      if (!methods.includes(method))
        throw new UserError(
          'no-method',
          `Run ${run.id} has no explanations by ${method}${method === without?.method ? `, because ${without.why}` : ''}: choose one of ${methods.join(', ')}.`,
        )
      const { of, ...explanation } = (await c.inference.ask({ t: 'explain', model, text, genre, movie, method })).explanation
      const final = w.catalogue.splitOf(w.catalogue.row(movie)) === 'train' ? 'learned' : 'final'
      return { ...explanation, model: of === 'fold' ? of : final }
    },
    examples: async (movie, genre, movies, most) => {
      const text = modelText(run.config, texts(movie))
      return (await c.inference.ask({ t: 'examples', model, text, genre, movie, movies, most })).found
    },
    strongest: async (most) => (await c.inference.ask({ t: 'strongest', model, most })).genres,
    logits: async (texts, movie, genre) => (await c.inference.ask({ t: 'logits', model, texts, genre, movie })).logits,
  }
}
