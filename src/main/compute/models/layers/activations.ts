/** Activation functions by the names that configurations use (Transformers, activations.py, ACT2FN). */
import type { Value } from '../../graph/types.ts'
import { unsupported } from '../config.ts'
import type { Net } from '../family.ts'

type Activation = (net: Net, x: Value) => Value

/** x * Phi(x); composed where the operator (opset 20) is too new. */
const gelu: Activation = (net, x) => {
  const { b } = net
  if (net.lowering !== 'portable') return b.op('Gelu', [x])
  const cdf = b.op('Add', [b.op('Erf', [b.op('Div', [x, b.constant(Math.SQRT2)])]), b.constant(1)])
  return b.op('Mul', [b.op('Mul', [x, cdf]), b.constant(0.5)])
}
/** 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), Hendrycks and Gimpel, arXiv:1606.08415, section 2. */
const geluTanh: Activation = (net, x) => {
  const { b } = net
  if (net.lowering !== 'portable') return b.op('Gelu', [x], { approximate: 'tanh' })
  const cube = b.op('Mul', [b.op('Mul', [x, x]), b.op('Mul', [x, b.constant(0.044715)])])
  const inner = b.op('Mul', [b.op('Add', [x, cube]), b.constant(Math.sqrt(2 / Math.PI))])
  return b.op('Mul', [b.op('Mul', [x, b.constant(0.5)]), b.op('Add', [b.op('Tanh', [inner]), b.constant(1)])])
}
const silu: Activation = ({ b }, x) => b.op('Mul', [x, b.op('Sigmoid', [x])])
const simple =
  (op: 'Relu' | 'Tanh' | 'Sigmoid'): Activation =>
  ({ b }, x) =>
    b.op(op, [x])

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_fast: geluTanh,
  quick_gelu: ({ b }, x) => b.op('Mul', [x, b.op('Sigmoid', [b.op('Mul', [x, b.constant(1.702)])])]),
  silu,
  swish: silu,
  relu: simple('Relu'),
  relu2: ({ b }, x) => {
    const positive = b.op('Relu', [x])
    return b.op('Mul', [positive, positive])
  },
  tanh: simple('Tanh'),
  sigmoid: simple('Sigmoid'),
  mish: ({ b }, x) => b.op('Mul', [x, b.op('Tanh', [b.op('Softplus', [x])])]),
  linear: (_, x) => x,
}

/** Adds the function's nodes. */
export const activate = (net: Net, name: string, x: Value): Value => ACTIVATIONS[knownActivation(name)]!(net, x)

/** Checks the name. @throws UserError `model-unsupported` for a name that is not in the table */
export function knownActivation(name: string): string {
  if (Object.hasOwn(ACTIVATIONS, name)) return name
  throw unsupported(`Its activation function ${JSON.stringify(name.slice(0, 100))} is not one of ${Object.keys(ACTIVATIONS).join(', ')}.`)
}
