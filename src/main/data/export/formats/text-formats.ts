/** Formats that are written as text, piece by piece. */
import { toCsv } from '../table.ts'
import { cellText, type MovieColumn, type MovieTable, type Value } from './movies.ts'

type TextFormat = (table: MovieTable) => Iterable<string>

function* csv({ columns, movies, safe }: MovieTable): Generator<string> {
  function* rows(): Generator<string[]> {
    for (const { values } of movies) yield values.map((value) => safe(cellText(value)))
  }
  yield* toCsv(
    columns.map(({ name }) => name),
    rows(),
  )
}

const objectOf = (columns: readonly MovieColumn[], values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(columns.map(({ name }, i) => [name, values[i] ?? null]))

function* jsonl({ columns, movies }: MovieTable): Generator<string> {
  for (const { values } of movies) yield `${JSON.stringify(objectOf(columns, values))}\n`
}

/** The genres as Label Studio stores a choice of several (https://labelstud.io/guide/export, "Raw JSON format of completed tasks"). */
const choices = (genres: readonly string[]): unknown[] =>
  genres.length === 0 ? [] : [{ from_name: 'genres', to_name: 'plot', type: 'choices', value: { choices: genres } }]

/** A list of tasks. The annotation holds the labels as they are, whether a person looked at them or not. */
function* labelStudio({ columns, movies }: MovieTable): Generator<string> {
  let separator = '[\n'
  for (const { key, title, plot, genres, values, predicted } of movies) {
    const data: Record<string, Value> = { ...objectOf(columns, values), id: key, title, plot }
    // they are the annotation
    delete data['genres']
    const predictions = predicted && [{ model_version: predicted.model, score: predicted.score, result: choices(predicted.genres) }]
    yield (
      separator +
      JSON.stringify({
        data,
        annotations: [{ result: choices(genres) }],
        predictions: predictions ?? [],
      })
    )
    separator = ',\n'
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n'
}

/** In a comment of CoNLL-U a line break would begin a token. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/**
 * Each plot as a document of one sentence: its words, with no annotation
 * (https://universaldependencies.org/format.html).
 */
function* conllu({ columns, movies, words }: MovieTable): Generator<string> {
  const known: ReadonlySet<string> = new Set(['id', 'title', 'plot', 'genres'])
  for (const { key, title, plot, genres, values } of movies) {
    const more = columns.flatMap(({ name }, i) => (known.has(name) ? [] : [`# ${oneLine(name)} = ${oneLine(cellText(values[i] ?? null))}`]))
    yield [
      `# newdoc id = ${oneLine(key)}`,
      `# title = ${oneLine(title)}`,
      `# genres = ${oneLine(cellText(genres))}`,
      ...more,
      `# sent_id = ${oneLine(key)}-1`,
      ...words(plot).map((word, i) => `${i + 1}\t${word}${'\t_'.repeat(8)}`),
      '\n',
    ].join('\n')
  }
}

export const TEXT_FORMATS = { csv, jsonl, 'label-studio': labelStudio, conllu } as const satisfies Readonly<Record<string, TextFormat>>
