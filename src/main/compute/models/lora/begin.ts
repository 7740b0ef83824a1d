/** The initial model of a training: a model from a folder, with its adapter if there is one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelFiles } from '../../../../contract/models.ts'
import { labelsOf, type ModelConfig } from '../config.ts'
import { FAMILIES } from '../families/index.ts'
import { readJson } from '../../../model-folder/json-file.ts'
import { loadTokenizer } from '../../tokenize/load.ts'
import { isLast } from '../locate.ts'
import { openModel, readConfig, type Model, type OpenOptions } from '../open-model.ts'
import { heldWeights, layeredWeights, type HeldTensor, type Weights } from '../weights.ts'
import { loraA, loraB, loraScale, planLora, type LoraConfig, type LoraSettings } from './adapters.ts'
import { mergedWeights } from './merge.ts'
import { outputsOf, readAdapter, type Adapter } from './peft.ts'

export interface Start {
  /** Its weights include the adapter's own tensors if a training with this plan continues with them. */
  readonly model: Model
  /** The same classifier with all adapters merged: activations of frozen layers are computed with it. */
  readonly whole: Model
  /** The adapter merged into the weights of `model`; null if there is none. */
  readonly merged: Adapter | null
}

/**
 * Opens a model of the library for the project's labels. An adapter is merged into the weights, unless the training adapts the same
 * layers with the same ranks and scales: then the training continues with the adapter's tensors.
 * @param settings for mode `lora`; null in any other mode
 * @throws UserError as {@link openModel} and {@link readAdapter}: what is wrong, by name
 */
export function openStart({ modelFolder, adapterFolder }: ModelFiles, options: OpenOptions, settings: LoraSettings | null): Start {
  const base = openModel(modelFolder, options)
  if (adapterFolder === null) return { model: base, whole: base, merged: null }
  try {
    const { adapter, labels } = openAdapter(adapterFolder, base.config)
    const head = headFor(adapter, labels, base)
    const headed = layeredWeights(head, base.weights)
    const fresh = base.fresh.filter((name) => !head.has(name))
    const whole = { ...base, fresh, weights: mergedWeights(headed, adapter.weights, adapter.lora) }
    const continues = settings !== null && isSame(planLora(base.config, base.specs, settings), adapter.lora)
    if (!continues) return { model: whole, whole, merged: adapter }
    return { model: { ...whole, weights: layeredWeights(lowRankOf(adapter), headed) }, whole, merged: null }
  } catch (error) {
    base.close()
    throw error
  }
}

/**
 * Refuses what a training would refuse: settings, tensors or a tokenizer that cannot be used, an adapter that does not match its base.
 * @throws UserError as {@link openStart} and {@link loadTokenizer}
 */
export function checkModel(files: ModelFiles): void {
  const { model } = openStart(files, {}, null)
  model.close()
  loadTokenizer(files.modelFolder, model.config.vocabulary)
}

/** The settings with which a training continues with an adapter's own tensors; null if no single rank and scale describes it. */
export function loraSettingsOf({ modelFolder, adapterFolder }: ModelFiles): LoraSettings | null {
  if (adapterFolder === null) return null
  const config = readConfig(modelFolder)
  const { lora } = openAdapter(adapterFolder, config).adapter
  const [first] = lora.layers as readonly [LoraConfig['layers'][number]]
  const names = lora.layers.map(({ linear }) => linear)
  const ends = [...new Set(names.map((name) => name.split('.').at(-1)!))]
  const specs = FAMILIES[config.architecture].tensors(config)
  return (
    [ends, names]
      .map((targets) => ({ rank: first.rank, alpha: first.rank * loraScale(first, lora), dropout: lora.dropout, targets }))
      .find((settings) => isSame(planLora(config, specs, settings), lora)) ?? null
  )
}

const LABELS_FILE = 'labels.json'
const LABELS = z.looseObject({ id2label: z.record(z.string(), z.unknown()) })

/** @param labels names of the head's outputs; null if unknown */
function openAdapter(folder: string, config: ModelConfig): { readonly adapter: Adapter; readonly labels: readonly string[] | null } {
  const labels = labelsIn(folder, config)
  const outputs = labels?.length ?? outputsOf(folder, config) ?? config.labels.length
  const own = { ...config, labels: labels ?? Array.from({ length: outputs }, (_, i) => `LABEL_${i}`) }
  return { adapter: readAdapter(folder, own, FAMILIES[config.architecture].tensors(own)), labels }
}

/** The labels that Reelabel stores beside its adapters; else those of the base's `config.json`, if the number matches. */
function labelsIn(folder: string, config: ModelConfig): readonly string[] | null {
  const path = join(folder, LABELS_FILE)
  if (existsSync(path)) return labelsOf(readJson(path, LABELS))
  const ofBase = labelsOf(config.raw)
  return ofBase.length === outputsOf(folder, config) ? ofBase : null
}

/** The adapter's head; its outputs are used if they are the model's labels, in any order. */
function headFor({ weights }: Adapter, labels: readonly string[] | null, { config, specs }: Model): Weights {
  const order = config.labels.map((label) => labels?.indexOf(label) ?? -1)
  const isSame = labels?.length === order.length && order.every((from) => from >= 0)
  const tensors = specs
    .filter((spec) => spec.part === 'head' && weights.has(spec.name) && (isSame || !isLast(spec, specs)))
    .map((spec): [string, HeldTensor] => {
      const data = weights.read(spec.name)
      return [spec.name, { shape: spec.shape, data: isLast(spec, specs) ? inOrder(data, order) : data }]
    })
  return heldWeights(new Map(tensors))
}

/** Permutes the rows of a tensor (rows, …). */
function inOrder(data: Float32Array<ArrayBuffer>, order: readonly number[]): Float32Array<ArrayBuffer> {
  const [out, width] = [new Float32Array(data.length), data.length / order.length]
  order.forEach((from, to) => out.set(data.subarray(from * width, (from + 1) * width), to * width))
  return out
}

const lowRankOf = ({ lora, weights }: Adapter): Weights =>
  heldWeights(
    new Map(
      lora.layers
        .flatMap(({ linear }) => [loraA(linear), loraB(linear)])
        .map((name) => [name, { shape: weights.shape(name), data: weights.read(name) }]),
    ),
  )

/** True if two plans adapt the same layers in the same way. */
function isSame(plan: LoraConfig, own: LoraConfig): boolean {
  const ours = new Map(own.layers.map((layer) => [layer.linear, layer]))
  return (
    plan.layers.length === ours.size &&
    plan.layers.every((layer) => {
      const other = ours.get(layer.linear)
      const scale = loraScale(layer, plan)
      return other?.rank === layer.rank && Math.abs(loraScale(other, own) - scale) <= 1e-9 * scale
    })
  )
}
