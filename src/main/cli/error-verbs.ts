/** `analyze`, `words`, `explain` and `faithfulness`. */
import type { Command } from 'commander'
import { EXPLAIN_METHODS, type ExplainMethod, type MetricsPart } from '../../contract/records.ts'
import type { ErrorMatrices, GenreWords, ScoresBy, SharedWords, StrongestWords } from '../../contract/error-analysis.ts'
import { UserError } from '../../contract/errors.ts'
import { count, percent } from '../../contract/words.ts'
import { oneOf, part, run, wholeNumber } from './arguments.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { EXPLAINED, f3, signed, table } from './print.ts'
import { finish, movieOf, onProject, projectVerb } from './with-engine.ts'

export function errorVerbs(program: Command): void {
  projectVerb(program, 'analyze', 'show which genres the current run misses and gives in their place, and which share their neighbourhoods')
    .addOption(run())
    .addOption(part())
    .option('--by <what>', 'instead: the scores by length, genres (their number), or an original column (number, date, category)')
    .option('--top <n>', 'confusions that are listed', wholeNumber, 20)
    .action(onProject(analyze))
  projectVerb(program, 'words', 'show the words behind right and wrong predictions of a genre, or words of all genres')
    .option('--genre <name>', 'the genre whose predictions are explained')
    .option('--strongest', 'instead: the words with the largest weights in each genre (linear runs)')
    .option('--shared', 'instead: the words that movies of every genre have')
    .addOption(part())
    .option('--most <n>', 'movies of each outcome that are explained', wholeNumber, 200)
    .option('--seed <n>', 'seed of their choice', wholeNumber, 42)
    .action(onProject(words))
  projectVerb(program, 'explain', 'say why a movie is or is not predicted a genre, and what would change it')
    .argument('<id>', 'id of the movie')
    .requiredOption('--genre <name>', 'the genre')
    .addOption(oneOf('--method <method>', 'how (default: the most faithful one, once that is measured)', EXPLAIN_METHODS))
    .option('--examples', 'also list the training movies whose n-grams contribute most alike (linear runs)')
    .action(onProject(explain))
  projectVerb(
    program,
    'faithfulness',
    'measure how far the words of explanations account for predictions; the most faithful method becomes the default',
  )
    .option('--sample <n>', 'predictions that are explained (default: 60, of a transformer 10)', wholeNumber)
    .option('--seed <n>', 'seed of their choice', wholeNumber, 42)
    .action(onProject(faithfulness))
}

interface AnalyzeOptions {
  readonly run?: number
  readonly part: MetricsPart
  readonly by?: string
  readonly top: number
  readonly json?: boolean
}
async function analyze(engine: Engine, o: AnalyzeOptions): Promise<void> {
  if (o.by !== undefined) {
    const scores = await engine.call('errors.scores', { run: o.run ?? null, part: o.part, by: o.by })
    printResult(o, scores, () => scoresText(scores))
    return
  }
  const found = await engine.call('errors.matrices', { run: o.run ?? null, part: o.part })
  printResult(o, asJson(found), () => matricesText(found, o.top))
}

/** A matrix as rows of a width. */
const rowsOf = (matrix: Int32Array | Float32Array, width: number): number[][] =>
  Array.from({ length: matrix.length / width }, (_, i) => [...matrix.subarray(i * width, (i + 1) * width)])
function asJson({ genres, confusion, given, predicted, alone, clustered, overlap, ...rest }: ErrorMatrices): object {
  const k = genres.length
  return {
    ...rest,
    genres: genres.map(({ name }) => name),
    confusion: rowsOf(confusion, k + 1),
    given: rowsOf(given, k),
    predicted: rowsOf(predicted, k),
    alone: rowsOf(alone, k),
    clustered: [...clustered],
    overlap: overlap && rowsOf(overlap, k),
  }
}

function scoresText({ run, part, by, bins }: ScoresBy): string {
  const rows = bins.map(({ where, movies, scores }) => [
    where,
    count(movies),
    ...[scores.microF1, scores.macroF1, scores.jaccard].flatMap(({ value, low, high }) => [f3(value), `${f3(low)} to ${f3(high)}`]),
  ])
  const header = ['movies that', 'number', 'micro-F1', '95% interval', 'macro-F1', '95% interval', 'Jaccard', '95% interval']
  return [`Run ${run}, ${part} part, by ${by}`, table(header, rows)].join('\n\n')
}

function matricesText({ run, part, movies, genres, confusion, given, alone, overlap }: ErrorMatrices, top: number): string {
  const k = genres.length
  const support = genres.map((_, g) => given[g * k + g] ?? 0)
  const commonest = support.indexOf(Math.max(...support))
  const wrongAlone = alone[k * k + commonest] ?? 0
  const predictedAlone = wrongAlone + (alone[commonest * k + commonest] ?? 0)
  const name = (i: number): string => genres[i]?.name ?? 'none'
  const pairs = Array.from({ length: (k + 1) ** 2 }, (_, at) => ({ at, i: Math.floor(at / (k + 1)), j: at % (k + 1) }))
    .filter(({ i, j }) => i !== j)
    .map(({ at, i, j }) => [name(i), name(j), count(confusion[at] ?? 0), confusion[at] ?? 0] as const)
    .sort((a, b) => b[3] - a[3])
    .slice(0, top)
  const near = Array.from({ length: k }, (_, i) => {
    const others = Array.from({ length: k }, (_j, j) => ({ j, share: overlap?.[i * k + j] ?? 0 })).filter(({ j }) => j !== i)
    const best = others.sort((a, b) => b.share - a.share).slice(0, 3)
    return [name(i), percent(overlap?.[i * k + i] ?? 0), best.map(({ j, share }) => `${name(j)} ${percent(share)}`).join(', ')]
  })
  return [
    `Run ${run}, ${part} part, ${count(movies)} movies; ${count(confusion[(k + 1) ** 2 - 1] ?? 0)} have every genre right`,
    table(
      ['missed', 'given instead', 'movies'],
      pairs.map((pair) => pair.slice(0, 3) as string[]),
    ),
    `Predicted ${name(commonest)} and no other: ${count(predictedAlone)} movies, of which ${count(wrongAlone)} do not have it`,
    ...(overlap ? [`Genres of the most similar movies`, table(['genre', 'the same', 'others'], near)] : []),
  ].join('\n\n')
}

interface WordsOptions {
  readonly genre?: string
  readonly strongest?: boolean
  readonly shared?: boolean
  readonly part: MetricsPart
  readonly most: number
  readonly seed: number
  readonly json?: boolean
}
async function words(engine: Engine, o: WordsOptions): Promise<void> {
  if ([o.genre !== undefined, o.strongest, o.shared].filter(Boolean).length !== 1)
    throw new UserError('bad-arguments', 'Name one of --genre, --strongest and --shared.')
  if (o.strongest) {
    const found = await engine.call('errors.strongest', {})
    printResult(o, found, () => strongestText(found))
  } else if (o.shared) {
    const found = await engine.call('errors.sharedWords', {})
    printResult(o, found, () => sharedText(found))
  } else if (o.genre !== undefined) {
    const found = await engine.call('errors.words', { genre: o.genre, part: o.part, most: o.most, seed: o.seed })
    printResult(o, found, () => wordsText(found))
  }
}

function strongestText({ run, genres }: StrongestWords): string {
  const said = (list: StrongestWords['genres'][number]['for']): string =>
    list.map(({ word, weight }) => `${word} ${signed(weight)}`).join(', ')
  return [`Run ${run}`, ...genres.map((genre) => `${genre.name}\n  for: ${said(genre.for)}\n  against: ${said(genre.against)}`)].join(
    '\n\n',
  )
}

function sharedText({ movies, total, genres, words: shared }: SharedWords): string {
  const side = ({ genre, share }: { readonly genre: string; readonly share: number }): string => `${genre} ${percent(share)}`
  const rows = shared.map(({ word, movies: having, least, most }) => [word, count(having), side(least), side(most)])
  const about = `Counted in ${count(movies)} of ${count(total)} movies, for ${count(genres.length)} genres`
  return [about, rows.length === 0 ? 'No word is shared by all genres.' : table(['word', 'movies', 'least in', 'most in'], rows)].join(
    '\n\n',
  )
}

const OUTCOME_TEXTS = {
  hit: 'rightly predicted: words for it',
  'false-alarm': 'wrongly predicted: words for it',
  miss: 'missed: words against it',
} as const
function wordsText({ genre, model, outcomes, reliance }: GenreWords): string {
  const lists = Object.entries(OUTCOME_TEXTS).map(([outcome, text]) => {
    const { movies, total, words: found } = outcomes[outcome as keyof typeof OUTCOME_TEXTS]
    const rows = found.slice(0, 12).map(({ word, contribution, movies: having }) => [word, signed(contribution), count(having)])
    return `${genre.name}, ${text} (${count(movies)} of ${count(total)} movies)\n${table(['word', 'log-odds', 'movies'], rows)}`
  })
  const { movies, flipped, words: alone } = reliance
  const relies = alone.slice(0, 10).map(({ word, movies: n }) => `${word} (${n})`)
  return [
    ...lists,
    ...(model === null ? [] : [`Explained: ${EXPLAINED[model]}.`]),
    `Of ${count(movies)} predictions ${count(flipped)} rest on one word: without it they are not made${relies.length > 0 ? `. ${relies.join(', ')}` : ''}`,
  ].join('\n\n')
}

async function explain(
  engine: Engine,
  key: string,
  o: { genre: string; method?: ExplainMethod; examples?: boolean; json?: boolean },
): Promise<void> {
  const movie = await movieOf(engine, key)
  const genre = await engine.call('review.genre', { name: o.genre })
  const explanation = await engine.call('review.explain', { movie, genre: genre.id, method: o.method ?? null })
  const flip = await engine.call('errors.flip', { movie, genre: genre.id })
  const examples = o.examples ? await engine.call('errors.examples', { movie, genre: genre.id }) : null
  printResult(o, { ...explanation, genre: genre.name, flip, ...(examples && { examples }) }, () => {
    const terms = explanation.terms.map((term) => [term.text, signed(term.contribution)])
    const said = `${percent(flip.before)} ${genre.name}, threshold ${percent(flip.threshold)}: ${flip.predicted ? 'predicted' : 'not predicted'}`
    const change =
      flip.words === null
        ? 'No deletion of words would change it.'
        : `Without ${flip.words.map((word) => `"${word}"`).join(', ')} it would be ${percent(flip.after ?? 0)}: ${flip.predicted ? 'no longer predicted' : 'predicted'}.`
    return [
      said,
      `Explained: ${EXPLAINED[flip.model]}.`,
      table(['term', 'log-odds'], [...terms, ['other terms', signed(explanation.rest)], ['intercept', signed(explanation.intercept)]]),
      ...(explanation.note === '' ? [] : [explanation.note]),
      change,
      ...(examples
        ? [
            table(
              ['training example', 'cosine', 'labels'],
              examples.map((t) => [t.title || t.key, t.similarity.toFixed(2), t.labels.join(', ')]),
            ),
          ]
        : []),
    ].join('\n\n')
  })
}

async function faithfulness(engine: Engine, o: { sample?: number; seed: number; json?: boolean }): Promise<void> {
  const measure = () => engine.call('errors.measureFaithfulness', { sample: o.sample ?? null, seed: o.seed })
  await finish(engine, measure, o)
  const found = await engine.call('errors.faithfulness', {})
  if (!found) throw new Error('the measurement is not stored')
  printResult(o, found, () => {
    const rows = [...found.methods, { method: 'random order', ...found.random }].map((of) => [
      of.method,
      ...[of.comprehensiveness, of.sufficiency, of.normalisedComprehensiveness, of.normalisedSufficiency, of.score].map((x) =>
        x.toFixed(3),
      ),
    ])
    return [
      `Run ${found.run}, ${count(found.predictions)} predictions. Explanations use the method ${found.best}.`,
      table(['method', 'comprehensiveness', 'sufficiency', 'normalised', 'normalised', 'score'], rows),
      `More comprehensiveness and less sufficiency are better. Bounds are exact for ${count(found.exact)} texts, and found by beam search for the others.`,
    ].join('\n\n')
  })
}
