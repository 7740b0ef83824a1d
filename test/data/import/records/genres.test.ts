import { describe, expect, it } from 'vitest'
import type { GenreSyntax } from '../../../../src/contract/importing.ts'
import { formatGenres, learnElements, parseGenres } from '../../../../src/main/data/import/records/genres.ts'
import { parseLiteral } from '../../../../src/main/data/import/records/literals.ts'

const drama = "{'id': 18, 'name': 'Drama'}"
const comedy = "{'id': 35, 'name': 'Comedy'}"
const known = new Map([['War', "{'id': 10752, 'name': 'War'}"]])

describe('genre cells', () => {
  it.each<[GenreSyntax, string, string[]]>([
    ['comma', 'Action, Adventure,Science Fiction', ['Action', 'Adventure', 'Science Fiction']],
    ['comma', ' , Action,, ', ['Action']],
    ['pipe', 'Comedy|Drama', ['Comedy', 'Drama']],
    ['semicolon', 'Comedy; Drama', ['Comedy', 'Drama']],
    ['slash', 'Comedy / Drama', ['Comedy', 'Drama']],
    ['single', ' Comedy, dark ', ['Comedy, dark']],
    ['long', 'Comedy', ['Comedy']],
    ['python', `[${drama}, ${comedy}]`, ['Drama', 'Comedy']],
    ['python', '[]', []],
    ['python', '', []],
    ['python', "['Drama', 'It\\'s \\u00e9']", ['Drama', "It's é"]],
    ['python', 'Drama, Comedy', ['Drama', 'Comedy']],
    ['python', "[{'id': 18, 'name': 'Dra", []],
    ['json', '[{"id": 18, "name": "Drama"}, {"id": 35, "name": "Comedy"}]', ['Drama', 'Comedy']],
    ['json', '["Drama"]', ['Drama']],
    // Python 2, tuples, sets, NumPy and PostgreSQL
    ['python', "[u'Drama', u\"Children's\"]", ['Drama', "Children's"]],
    ['python', "('Drama', 'War')", ['Drama', 'War']],
    ['python', "('Drama',)", ['Drama']],
    ['python', "{'Drama', 'War'}", ['Drama', 'War']],
    ['python', "['Drama' 'Comedy'\n 'True Crime']", ['Drama', 'Comedy', 'True Crime']],
    ['python', "[np.str_('Drama'), np.str_('War')]", ['Drama', 'War']],
    [
      'python',
      "[Drama, Science Fiction, Children's, True Crime, 80s Movie]",
      ['Drama', 'Science Fiction', "Children's", 'True Crime', '80s Movie'],
    ],
    ['python', '{Drama,"Science Fiction"}', ['Drama', 'Science Fiction']],
    ['python', "('a' + 'b')", []],
    // numbers: TMDB's genre_ids
    ['json', '[28, 12]', ['28', '12']],
    ['python', '[28 12]', ['28', '12']],
    // annotation tools: Label Studio, Argilla
    ['json', '{"choices": ["Drama", "War"]}', ['Drama', 'War']],
    ['json', 'Comedy', ['Comedy']],
    ['json', "Children's", ["Children's"]],
    [
      'json',
      '[{"id": 3, "completed_by": {"id": 1, "email": "a@b.c"}, "result": [{"value": {"choices": ["Drama"]}, "from_name": "genre", "type": "choices"}]}, {"id": 4, "result": [{"value": {"choices": ["War", "Drama"]}}]}]',
      ['Drama', 'War'],
    ],
    ['json', '{"value": ["Drama", "War"], "status": "submitted"}', ['Drama', 'War']],
    ['json', '[{"value": "Drama", "user_id": "7"}]', ['Drama']],
    ['json', '{"genre": [{"value": ["Drama"], "user_id": "7"}]}', ['Drama']],
    ['json', '{"values": ["Drama"]}', ['Drama']],
    // flags (spaCy), votes (Steam), names by id (Freebase), names with a weight
    ['json', '{"Drama": 1.0, "War": 0.0, "News": 0.7}', ['Drama', 'News']],
    ['python', "{'Drama': True, 'War': False}", ['Drama']],
    ['json', '{"Drama": 120, "War": 7, "News": 0}', ['Drama', 'War']],
    ['json', '{"/m/07s9rl0": "Drama", "/m/0hcr": "War"}', ['Drama', 'War']],
    ['json', '[["Drama", 0.9], ["War", 0.4]]', ['Drama', 'War']],
    ['json', '{}', []],
    // HTML entities
    [
      'semicolon',
      'Action &amp; Adventure; Drama;Sci-Fi &#38; Fantasy;AT&T;x',
      ['Action & Adventure', 'Drama', 'Sci-Fi & Fantasy', 'AT&T', 'x'],
    ],
    ['hash', 'Sci-Fi &#38; Fantasy#War', ['Sci-Fi & Fantasy', 'War']],
    ['ampersand', '&Eacute;tude &amp; Film & War', ['Étude & Film', 'War']],
    ['comma', 'Rock &amp;amp; Roll, War', ['Rock & Roll', 'War']],
    ['json', '["Action &amp; Adventure"]', ['Action & Adventure']],
    ['single', 'Children&rsquo;s', ['Children’s']],
    // words for a missing value
    ['slash', 'N/A', []],
    ['comma', 'Drama, N/A, unknown, War', ['Drama', 'War']],
    ['pipe', '(no genres listed)', []],
    ['comma', '\\N', []],
    ['json', '["None", "Drama"]', ['Drama']],
    ['single', 'NaN', []],
  ])('%s reads %j', (syntax, cell, genres) => {
    expect(parseGenres(cell, syntax)).toEqual(genres)
  })

  it.each<[GenreSyntax, string, string[], string]>([
    ['comma', 'Action, Drama', ['Action', 'Drama'], 'Action, Drama'],
    ['comma', 'Action,Drama', ['Action', 'Drama', 'War'], 'Action,Drama,War'],
    ['comma', 'Action, Drama', ['Drama', 'War'], 'Drama, War'],
    ['comma', 'Action', ['Action', 'War'], 'Action, War'],
    ['comma', ' Action ', ['War'], ' War '],
    ['comma', '', ['War'], 'War'],
    ['comma', 'Action', [], ''],
    ['pipe', 'A | B', ['A', 'C'], 'A | C'],
    ['pipe', 'A', ['A', 'B'], 'A|B'],
    ['semicolon', 'A', ['A', 'B'], 'A; B'],
    ['slash', 'A/B', ['B'], 'B'],
    ['hash', '#drama #comedy', ['drama', 'war'], '#drama #war'],
    ['and', 'Drama', ['Drama', 'War'], 'Drama and War'],
    ['python', `[${drama}, ${comedy}]`, ['Comedy', 'War'], `[${comedy}, {'id': 10752, 'name': 'War'}]`],
    ['python', `[${drama}]`, ['Drama', 'News'], `[${drama}, {'name': 'News'}]`],
    ['python', '[]', ['War'], "[{'id': 10752, 'name': 'War'}]"],
    ['python', "['Drama']", ['Drama', "Kid's"], "['Drama', 'Kid\\'s']"],
    ['python', `[${drama}]`, [], '[]'],
    ['json', '[{"id":18,"name":"Drama"},{"id":35,"name":"Comedy"}]', ['Comedy', 'X'], '[{"id":35,"name":"Comedy"},{"name": "X"}]'],
    ['json', '["Drama"]', ['Drama', 'X'], '["Drama", "X"]'],
    ['python', "('Drama', 'War')", ['War', 'News'], "('War', 'News')"],
    ['python', "['Drama' 'Comedy']", ['Drama', 'News'], "['Drama' 'News']"],
    ['python', '[Drama, Comedy]', ['Drama', 'News'], '[Drama, News]'],
    ['json', '[28, 12]', ['12', 'News'], '["12", "News"]'],
    ['json', '{"choices": ["Drama", "Comedy"]}', ['Comedy', 'X'], '{"choices": ["Comedy", "X"]}'],
    ['json', 'Drama', ['Drama', 'X'], 'Drama, X'],
    ['json', '{"Drama": 1.0, "War": 0.0}', ['War', 'X'], '{"Drama": 0.0, "War": 1.0, "X": 1.0}'],
    ['python', "{'Drama': True, 'War': False}", ['Drama', 'War'], "{'Drama': True, 'War': True}"],
    ['json', '{"Drama": 120, "War": 7}', ['War', 'X'], '{"War": 7, "X": 1}'],
    ['json', '{"/m/1": "Drama", "/m/2": "News"}', ['News', 'X'], '{"/m/2": "News", "X": "X"}'],
    ['json', '[{"value": ["Drama"]}, {"value": ["X"]}]', ['X', 'Y'], '[{"name": "X"}, {"name": "Y"}]'],
    ['semicolon', 'Action &amp; Adventure; Drama', ['Action & Adventure', 'X'], 'Action &amp; Adventure; X'],
    ['comma', 'N/A', ['Drama'], 'Drama'],
    ['python', '[]', ['X', 'War'], "[{'name': 'X'}, {'id': 10752, 'name': 'War'}]"],
  ])('%s writes %j with %j', (syntax, cell, genres, text) => {
    expect(formatGenres(cell, syntax, genres, known)).toBe(text)
    expect(parseGenres(text, syntax)).toEqual(genres)
  })

  it('learns how a file writes its elements', () => {
    const learned = new Map<string, string>()
    learnElements(`[${drama}, ${comedy}]`, 'python', learned)
    expect(Object.fromEntries(learned)).toEqual({ Drama: drama, Comedy: comedy })
  })

  it('refuses a name that contains the separator', () => {
    expect(() => formatGenres('Drama', 'comma', ['Drama', 'Dark, grim'], known)).toThrow(/contains ","/)
  })
})

describe('literals', () => {
  it.each<[string, unknown]>([
    ['True', true],
    ['None', null],
    ['-1.5e3', -1500],
    ['"a\\n\\x41\\U0001F600"', 'a\nA😀'],
    ["'a' + 'b'", undefined],
    ["__import__('os')", undefined],
    ["'open", undefined],
    ["'\\ud8zz'", undefined],
    ['['.repeat(40) + ']'.repeat(40), undefined],
    [`'${'x'.repeat(1_000_001)}'`, undefined],
  ])('%.40s', (text, value) => {
    expect(parseLiteral(text)).toEqual(value)
  })
})
