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
