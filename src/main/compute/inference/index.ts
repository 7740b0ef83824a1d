/** Entry of the inference process: holds trained models and handles one request after another. */
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { InferenceReply, InferenceRequest, TextExplanation, TrainedModel } from '../../../contract/jobs.ts'
import { toReply, UserError } from '../../../contract/errors.ts'
import { connect } from '../../processes/worker-port.ts'
import { listDevices } from '../devices/choose.ts'
import { ModelCache, type LoadedModel } from './model-cache.ts'
import { loadTransformer } from './transformer.ts'
import { eachText, modelBytes } from '../../store/reader.ts'
import { sigmoid } from '../../analysis/matrix.ts'
import { occlusion } from '../attribute/explain.ts'
import { combined, memberFactors, memberLogits, unpackEnsemble } from '../ensemble.ts'
import { explainFully, explainLinear, explainTogether, logitsOf, modelOf, strongestWords, weightedSum } from '../linear/explain.ts'
import { learnedBy, nearestByContribution } from '../linear/training-examples.ts'
import { recordCells } from '../../data/import/files/tables.ts'
import { predictProba, type LinearModel } from '../linear/predict.ts'
import { deserialise } from '../linear/serialise.ts'

/** Difference of logits that is said where a member's logit was cut. */
const MAX_CUT = 0.01
/** Share of the machine's memory that all models together may take. */
const MEMORY_SHARE = 0.25

const models = new ModelCache(totalmem() * MEMORY_SHARE)
const port = connect<'inference'>()
let turn: Promise<void> = Promise.resolve()
port.onMessage((request) => {
  turn = turn.then(async () => port.post(await answer(request)))
})

async function answer(request: InferenceRequest): Promise<InferenceReply> {
  const { id } = request
  try {
    if (request.t === 'devices') return { t: 'devices', id, devices: await listDevices(request.deviceFolder) }
    const { model } = request
    const loaded = await models.get(JSON.stringify(model), () => load(model))
    if (request.t === 'predict') return { t: 'predicted', id, probabilities: await loaded.predict(request.texts) }
    if (request.t === 'explain')
      return {
        t: 'explained',
        id,
        explanation: await (
          await predictorOf(model, loaded, request.movie)
        ).explain(request.text, request.genre, request.movie, request.method),
      }
    if (request.t === 'strongest') {
      const { linear } = loaded
      if (!linear) throw new UserError('no-method', 'Only a linear model has weights of words: make a linear run the current one.')
      const [helping, hindering] = [strongestWords(linear, request.most), strongestWords(linear, request.most, -1)]
      return { t: 'strongest-words', id, genres: helping.map((words, genre) => ({ for: words, against: hindering[genre]! })) }
    }
    if (request.t === 'examples') return { t: 'examples', id, found: await loaded.examples(request) }
    if (request.t === 'logits')
      return {
        t: 'logits',
        id,
        logits: await (await predictorOf(model, loaded, request.movie)).logits(request.texts, request.genre, request.movie),
      }
    await loaded.export(request.what, request.to)
    return { t: 'exported', id }
  } catch (error) {
    return { t: 'failed', id, error: toReply(error) }
  }
}

/** The model that predicted a movie: the final one, or that of a fold, which did not learn from the movie. */
async function predictorOf(model: TrainedModel, final: LoadedModel, movie: number): Promise<LoadedModel> {
  const fold = final.foldOf?.(movie) ?? null
  if (fold === null || model.family !== 'transformer') return final
  return models.get(JSON.stringify([model, fold]), () => Promise.resolve().then(() => loadTransformer(model, fold)))
}

const load = (model: TrainedModel): Promise<LoadedModel> =>
  Promise.resolve().then(() => {
    if (model.family === 'linear') return loadLinear(model)
    return model.family === 'ensemble' ? loadEnsemble(model) : loadTransformer(model)
  })

/** The model of a run that is in the project's file. @throws UserError `no-model` */
function storedModel(project: string, run: number): Uint8Array {
  const bytes = modelBytes(project, run)
  if (!bytes) throw new UserError('no-model', `The model of run ${run} is not in the project: train again.`)
  return bytes
}

/** Loads the linear model of a run. @throws UserError `no-model`, `model-damaged` */
function loadLinear({ project, run, file }: Extract<TrainedModel, { readonly family: 'linear' }>): LoadedModel {
  const model = deserialise(file === undefined ? storedModel(project, run) : readFileSync(file))
  return {
    // an n-gram takes a string and a map entry
    bytes: model.weights.byteLength + (model.folds?.weights.byteLength ?? 0) + model.vocabulary.length * 120,
    linear: model,
    predict: (texts) => Promise.resolve(predictProba(model, texts)),
    logits: (texts, genre, movie) => Promise.resolve(logitsOf(modelOf(model, movie).model, texts, genre)),
    examples: ({ text, genre, movie, movies, most }) => {
      const learned = learnedBy(model, movie, movies).filter((other) => other !== movie)
      const texts = eachText(project, learned, model.config, recordCells)
      const found = nearestByContribution(modelOf(model, movie).model, { text, genre, most }, texts)
      return Promise.resolve(found.map(({ at, similarity }) => ({ movie: learned[at]!, similarity })))
    },
    explain: async (text, genre, movie, method) => {
      const { model: predicted, is } = modelOf(model, movie)
      return method === 'occlusion'
        ? { ...(await occlusion(text, (texts) => Promise.resolve(logitsOf(predicted, texts, genre)))), of: is }
        : { ...explainLinear(predicted, text, genre), note: '', of: is }
    },
    export: () => Promise.reject(new UserError('no-export', `Run ${run} is a linear model: only transformers are exported so.`)),
    release: () => Promise.resolve(),
  }
}

/** Loads an ensemble; its members are loaded, and kept, as other models are. @throws UserError `no-model`, `model-damaged` */
function loadEnsemble({ project, run, members }: Extract<TrainedModel, { readonly family: 'ensemble' }>): LoadedModel {
  const model = unpackEnsemble(storedModel(project, run))
  const k = model.genres
  const logits = async (texts: readonly string[]): Promise<Float32Array> => {
    const ofMembers: Float32Array[] = []
    for (const member of members) {
      const loaded = await models.get(JSON.stringify(member.model), () => load(member.model))
      ofMembers.push(memberLogits(member, await loaded.predict(texts), texts.length))
    }
    return combined(model, ofMembers)
  }
  const ofGenre = async (texts: readonly string[], genre: number): Promise<Float64Array> => {
    const all = await logits(texts)
    return Float64Array.from(texts, (_, text) => all[text * k + genre]!)
  }
  const exactly = async (text: string, genre: number): Promise<Omit<TextExplanation, 'of'>> => {
    const linear: { readonly model: LinearModel; readonly run: number }[] = []
    for (const member of members) {
      const loaded = await models.get(JSON.stringify(member.model), () => load(member.model))
      if (!loaded.linear || member.model.family !== 'linear')
        throw new UserError('no-method', `Run ${run} has a member that is not linear: explain it by occlusion.`)
      linear.push({ model: loaded.linear, run: member.model.run })
    }
    const genres = linear.map((each) => each.model.genres)
    const { factors, constant } = memberFactors(model, members, genres, genre)
    const parts = linear.map((each, i) => explainFully(weightedSum(each.model, factors[i]!, i === 0 ? constant : 0), text, 0))
    const together = explainTogether(parts)
    const [predicted = 0] = await ofGenre([text], genre)
    const isCut = Math.abs(predicted - together.logit) > MAX_CUT
    const note = isCut ? `The words add up to ${together.logit.toFixed(2)} and the ensemble predicts ${predicted.toFixed(2)}, because a member’s probability is so close to 0 or 1 that it is rounded.` : '' // prettier-ignore
    return { ...together, members: linear.map((each) => each.run), note }
  }
  return {
    bytes: model.stack?.weights.byteLength ?? 0,
    predict: async (texts) => (await logits(texts)).map(sigmoid),
    logits: ofGenre,
    examples: () => Promise.reject(new UserError('no-method', `Run ${run} is an ensemble: only linear models have training examples.`)),
    explain: async (text, genre, _movie, method) =>
      method === 'exact'
        ? { ...(await exactly(text, genre)), of: 'final' }
        : { ...(await occlusion(text, (texts) => ofGenre(texts, genre))), of: 'final' },
    export: () => Promise.reject(new UserError('no-export', `Run ${run} is an ensemble: export its members.`)),
    release: () => Promise.resolve(),
  }
}
