/** Genres without a training: by the probabilities of a decoder's words, calibrated by texts without content (Zhao et al., arXiv:2102.09690). */
import type { Branch, LanguageModel } from './language-model.ts'
import type { AskedHow } from '../../../contract/decoders.ts'
import { ASKED, CONTENT_FREE, plotTokens, type Plot } from './prompts.ts'

/** Words predicted in one pass, which bounds its memory: rows of logits times the vocabulary. */
const MAX_LOGITS = 2 ** 25

export interface ZeroShot {
  /** Probability of each genre, (plots, genres). */
  readonly ask: (plots: readonly Plot[]) => Promise<Float32Array>
}

/**
 * Prepares the questions and calibrates them.
 * @param maxTokens longest plot in tokens
 */
export async function zeroShot(model: LanguageModel, genres: readonly string[], how: AskedHow, maxTokens: number): Promise<ZeroShot> {
  const branches = genres.map((genre) => ASKED[how](model.tokenizer, genre))
  const scores = (plots: readonly Plot[]): Promise<Float64Array[]> => scoresOf(model, branches, how, plots, maxTokens)
  const size = how === 'yes-no' ? 2 : genres.length
  const free = (await scores(CONTENT_FREE)).map((row) => shares(row, size))
  const base = free[0]!.map((_, i) => Math.log(free.reduce((sum, row) => sum + Math.exp(row[i]!), 0) / free.length))
  // p / p of texts without content, divided by their sum: equation 1 of the paper with W = diag(p)^-1 and b = 0
  const calibrated = (row: Float64Array): Float64Array =>
    shares(
      row.map((score, i) => score - base[i]!),
      size,
    ).map(Math.exp)
  return {
    ask: async (plots) => {
      const out = new Float32Array(plots.length * genres.length)
      const found = await scores(plots)
      found.forEach((row, r) => {
        const own = calibrated(row)
        out.set(how === 'yes-no' ? own.filter((_, i) => i % 2 === 0) : own, r * genres.length)
      })
      return out
    },
  }
}

/**
 * Log-probabilities of what each genre's probability is made of: of yes and no, genre after genre, or of the genres' names.
 * @returns one row for each plot
 */
async function scoresOf(
  model: LanguageModel,
  branches: readonly Branch[],
  how: AskedHow,
  plots: readonly Plot[],
  maxTokens: number,
): Promise<Float64Array[]> {
  const longest = Math.max(...branches.map(({ tokens }) => tokens.length))
  const room = Math.min(maxTokens, model.positions - longest)
  const groups = inPasses(branches, model.vocabulary, plots.length)
  const spare = Math.max(...groups.map((group) => group.reduce((sum, { tokens }) => sum + tokens.length, 0)))
  const { reading } = await model.read(
    plots.map((plot) => plotTokens(model.tokenizer, plot, room)),
    spare,
  )
  const rows: number[][] = plots.map(() => [])
  for (const group of groups) {
    const found = await model.scores(reading, group)
    found.forEach((numbers, row) => {
      let at = 0
      for (const { targets } of group) {
        const own = targets.flatMap((ids) => [...numbers.subarray(at, (at += ids.length))])
        rows[row]!.push(...(how === 'name' ? [own.reduce((sum, x) => sum + x, 0)] : own))
      }
    })
  }
  return rows.map((row) => Float64Array.from(row))
}

/** Divides the branches so that one pass predicts at most {@link MAX_LOGITS}. */
function inPasses(branches: readonly Branch[], vocabulary: number, texts: number): Branch[][] {
  const groups: Branch[][] = [[]]
  let rows = 0
  for (const branch of branches) {
    const own = branch.targets.filter((ids) => ids.length > 0).length
    if (rows > 0 && (rows + own) * vocabulary * texts > MAX_LOGITS) {
      groups.push([])
      rows = 0
    }
    groups.at(-1)!.push(branch)
    rows += own
  }
  return groups
}

/** Logarithms of probabilities, divided by the sum of each `size` of them. */
function shares(scores: Float64Array, size: number): Float64Array {
  const out = Float64Array.from(scores)
  for (let at = 0; at < out.length; at += size) {
    const part = out.subarray(at, at + size)
    const most = part.reduce((a, b) => Math.max(a, b), -Infinity)
    const sum = Math.log(part.reduce((total, x) => total + Math.exp(x - most), 0)) + most
    part.forEach((x, i) => (part[i] = x - sum))
  }
  return out
}
