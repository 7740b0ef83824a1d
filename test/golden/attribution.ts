/** Gradients at the word embeddings, gradient x input and integrated gradients of one logit. */
import { backward } from '../../src/main/compute/autodiff/backward.ts'
import { GraphBuilder } from '../../src/main/compute/graph/builder.ts'
import { FAMILIES } from '../../src/main/compute/models/families/index.ts'
import { forward } from '../../src/main/compute/models/forward.ts'
import { bindParameters } from '../../src/main/compute/models/parameters.ts'
import { float32, int64, scalar, type HostTensor } from '../../src/main/compute/runtime/tensors.ts'
import { compareOne, largestOf, type Verdict } from './compare.ts'
import { has, open, referencesOf, type Subject } from './model.ts'
import { named } from './tensors.ts'

/** The baseline has this id's embedding at every position. */
const BASELINE = 0

export async function attributions(subject: Subject): Promise<Verdict[]> {
  if (!has(subject, 'attribution.safetensors')) return []
  const references = referencesOf(subject, 'attribution.safetensors')
  const keys = [...references.keys()].join('\n')
  const [row, label] = (/^embedding_grad_logit_(\d+)_(\d+)$/m.exec(keys) ?? []).slice(1).map(Number) as [number, number]
  const [integrated = '', steps = ''] = /^integrated_gradients_pad_baseline_(\d+)_midpoint$/m.exec(keys) ?? []
  const gradient = named(references, `embedding_grad_logit_${row}_${label}`)
  const [tokens, dim] = [gradient.shape[0]!, gradient.shape[1]!]

  const ids = subject.feeds['ids']!
  const place = row * ids.shape[1]!
  const table = subject.model.weights.read(FAMILIES[subject.model.config.architecture].forward.words)
  const embedded = (of: (token: number) => number): Float32Array => {
    const out = new Float32Array(tokens * dim)
    for (let t = 0; t < tokens; t++) out.set(table.subarray(of(t) * dim, (of(t) + 1) * dim), t * dim)
    return out
  }
  const input = embedded((t) => Number(ids.data[place + t]))
  const baseline = embedded(() => BASELINE)
  const mask = Array.from({ length: tokens }, (_, t) => Number(subject.feeds['mask']!.data[place + t]))
  const program = await openGradient(subject, dim, label)
  const at = async (words: Float32Array): Promise<{ logit: number; gradient: Float32Array }> => {
    const got = await program.run({ words: float32([1, tokens, dim], words), mask: int64([1, tokens], mask) })
    return { logit: scalar(got['logit']!), gradient: (got['gradient'] as HostTensor<'float32'>).data }
  }
  const here = await at(input)
  const difference = input.map((x, i) => x - baseline[i]!)
  const total = new Float64Array(tokens * dim)
  for (let k = 0; k < Number(steps); k++) {
    const share = (k + 0.5) / Number(steps)
    const { gradient: g } = await at(baseline.map((x, i) => x + share * difference[i]!))
    g.forEach((x, i) => (total[i]! += x / Number(steps)))
  }
  const perToken = (product: (i: number) => number): Float64Array =>
    Float64Array.from({ length: tokens }, (_, t) => Array.from({ length: dim }, (_, d) => product(t * dim + d)).reduce((s, x) => s + x, 0))
  const there = await at(baseline)
  await program.release()
  // a single logit may be close to zero: its precision is that of the others
  const scale = 0.1 * largestOf(named(subject.io, 'logits').data)
  const logit = (quantity: string, got: number, name: string): Verdict =>
    compareOne(quantity, [got], named(references, name), 'relative to a tenth of the largest logit if that is larger', scale)
  return [
    logit('logit at the words', here.logit, 'logit_at_input'),
    logit('logit at the baseline', there.logit, 'logit_at_baseline'),
    compareOne('gradient at the words', here.gradient, gradient),
    compareOne(
      'gradient x input',
      perToken((i) => here.gradient[i]! * input[i]!),
      named(references, 'gradient_x_input'),
      'relative to the largest sum of absolute products if that is larger',
      // a norm right behind the words makes the products of a token cancel
      Math.max(...perToken((i) => Math.abs(here.gradient[i]! * input[i]!))),
    ),
    compareOne(
      'integrated gradients',
      perToken((i) => total[i]! * difference[i]!),
      named(references, integrated),
      `${steps} steps`,
    ),
  ]
}

/** The graph from word embeddings to one logit and its gradient; it is opened once and run for every step. */
async function openGradient(subject: Subject, dim: number, label: number) {
  const b = new GraphBuilder('attribution')
  const embedded = b.input('words', 'float32', ['batch', 'tokens', dim])
  const { config, weights } = subject.model
  const logits = forward(b, {
    config,
    parameters: bindParameters(b, weights),
    batch: { ids: null, mask: b.input('mask', 'int32', ['batch', 'tokens']) },
    from: { words: embedded },
  })
  const chosen = b.op('Slice', [logits, b.ints(label), b.ints(label + 1), b.ints(1)])
  const logit = b.op('ReduceSum', [chosen], { keepdims: 0 })
  b.output(logit, 'logit')
  b.output(backward(b, logit, [embedded])[0]!, 'gradient')
  return open(subject, b.finish())
}
