/** Files as annotation tools export them, with invented content: which columns hold the plots and the genres, and what they say. */
import { describe, expect, it } from 'vitest'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { AUTO, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
const NAMES = ['Drama', 'War', 'Comedy', 'Western']
const MOVIES = Array.from({ length: 12 }, (_, i) => ({
  id: i + 1,
  text: `The ${i + 1}th lighthouse keeper finds a letter that was never meant to be opened, and the whole island talks about it.`,
  genres: i % 3 === 0 ? [NAMES[i % 4]!] : [NAMES[i % 4]!, NAMES[(i + 1) % 4]!],
}))
type Movie = (typeof MOVIES)[number]
const several = ({ genres }: Movie): unknown => (genres.length === 1 ? genres[0] : { choices: genres })
const list = (convert: (movie: Movie) => unknown): string => JSON.stringify(MOVIES.map(convert), null, 2)
const lines = (convert: (movie: Movie) => unknown): string => MOVIES.map((movie) => JSON.stringify(convert(movie))).join('\n')
const cell = (value: unknown): string => (typeof value === 'string' ? value : `"${JSON.stringify(value).replaceAll('"', '""')}"`)

describe('the export of', () => {
  it.each<[string, string, string, string]>([
    [
      'Label Studio, JSON',
      list((m) => ({
        id: m.id,
        annotations: [
          {
            id: 100 + m.id,
            completed_by: { id: 1, email: 'ann@example.org', first_name: '', last_name: '' },
            result: [{ value: { choices: m.genres }, id: 'x', from_name: 'genre', to_name: 'text', type: 'choices', origin: 'manual' }],
            was_cancelled: false,
            ground_truth: false,
            created_at: '2026-01-05T10:00:00.000000Z',
            updated_at: '2026-01-05T10:00:00.000000Z',
            draft_created_at: null,
            lead_time: 12.5,
            prediction: {},
            result_count: 1,
            unique_id: '5b6c0a52-0000-4000-8000-000000000000',
            import_id: null,
            last_action: null,
            bulk_created: false,
            task: m.id,
            project: 7,
            updated_by: 1,
            parent_prediction: null,
            parent_annotation: null,
            last_created_by: null,
          },
        ],
        file_upload: 'movies.csv',
        drafts: [],
        predictions: [],
        data: { text: m.text },
        meta: {},
        project: 7,
      })),
      'data.text',
      'annotations',
    ],
    ['Label Studio, JSON_MIN', list((m) => ({ text: m.text, id: m.id, genre: several(m), annotator: 1, lead_time: 3.2 })), 'text', 'genre'],
    [
      'Label Studio, CSV',
      `annotator,genre,id,lead_time,text\n${MOVIES.map((m) => `1,${cell(several(m))},${m.id},3.2,"${m.text}"`).join('\n')}\n`,
      'text',
      'genre',
    ],
    [
      'Prodigy',
      lines((m) => ({
        text: m.text,
        _input_hash: m.id,
        options: NAMES.map((id) => ({ id, text: id })),
        _view_id: 'choice',
        accept: m.genres,
        answer: 'accept',
      })),
      'text',
      'accept',
    ],
    ['doccano', lines((m) => ({ id: m.id, text: m.text, label: m.genres, Comments: [] })), 'text', 'label'],
    [
      'spaCy',
      list((m) => ({ text: m.text, cats: Object.fromEntries(NAMES.map((name) => [name, m.genres.includes(name) ? 1.0 : 0.0])) })),
      'text',
      'cats',
    ],
    [
      'Argilla',
      list((m) => ({
        id: `r${m.id}`,
        status: 'completed',
        fields: { text: m.text },
        metadata: {},
        suggestions: {},
        responses: { genre: [{ value: m.genres, user_id: 'u1' }] },
      })),
      'fields.text',
      'responses',
    ],
    [
      'Argilla, flattened',
      list((m) => ({
        text: m.text,
        'genre.responses': [m.genres],
        'genre.responses.users': ['u1'],
        'genre.responses.status': ['submitted'],
      })),
      'text',
      'genre.responses',
    ],
  ])('%s', async (name, content, plot, genres) => {
    const plan = await inspect([write(`${name}.${name.endsWith('CSV') ? 'csv' : 'json'}`, content)], AUTO)
    expect(plan.problems).toEqual([])
    expect(plan.mapping).toMatchObject({ plot, genres })
    expect(plan.preview.map((movie) => [movie.plot, [...movie.genres].sort()])).toEqual(MOVIES.map((m) => [m.text, [...m.genres].sort()]))
  })
})

describe('answers of Prodigy:', () => {
  const ANSWERS = ['accept', 'accept', 'reject', 'accept', 'ignore', 'accept']
  const task = (m: Movie, label: object): object => ({
    text: m.text,
    _input_hash: m.id,
    _task_hash: -m.id,
    ...label,
    answer: ANSWERS[m.id % 6],
  })
  it.each<[string, (movie: Movie) => object]>([
    ['of choices', (m) => task(m, { options: NAMES.map((id) => ({ id, text: id })), accept: m.genres.slice(0, 1) })],
    ['of one label', (m) => task(m, { label: m.genres[0] })],
  ])('a label %s that was rejected as wrong or skipped is none', async (name, convert) => {
    const plan = await inspect([write(`${name}.jsonl`, lines(convert))], AUTO)
    const wanted = MOVIES.map((m) => (ANSWERS[m.id % 6] === 'accept' ? m.genres.slice(0, 1) : []))
    expect(plan.preview.map(({ genres }) => genres)).toEqual(wanted)
    expect([plan.forecast.noGenre, plan.asks]).toEqual([4, true])
  })
  it('a column called answer of another table means nothing', async () => {
    const other = lines((m) => ({ text: m.text, label: m.genres[0], answer: ANSWERS[m.id % 6] }))
    expect((await inspect([write('answers.jsonl', other)], AUTO)).forecast.noGenre).toBe(0)
  })
})
