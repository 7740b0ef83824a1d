import { UserError } from '../../../contract/errors.ts'
import type { TransformerConfig } from '../../../contract/models.ts'
import type { ModelExport } from '../../../contract/training.ts'
import { sigmoid } from '../../analysis/matrix.ts'
import { attributionGraph } from '../attribute/graph.ts'
import { occlusion, toExplanation, tokenExplanation } from '../attribute/explain.ts'
import { gradientTimesInput, integratedGradients } from '../attribute/integrated.ts'
import { GraphBuilder } from '../graph/builder.ts'
import { elements } from '../graph/dims.ts'
import type { Graph } from '../graph/types.ts'
import { exportAdapter, exportMerged, exportOnnx } from '../models/export/folders.ts'
import { forward } from '../models/forward.ts'
import { readPeftConfig } from '../models/lora/peft-config.ts'
import { bindParameters } from '../models/parameters.ts'
import { openProgram, type Program } from '../runtime/program.ts'
import { int64 } from '../runtime/tensors.ts'
import { foldsOfMovies, openArtifact, type LoadedArtifact, type ModelArtifact } from '../model-artifact.ts'
import type { Encoding } from '../tokenize/types.ts'
import type { LoadedModel } from './model-cache.ts'

/** Texts per pass. */
const BATCH = 8
const GRADIENT_NOTE = 'Gradient x input: how the words would change the logit if it were linear. The contributions need not add up.'
const OPTIONS = { device: 'cpu', threads: 0 } as const

export interface TransformerModel extends ModelArtifact {
  readonly config: TransformerConfig
}

/** Loads a trained transformer, or the model of one of its folds. @throws UserError about files that cannot be used */
export function loadTransformer(source: TransformerModel, fold: number | null = null): LoadedModel {
  const trained = openArtifact(source, fold)
  const of = fold === null ? 'final' : 'fold'
  const maxTokens = Math.min(source.config.maxTokens, trained.config.positions)
  const predictor = once(() => openProgram(logitsGraph(trained), OPTIONS))
  const attributor = once(() => openProgram(attributionGraph({ config: trained.config, weights: trained.weights }), OPTIONS))
  const encode = (text: string): Encoding => trained.tokenizer.encode(text, { maxTokens })
  const labels = trained.config.labels.length
  /** Logits of all genres, (texts, genres). */
  const allLogits = async (texts: readonly string[]): Promise<Float32Array> => {
    const out = new Float32Array(texts.length * labels)
    for (let at = 0; at < texts.length; at += BATCH) {
      const encodings = texts.slice(at, at + BATCH).map(encode)
      out.set(await batchLogits(await predictor.get(), encodings, trained.tokenizer.padId), at * labels)
    }
    return out
  }
  const logitsOf = async (texts: readonly string[], genre: number): Promise<Float64Array> => {
    const all = await allLogits(texts)
    return Float64Array.from(texts, (_, row) => all[row * labels + genre]!)
  }
  return {
    // as stored in the file, and packed for the processor's products
    bytes: 2 * bytesOf(trained),
    predict: async (texts) => (await allLogits(texts)).map(sigmoid),
    logits: logitsOf,
    foldOf: foldsOfMovies(source.folder),
    explain: async (text, genre, _movie, method) => {
      const encoding = encode(text)
      const question = { ids: encoding.ids, padId: trained.tokenizer.padId, label: genre, labels }
      const read = encoding.offsets.reduce((most, at) => Math.max(most, at), 0)
      if (method === 'occlusion') return { ...(await occlusion(text, (texts) => logitsOf(texts, genre), read)), of }
      const program = await attributor.get()
      const explanation =
        method === 'gradient'
          ? tokenExplanation(text, encoding, await gradientTimesInput(program, question), GRADIENT_NOTE)
          : toExplanation(text, encoding, await integratedGradients(program, question))
      return { ...explanation, of }
    },
    examples: () => Promise.reject(new UserError('no-method', 'Only linear models have training examples.')),
    export: (what, folder) => exportTrained(what, folder, trained, source),
    release: async () => {
      await predictor.release()
      await attributor.release()
      trained.close()
    },
  }
}

async function exportTrained(
  what: ModelExport,
  to: string,
  trained: LoadedArtifact,
  { folder, modelFolder, adapterFolder, config }: TransformerModel,
): Promise<void> {
  const tokenizer = { folder: modelFolder ?? folder }
  if (what === 'merged') return exportMerged(to, trained, tokenizer)
  if (what === 'onnx') return exportOnnx(to, trained, tokenizer)
  if (!trained.adapters) throw new UserError('no-export', 'This run trained no adapter: export the merged model or the .onnx graph.')
  // the adapter that the training started from is part of the exported one: both belong to the same model
  const id = config.model.source === 'library' ? config.model.id : null
  const base = adapterFolder === null ? id : (readPeftConfig(adapterFolder).base ?? modelFolder)
  return exportAdapter(to, trained.adapters, trained.config, base, tokenizer)
}

function bytesOf({ specs }: LoadedArtifact): number {
  const numbers = specs.filter((s) => s.part !== 'language').map(({ shape }) => elements(shape))
  return 4 * numbers.reduce((sum, n) => sum + n, 0)
}

/** Inputs `ids` and `mask`, int64 (batch, tokens); output `logits` (batch, labels). */
function logitsGraph({ config, weights }: LoadedArtifact): Graph {
  const b = new GraphBuilder('logits')
  const ids = b.input('ids', 'int64', ['batch', 'tokens'])
  const mask = b.input('mask', 'int64', ['batch', 'tokens'])
  const parameters = bindParameters(b, weights, { external: true })
  b.output(forward(b, { config, parameters, batch: { ids, mask }, lowering: 'infer' }), 'logits')
  return b.finish()
}

/** Logits (texts, labels); texts are padded on the right to the longest. */
async function batchLogits(program: Program, encodings: readonly Encoding[], padId: number): Promise<Float32Array> {
  const [rows, width] = [encodings.length, Math.max(...encodings.map(({ ids }) => ids.length))]
  const ids = new BigInt64Array(rows * width).fill(BigInt(padId))
  const mask = new BigInt64Array(rows * width)
  encodings.forEach((encoding, row) => {
    ids.set(BigInt64Array.from(encoding.ids, BigInt), row * width)
    mask.fill(1n, row * width, row * width + encoding.ids.length)
  })
  const { logits } = await program.run({ ids: int64([rows, width], ids), mask: int64([rows, width], mask) }, ['logits'])
  return (logits as { readonly data: Float32Array }).data
}

/** A program that is opened on first use. */
function once(open: () => Promise<Program>): { get(): Promise<Program>; release(): Promise<void> } {
  let program: Promise<Program> | null = null
  return {
    get: () => {
      program ??= open()
      // a failure is not cached: there may be enough memory the next time
      program.catch(() => (program = null))
      return program
    },
    release: async () => {
      await (await program)?.release()
      program = null
    },
  }
}
