/**
 * One measurement of transformers in a separate process, so that its memory is measured separately:
 *
 *   node test/bench/transformer-task.ts TASK FOLDER [JSON]
 *
 * FOLDER holds a model, its .onnx and its tokenizer (made by transformer.ts). Prints one JSON line: `seconds` (median) and `peakMB`.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { attributionGraph } from '../../src/main/compute/attribute/graph.ts'
import { integrate } from '../../src/main/compute/attribute/integrated.ts'
import { GraphBuilder } from '../../src/main/compute/graph/builder.ts'
import { forward } from '../../src/main/compute/models/forward.ts'
import { planLora } from '../../src/main/compute/models/lora/adapters.ts'
import { openModel } from '../../src/main/compute/models/open-model.ts'
import { bindParameters } from '../../src/main/compute/models/parameters.ts'
import type { Graph } from '../../src/main/compute/graph/types.ts'
import { openProgram, type Program } from '../../src/main/compute/runtime/program.ts'
import type { Device } from '../../src/main/compute/runtime/session.ts'
import { int64 } from '../../src/main/compute/runtime/tensors.ts'
import { loadTokenizer } from '../../src/main/compute/tokenize/load.ts'
import { epochUpdates, evaluationBatches, type Micro, type Update } from '../../src/main/compute/train/batches.ts'
import { Classifier, classifierGraph, type ClassifierOptions } from '../../src/main/compute/train/classifier.ts'
import { batchOf, pack, type Corpus } from '../../src/main/compute/train/corpus.ts'
import { ADAMW } from '../../src/main/compute/train/optimiser.ts'
import { planOf } from '../../src/main/compute/train/plan.ts'
import { fusedStep } from '../../src/main/compute/train/step.ts'
import { median, report, round } from './measure.ts'
import { bandwidth, flopOf, optimiserBytes, productRate, productsOf } from './roofline.ts'

interface Settings {
  readonly mode: 'lora' | 'full'
  readonly batch: number
  readonly tokens: number
  readonly repeats: number
  readonly device: Device
  readonly threads: number
}
const [task = '', folder = '', json = '{}'] = process.argv.slice(2)
const settings: Settings = {
  mode: 'lora',
  batch: 8,
  tokens: 128,
  repeats: 5,
  device: 'cpu',
  threads: 2,
  ...(JSON.parse(json) as Partial<Settings>),
}
const { batch, tokens, device, threads } = settings

/** Texts of one length with pseudo-random ids. */
function evenCorpus(rows: number): Corpus {
  return pack(Array.from({ length: rows }, (_, r) => Int32Array.from({ length: tokens }, (_x, t) => 1000 + ((r * 7919 + t * 104_729) % 29_000))), 0) // prettier-ignore
}
const everyRow = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i)
const plots = (): string[] => JSON.parse(readFileSync(`${folder}/plots.json`, 'utf8')) as string[]
function plotCorpus(): Corpus {
  const tokenizer = loadTokenizer(folder)
  return pack(tokenizer.encodeMany(plots(), { maxTokens: 256 }).map(({ ids }) => ids), tokenizer.padId) // prettier-ignore
}

/** Median seconds of several runs, after one that is not counted. */
async function repeated(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i <= settings.repeats; i++) {
    const start = performance.now()
    await work()
    if (i > 0) times.push(performance.now() - start)
  }
  return median(times) / 1000
}
async function once(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

const SESSION = { device, threads }
function learnerOptions(corpus: Corpus, mode: Settings['mode']): ClassifierOptions {
  const model = openModel(folder)
  const n = corpus.lengths.length
  const k = model.config.labels.length
  const labels = Uint8Array.from({ length: n * k }, (_, i) => Number((i * 2_654_435_761) % 100 < 15))
  return {
    model,
    plan: planOf({ mode, topLayers: 0 }, model.config),
    lora: mode === 'lora' ? planLora(model.config, model.specs, { rank: 8, alpha: 16, dropout: 0, targets: [] }) : null,
    corpus,
    features: null,
    targets: { k, labels, excluded: null, rowWeight: null },
    recipe: { loss: 'bce', focal: { alpha: 0.25, gamma: 2 }, weightDecay: 0.01, decayAll: true, clip: 1, seed: 1 },
    session: SESSION,
  }
}
const learner = (corpus: Corpus): Promise<Classifier> => Classifier.open(learnerOptions(corpus, settings.mode))
async function step(): Promise<number> {
  const own = await learner(evenCorpus(batch))
  const update: Update = { micros: [{ rows: everyRow(batch), width: tokens }], rows: batch }
  let at = 0
  return repeated(() => own.update(update, { epoch: 1, step: at++, learningRate: 2e-5 }))
}
/** One epoch of a LoRA fine-tuning as in a training: texts of similar length are batched together. */
async function epoch(): Promise<number> {
  const corpus = plotCorpus()
  const own = await learner(corpus)
  const updates = epochUpdates(everyRow(corpus.lengths.length), corpus.lengths, { batch, microTokens: 2048 }, { seed: 1, purpose: 0, epoch: 0 }) // prettier-ignore
  return once(async () => {
    for (const [at, update] of updates.entries()) await own.update(update, { epoch: 1, step: at, learningRate: 2e-4 })
  })
}

function inferenceGraph(): Graph {
  const { config, weights } = openModel(folder)
  const b = new GraphBuilder('logits')
  const ids = b.input('ids', 'int64', ['batch', 'tokens'])
  const mask = b.input('mask', 'int64', ['batch', 'tokens'])
  const parameters = bindParameters(b, weights, { external: true })
  b.output(forward(b, { config, parameters, batch: { ids, mask }, lowering: 'infer' }), 'logits')
  return b.finish()
}
const program = (): Promise<Program> => openProgram(inferenceGraph(), SESSION)
const predict = (own: Program, corpus: Corpus, micro: Micro): Promise<unknown> => {
  const shape = [micro.rows.length, micro.width]
  const { ids, mask } = batchOf(corpus, micro)
  return own.run({ ids: int64(shape, ids), mask: int64(shape, mask) })
}
async function infer(): Promise<number> {
  const [own, corpus] = [await program(), evenCorpus(batch)]
  return repeated(() => predict(own, corpus, { rows: everyRow(batch), width: tokens }))
}
async function inferPlots(): Promise<number> {
  const [own, corpus] = [await program(), plotCorpus()]
  const micros = evaluationBatches(everyRow(corpus.lengths.length), corpus.lengths, 2048)
  await predict(own, corpus, micros.at(-1)!)
  return once(async () => {
    for (const micro of micros) await predict(own, corpus, micro)
  })
}

/** The used part of @huggingface/transformers, whose types are not installed with this project. */
interface PeerLibrary {
  AutoModelForSequenceClassification: {
    from_pretrained(name: string, options: object): Promise<(inputs: Record<string, unknown>) => Promise<unknown>>
  }
  AutoTokenizer: { from_pretrained(name: string): Promise<(texts: string[], options: object) => Record<string, unknown>> }
  Tensor: new (type: 'int64', data: BigInt64Array, dims: number[]) => unknown
  env: { allowRemoteModels: boolean; localModelPath: string }
}
/** The same .onnx in @huggingface/transformers, which `npm ci --prefix test/bench/peers` installs. */
async function peer() {
  const installed = createRequire(join(import.meta.dirname, 'peers/package.json')).resolve('@huggingface/transformers')
  const library = (await import(pathToFileURL(installed).href)) as PeerLibrary
  const { AutoModelForSequenceClassification, AutoTokenizer, Tensor, env } = library
  env.allowRemoteModels = false
  env.localModelPath = dirname(folder)
  const name = basename(folder)
  const options = { dtype: 'fp32', device: 'cpu', session_options: { intraOpNumThreads: threads } } as const
  const model = await AutoModelForSequenceClassification.from_pretrained(name, options)
  return { model, tokenizer: () => AutoTokenizer.from_pretrained(name), Tensor }
}
async function inferPeer(): Promise<number> {
  const { model, Tensor } = await peer()
  const { ids, mask } = batchOf(evenCorpus(batch), { rows: everyRow(batch), width: tokens })
  const tensor = (data: BigInt64Array) => new Tensor('int64', data, [batch, tokens])
  return repeated(() => model({ input_ids: tensor(ids), attention_mask: tensor(mask) }))
}
const plotsPeer = (padding: true | 'max_length') => async (): Promise<number> => {
  const { model, tokenizer } = await peer()
  const [encode, texts] = [await tokenizer(), plots()]
  const run = (some: string[]): Promise<unknown> => {
    const { input_ids, attention_mask } = encode(some, { padding, truncation: true, max_length: 256 })
    return model({ input_ids, attention_mask })
  }
  await run(texts.slice(0, 1))
  return once(async () => {
    for (let i = 0; i < texts.length; i += batch) await run(texts.slice(i, i + batch))
  })
}

/** Integrated gradients of one genre with 32 points: the midpoints and both ends. */
async function attribute(): Promise<number> {
  const model = openModel(folder)
  const labels = model.config.labels.length
  const own = await openProgram(attributionGraph(model), { device, threads })
  const ids = evenCorpus(1).ids.slice(0, tokens)
  return repeated(() => integrate(own, { ids, padId: 0, label: 1, labels }, 32))
}

/** Seconds of the roofline of the step of `settings.mode`. */
async function roofline(): Promise<number> {
  const symbols = { batch, tokens }
  const rate = await productRate(productsOf(inferenceGraph(), symbols), SESSION, settings.repeats)
  const options = learnerOptions(evenCorpus(batch), settings.mode)
  const { graph, slots } = fusedStep({ name: 'roofline', forward: (b) => classifierGraph(b, options, true), optimiser: ADAMW })
  const bytes = optimiserBytes(slots.filter(({ state, output }) => output !== null && !state.includes(':')).map(({ shape }) => shape))
  return flopOf(productsOf(graph, symbols)) / rate + bytes / (await bandwidth(SESSION, settings.repeats))
}

async function tokenise(): Promise<number> {
  const [tokenizer, texts] = [loadTokenizer(folder), plots()]
  return once(() => Promise.resolve(tokenizer.encodeMany(texts, { maxTokens: 256 })))
}

const TASKS: Readonly<Record<string, () => Promise<number>>> = {
  step,
  epoch,
  infer,
  'infer-plots': inferPlots,
  'infer-peer': inferPeer,
  'infer-plots-peer': plotsPeer(true),
  'infer-plots-peer-padded': plotsPeer('max_length'),
  tokenise,
  attribute,
  roofline,
}
const chosen = TASKS[task]
if (!chosen) throw new Error(`usage: transformer-task.ts ${Object.keys(TASKS).join('|')} FOLDER [JSON]`)
const seconds = await chosen()
report({ seconds: round(seconds, 4), peakMB: Math.round(process.resourceUsage().maxRSS / 1024) })
process.exit(0)
