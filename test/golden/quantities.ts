/** The compared quantities, one entry each. A quantity without reference values in the folder is skipped. */
import { readdirSync } from 'node:fs'
import { backward } from '../../src/main/compute/autodiff/backward.ts'
import type { GraphBuilder } from '../../src/main/compute/graph/builder.ts'
import type { Value } from '../../src/main/compute/graph/types.ts'
import type { Lowering, Parameters } from '../../src/main/compute/models/family.ts'
import { forward, type ForwardOptions } from '../../src/main/compute/models/forward.ts'
import { adaptersOf, loraA, type LoraConfig } from '../../src/main/compute/models/lora/adapters.ts'
import { bindParameters } from '../../src/main/compute/models/parameters.ts'
import { heldWeights, layeredWeights, type Weights } from '../../src/main/compute/models/weights.ts'
import { float32, type HostTensor } from '../../src/main/compute/runtime/tensors.ts'
import type { CellLoss } from '../../src/main/compute/train/losses.ts'
import { adamwSteps } from './adamw.ts'
import { attributions } from './attribution.ts'
import { compare, compareOne, type Verdict } from './compare.ts'
import { batchOf, computed, has, ints, lossOf, referencesOf, type Subject } from './model.ts'
import { named, type References } from './tensors.ts'

export type Check = (subject: Subject) => Promise<Verdict[]>

const BCE: CellLoss = { kind: 'bce' }

function addForward(b: GraphBuilder, { model }: Subject, parameters: Parameters, more: Partial<ForwardOptions> = {}): Value {
  return forward(b, { config: model.config, parameters, batch: batchOf(b), ...more })
}

/** Each way of computing logits: with gradients, fast, and as exported. */
const logits =
  (lowering: Lowering): Check =>
  async (subject) => {
    const build = (b: GraphBuilder): void =>
      b.output(addForward(b, subject, bindParameters(b, subject.model.weights), { lowering }), 'logits')
    const got = await computed(subject, `logits-${lowering}`, build, subject.feeds)
    const quantity = lowering === 'train' ? 'logits' : `logits (${lowering})`
    return [compareOne(quantity, got['logits']!, named(subject.io, 'logits'))]
  }

/** `0375` means 0.375: the decimal point follows the first digit. */
const decimal = (digits: string): number => Number(digits.includes('.') ? digits : `${digits[0]!}.${digits.slice(1)}`)

interface LossCase {
  readonly name: string
  readonly value: string
  readonly kind: CellLoss
  readonly feeds: Readonly<Record<string, HostTensor>>
}
function lossCases({ io }: Subject): LossCase[] {
  const focal = [...io.keys()].map((name) => ({ name, found: /^loss_focal_a([\d.]+)_g([\d.]+)$/.exec(name) })).find((f) => f.found)
  const weight = io.get('pos_weight')
  return [
    { name: 'bce', value: 'loss_bce', kind: BCE, feeds: {} },
    ...(weight
      ? [{ name: 'bce_pos_weight', value: 'loss_bce_pos_weight', kind: BCE, feeds: { positive: float32(weight.shape, weight.data) } }]
      : []),
    ...(focal?.found
      ? [
          {
            name: 'focal',
            value: focal.name,
            kind: { kind: 'focal', alpha: decimal(focal.found[1]!), gamma: decimal(focal.found[2]!) },
            feeds: {},
          } as const,
        ]
      : []),
  ]
}

/** Each loss and its gradient at every parameter. */
const losses: Check = async (subject) => {
  const verdicts: Verdict[] = []
  for (const { name, value, kind, feeds } of lossCases(subject)) {
    const file = `grad_${name}.safetensors`
    const wanted = has(subject, file) ? referencesOf(subject, file) : new Map<string, never>()
    const got = await lossAndGradients(subject, name, kind, [...wanted.keys()], subject.model.weights, { ...subject.feeds, ...feeds })
    verdicts.push(compareOne(`loss ${name}`, got['loss']!, named(subject.io, value)))
    if (wanted.size > 0) verdicts.push(compareGradients(`gradients of ${name}`, got, wanted, ''))
  }
  return verdicts
}

/** Returns `loss`, `logits` and, under its name, the gradient of each parameter in `names`. */
function lossAndGradients(
  subject: Subject,
  name: string,
  kind: CellLoss,
  names: readonly string[],
  weights: Weights,
  feeds: Readonly<Record<string, HostTensor>>,
  more: Partial<ForwardOptions> = {},
) {
  const build = (b: GraphBuilder): void => {
    const trained = new Set(names)
    const parameters = bindParameters(b, weights, { trainable: (n) => trained.has(n) })
    const logits = addForward(b, subject, parameters, more)
    const loss = lossOf(b, logits, kind)
    b.output(logits, 'logits')
    b.output(loss, 'loss')
    const values = names.map((n) => parameters.get(n))
    if (values.length > 0) backward(b, loss, values).forEach((gradient, i) => b.output(gradient, `gradient:${names[i]!}`))
  }
  const given = Object.fromEntries(names.map((n) => [n, float32(weights.shape(n), weights.read(n))]))
  return computed(subject, name, build, { ...feeds, ...given })
}

function compareGradients(quantity: string, got: Readonly<Record<string, Float32Array>>, wanted: References, prefix: string): Verdict {
  const pairs = [...wanted].map(([name, { data }]) => {
    const own = got[`gradient:${name.slice(prefix.length)}`]
    if (!own) throw new Error(`${quantity}: no gradient of "${name}"`)
    return { name: name.slice(prefix.length), got: own, want: data }
  })
  return compare(quantity, pairs, `${pairs.length} tensors`)
}

/** Logits, loss and gradients with given adapters; rank and alpha are in the file's name. */
const lora: Check = async (subject) => {
  const files = readdirSync(subject.folder).flatMap((name) => {
    const found = /^lora_r(\d+)_alpha([\d.]+)\.safetensors$/.exec(name)
    return found ? [{ name, rank: Number(found[1]), alpha: Number(found[2]) }] : []
  })
  const verdicts: Verdict[] = []
  for (const { name, rank, alpha } of files) {
    const references = referencesOf(subject, name)
    const adapters = [...references].filter(([key]) => /^(?!grad\.).*\.lora_[AB]\.weight$/.test(key))
    const linears = adapters.flatMap(([key]) => (key.endsWith('.lora_A.weight') ? [key.slice(0, -'.lora_A.weight'.length)] : []))
    if (linears.some((linear) => named(references, loraA(linear)).shape[0] !== rank)) throw new Error(`${name}: adapters of another rank`)
    const config: LoraConfig = {
      layers: linears.map((linear) => ({ linear, rank, alpha })),
      targets: [],
      dropout: 0,
      rankStabilised: false,
    }
    const weights = layeredWeights(heldWeights(new Map(adapters)), subject.model.weights)
    const names = adapters.map(([key]) => key)
    const got = await lossAndGradients(subject, 'lora', BCE, names, weights, subject.feeds, { adapters: adaptersOf(config) })
    const wanted = new Map([...references].filter(([key]) => key.startsWith('grad.')))
    verdicts.push(
      compareOne('LoRA logits', got['logits']!, named(references, 'logits')),
      compareOne('LoRA loss', got['loss']!, named(references, 'loss_bce')),
      compareGradients('LoRA gradients', got, wanted, 'grad.'),
    )
  }
  return verdicts
}

/** Language-model logits of every token. */
const words: Check = async (subject) => {
  const file = ['causal_lm.safetensors', 'masked_lm.safetensors'].find((name) => has(subject, name))
  if (file === undefined) return []
  const references = referencesOf(subject, file)
  const head = references.get('lm_head.weight')
  const own = heldWeights(new Map(head ? [['lm_head.weight', head]] : []))
  const weights = layeredWeights(own, subject.model.weights)
  const feeds = { ids: ints(named(references, 'input_ids')), mask: ints(named(references, 'attention_mask')) }
  const build = (b: GraphBuilder): void => b.output(addForward(b, subject, bindParameters(b, weights), { to: { language: true } }), 'words')
  const got = (await computed(subject, 'language', build, feeds))['words']!
  const wanted = named(references, 'logits')
  // padding of a window sees nothing but padding
  const mask = named(references, 'attention_mask').data
  const ofTokens = (x: Float32Array): Float32Array<ArrayBuffer> =>
    Float32Array.from(x.filter((_, i) => mask[Math.floor(i / wanted.shape.at(-1)!)] === 1))
  return [compareOne('logits of words', ofTokens(got), { shape: [], data: ofTokens(wanted.data) })]
}

export const CHECKS: readonly Check[] = [
  logits('train'),
  logits('infer'),
  logits('portable'),
  losses,
  attributions,
  adamwSteps,
  lora,
  words,
]
