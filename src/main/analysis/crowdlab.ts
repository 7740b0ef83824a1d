/**
 * CROWDLAB (Goh, Tkachenko and Mueller 2022, arXiv 2210.06812) for questions with two answers: how likely each answer is, from the answers
 * of several people and a model, both weighted by how far they are better than always giving the commonest answer.
 */

/** Where a person did not answer. */
export const UNDECIDED = 255
/** Least weight of a person or the model. */
const MIN_WEIGHT = 1e-6

export interface Consensus {
  /** (n) P(the answer is 1); NaN where nobody answered. */
  readonly p: Float64Array
  /** (m) of the people, and of the model. */
  readonly weights: Float64Array
  readonly modelWeight: number
}

/**
 * @param answers (n, m) 0, 1, or {@link UNDECIDED}
 * @param model (n) P(the answer is 1); NaN: the model does not know, and people alone decide
 */
export function crowdlab(answers: Uint8Array, m: number, model: Float64Array): Consensus {
  const n = model.length
  const of = (i: number): number[] => Array.from(answers.subarray(i * m, (i + 1) * m).entries()).flatMap(([j, y]) => (y === UNDECIDED ? [] : [j])) // prettier-ignore
  const given = Array.from({ length: n }, (_, i) => of(i))
  const answer = (i: number, j: number): number => answers[i * m + j]!
  const several = given.flatMap((people, i) => (people.length > 1 ? [i] : []))

  const total = answers.reduce((sum, y) => sum + (y === UNDECIDED ? 0 : 1), 0)
  const common = answers.reduce((sum, y) => sum + (y === 1 ? 1 : 0), 0) * 2 > total ? 1 : 0
  const chosen = (p: number): number => (Number.isNaN(p) ? common : p > 0.5 ? 1 : 0)
  /** The majority; where it is divided, what the model says. */
  const majority = given.map((people, i) => {
    const ones = people.reduce((sum, j) => sum + answer(i, j), 0)
    return 2 * ones === people.length ? chosen(model[i]!) : 2 * ones > people.length ? 1 : 0
  })
  const mean = (rows: readonly number[], value: (i: number) => number): number =>
    rows.length === 0 ? 0 : rows.reduce((sum, i) => sum + value(i), 0) / rows.length

  /** How often an answer is the majority's, over what several people answered. */
  const likelihood = several.length === 0 ? 1 : mean(several, (i) => mean(given[i]!, (j) => Number(answer(i, j) === majority[i])))
  const commonest = mean(several, (i) => majority[i]!) > 0.5 ? 1 : 0
  const baseline = Math.max(
    MIN_WEIGHT,
    mean(several, (i) => Number(majority[i] !== commonest)),
  )
  const weight = (error: number): number => Math.max(MIN_WEIGHT, 1 - error / baseline)

  const agreed = new Float64Array(m)
  const pairs = new Float64Array(m)
  for (const i of several)
    for (const j of given[i]!) {
      pairs[j]! += given[i]!.length - 1
      for (const other of given[i]!) if (other !== j && answer(i, other) === answer(i, j)) agreed[j]! += 1
    }
  const all = pairs.reduce((a, b) => a + b, 0)
  const overall = all === 0 ? 1 : agreed.reduce((a, b) => a + b, 0) / all
  // who never answered what another one answered counts as the others do on average
  const weights = agreed.map((same, j) => weight(1 - (pairs[j]! > 0 ? same / pairs[j]! : overall)))
  const known = several.filter((i) => !Number.isNaN(model[i]!))
  const answered = given.filter((people) => people.length > 0)
  const modelWeight =
    known.length === 0 ? 0 : weight(mean(known, (i) => Number(chosen(model[i]!) !== majority[i]))) * Math.sqrt(total / answered.length)

  const p = Float64Array.from(given, (people, i) => {
    if (people.length === 0) return NaN
    const usesModel = modelWeight > 0 && !Number.isNaN(model[i]!)
    let [sum, weighed] = usesModel ? [modelWeight * model[i]!, modelWeight] : [0, 0]
    for (const j of people) {
      sum += weights[j]! * (answer(i, j) === 1 ? likelihood : 1 - likelihood)
      weighed += weights[j]!
    }
    return sum / weighed
  })
  return { p, weights, modelWeight }
}
