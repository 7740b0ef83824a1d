/**
 * A decoder that continues texts. Keys and values of the tokens that were read are kept, so that each token is computed once, and several
 * continuations of a text share it.
 */
import { UserError } from '../../../contract/errors.ts'
import { isDecoder } from '../../../contract/models.ts'
import { GraphBuilder } from '../graph/builder.ts'
import type { Graph, Value } from '../graph/types.ts'
import { forward } from '../models/forward.ts'
import { openModel, type Model } from '../models/open-model.ts'
import { bindParameters } from '../models/parameters.ts'
import { openProgram, type Program } from '../runtime/program.ts'
import type { SessionOptions } from '../runtime/session.ts'
import { float32, int64, zeros, type HostTensor, type Tensor } from '../runtime/tensors.ts'
import { loadTokenizer } from '../tokenize/load.ts'
import type { Tokenizer } from '../tokenize/types.ts'

/** Texts that are read, one a row. */
export interface Reading {
  /** Tokens of each text; the token at position p is in slot p. */
  readonly lengths: readonly number[]
  readonly slots: number
  /** Keys and values of each layer. */
  readonly past: Readonly<Record<string, Tensor>>
}

/** Tokens that may follow a text, and those whose probabilities are wanted. */
export interface Branch {
  readonly tokens: readonly number[]
  /** For each token of the branch, the tokens whose log-probabilities as the next one are wanted; as many for each, or none. */
  readonly targets: readonly (readonly number[])[]
}

/** Fed tokens of one text. */
interface Fed {
  readonly tokens: readonly number[]
  readonly positions: readonly number[]
  readonly slots: readonly number[]
  /** How far slot `slot` is behind token `i`; below 0 if it is hidden. */
  readonly behind: (i: number, slot: number) => number
}
/** A fed token after which words are predicted. */
interface Place {
  readonly row: number
  readonly token: number
  readonly targets: readonly number[]
}

const HIDDEN = -1
const past = (layer: number): { readonly keys: string; readonly values: string } => ({ keys: `keys ${layer}`, values: `values ${layer}` })
/** Name of the output that replaces a tensor of the past. */
const renewed = (name: string): string => `new ${name}`

export class LanguageModel {
  readonly tokenizer: Tokenizer
  /** Longest text in tokens, what follows it included. */
  readonly positions: number
  readonly vocabulary: number
  /** Ids that end a text, as the model's settings name them. */
  readonly ends: ReadonlySet<number>
  readonly #model: Model
  readonly #program: Program

  private constructor(model: Model, tokenizer: Tokenizer, program: Program) {
    this.tokenizer = tokenizer
    this.positions = model.config.positions
    this.vocabulary = model.config.vocabulary
    const ends = model.config.raw['eos_token_id']
    this.ends = new Set([ends].flat().filter((id) => typeof id === 'number'))
    this.#model = model
    this.#program = program
  }

  /**
   * Opens a folder.
   * @throws UserError `no-language-model` if it holds no decoder with a head for words; as {@link openModel} and {@link loadTokenizer}
   */
  static async open(folder: string, options: SessionOptions): Promise<LanguageModel> {
    const model = openModel(folder)
    const { config, weights } = model
    try {
      if (!isDecoder(config.architecture))
        throw unusable(`The model in ${folder} is of the family ${config.architecture}, which does not write text: choose a decoder.`)
      if (!config.tied && !weights.has('lm_head.weight'))
        throw unusable(`The model in ${folder} has no head that predicts words: choose one that was saved as a language model.`)
      const tokenizer = loadTokenizer(folder, config.vocabulary)
      return new LanguageModel(model, tokenizer, await openProgram(stepGraph(model), { packWeights: false, ...options }))
    } catch (error) {
      model.close()
      throw error
    }
  }
  async close(): Promise<void> {
    await this.#program.release()
    this.#model.close()
  }

  /**
   * Reads texts.
   * @param spare number of tokens that will follow: of one continuation, or of all branches of a call together
   * @returns the reading, and the logits of each text's next token (texts, vocabulary)
   */
  async read(texts: readonly (readonly number[])[], spare: number): Promise<{ readonly reading: Reading; readonly logits: Float32Array }> {
    const { layers, keyHeads, headDim } = this.#model.config
    const slots = Math.max(...texts.map((tokens) => tokens.length)) + spare
    const names = Array.from({ length: layers }, (_, i) => Object.values(past(i))).flat()
    const nothing = Object.fromEntries(names.map((name) => [name, zeros('float32', [texts.length, slots, keyHeads * headDim])]))
    return this.continued({ lengths: texts.map(() => 0), slots, past: nothing }, texts)
  }

  /** Reads on: one list of tokens for each text, none of them empty. Returns as {@link read}. */
  async continued(
    before: Reading,
    texts: readonly (readonly number[])[],
  ): Promise<{ readonly reading: Reading; readonly logits: Float32Array }> {
    const fed = texts.map((tokens, row): Fed => {
      const positions = tokens.map((_, i) => before.lengths[row]! + i)
      return { tokens, positions, slots: positions, behind: (i, slot) => (slot <= positions[i]! ? positions[i]! - slot : HIDDEN) }
    })
    const places = texts.map((tokens, row): Place => ({ row, token: tokens.length - 1, targets: [0] }))
    const names = Object.keys(before.past)
    const found = await this.#run(before, fed, places, ['logits', ...names.map(renewed)])
    return {
      reading: {
        lengths: texts.map((tokens, row) => before.lengths[row]! + tokens.length),
        slots: before.slots,
        past: Object.fromEntries(names.map((name) => [name, found[renewed(name)]!])),
      },
      logits: (found['logits'] as HostTensor<'float32'>).data,
    }
  }

  /**
   * Log-probabilities of the branches' targets after each text: for each text, the numbers of all branches, tokens and targets one after
   * the other. The branches are computed side by side: each sees the text and its own tokens. The reading stays as it was.
   */
  async scores(reading: Reading, branches: readonly Branch[]): Promise<Float32Array[]> {
    const tokens = branches.flatMap((branch) => branch.tokens)
    const branchOf = branches.flatMap((branch, k) => branch.tokens.map(() => k))
    const depth = branches.flatMap((branch) => [...branch.tokens.keys()])
    const first = Math.max(...reading.lengths)
    if (first + tokens.length > reading.slots) throw new Error(`${tokens.length} tokens of branches for ${reading.slots - first} slots`)
    const fed = reading.lengths.map((length): Fed => ({
      tokens,
      positions: depth.map((d) => length + d),
      slots: tokens.map((_, i) => first + i),
      behind: (i, slot) => {
        if (slot < length) return length + depth[i]! - slot
        const other = slot - first
        return other >= 0 && other <= i && branchOf[other] === branchOf[i] ? i - other : HIDDEN
      },
    }))
    const targets = branches.flatMap((branch) => branch.targets)
    const places = reading.lengths.flatMap((_, row) =>
      targets.flatMap((ids, token): Place[] => (ids.length > 0 ? [{ row, token, targets: ids }] : [])),
    )
    const found = await this.#run(reading, fed, places, ['scores'])
    const { data } = found['scores'] as HostTensor<'float32'>
    const each = data.length / reading.lengths.length
    return reading.lengths.map((_, row) => data.slice(row * each, (row + 1) * each))
  }

  async #run(
    { slots, past }: Reading,
    fed: readonly Fed[],
    places: readonly Place[],
    fetches: readonly string[],
  ): Promise<Record<string, Tensor>> {
    const width = Math.max(...fed.map(({ tokens }) => tokens.length))
    const shape = [fed.length, width]
    const [ids, positions] = [new BigInt64Array(fed.length * width), new BigInt64Array(fed.length * width)]
    const behind = new Float32Array(fed.length * width * slots).fill(HIDDEN)
    const written = new Float32Array(fed.length * slots * width)
    fed.forEach((row, r) => {
      row.tokens.forEach((token, i) => {
        const at = r * width + i
        ids[at] = BigInt(token)
        positions[at] = BigInt(row.positions[i]!)
        for (let slot = 0; slot < slots; slot++) behind[at * slots + slot] = row.behind(i, slot)
        written[(r * slots + row.slots[i]!) * width + i] = 1
      })
    })
    const most = places[0]!.targets.length
    return this.#program.run(
      {
        ids: int64(shape, ids),
        positions: int64(shape, positions),
        behind: float32([...shape, slots], behind),
        written: float32([fed.length, slots, width], written),
        rows: int64(
          [places.length],
          BigInt64Array.from(places, ({ row, token }) => BigInt(row * width + token)),
        ),
        targets: int64([places.length, most], BigInt64Array.from(places.flatMap(({ targets }) => targets.map(BigInt)))),
        ...past,
      },
      fetches,
    )
  }
}

const unusable = (why: string): UserError => new UserError('no-language-model', why)

/**
 * Inputs: see {@link LanguageModel}. Outputs: `logits` (rows, vocabulary) of the next token at `rows` of the fed tokens; `scores`
 * (rows, targets), log-probabilities of `targets`; keys and values of all slots, layer by layer.
 */
function stepGraph({ config, weights }: Model): Graph {
  const b = new GraphBuilder('language-model')
  const shape = ['batch', 'tokens']
  const ids = b.input('ids', 'int64', shape)
  const slots = (name: string): Value => b.input(name, 'float32', ['batch', 'slots', config.keyHeads * config.headDim])
  const kept: [string, Value][] = []
  const cache = {
    positions: b.input('positions', 'int64', shape),
    behind: b.input('behind', 'float32', [...shape, 'slots']),
    written: b.input('written', 'float32', ['batch', 'slots', 'tokens']),
    past: Array.from({ length: config.layers }, (_, i) => ({ keys: slots(past(i).keys), values: slots(past(i).values) })),
    keep: (layer: number, all: { readonly keys: Value; readonly values: Value }) =>
      void kept.push([past(layer).keys, all.keys], [past(layer).values, all.values]),
  }
  const rows = b.input('rows', 'int64', ['rows'])
  const targets = b.input('targets', 'int64', ['rows', 'targets'])
  const parameters = bindParameters(b, weights, { external: true })
  const logits = forward(b, { config, parameters, batch: { ids, mask: ids }, to: { language: true, rows }, lowering: 'infer', cache })
  b.output(logits, 'logits')
  b.output(b.op('GatherElements', [b.op('LogSoftmax', [logits], { axis: -1 }), targets], { axis: 1 }), 'scores')
  for (const [name, value] of kept) b.output(value, renewed(name))
  return b.finish()
}
