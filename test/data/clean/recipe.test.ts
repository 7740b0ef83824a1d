import { describe, expect, it } from 'vitest'
import { CLEAN_RECIPE, RULE_IDS } from '../../../src/contract/cleaning.ts'
import { checkedRecipe, DEFAULT_RECIPE, readRecipe, recipeFile, RULES, withSwitches } from '../../../src/main/data/clean/recipe.ts'
import { off, on } from './support.ts'

describe('recipes', () => {
  it('every rule has a place in the default recipe and values that it takes itself', () => {
    expect(DEFAULT_RECIPE.map((s) => s.rule).sort()).toEqual([...RULE_IDS].sort())
    expect(checkedRecipe(DEFAULT_RECIPE)).toEqual(DEFAULT_RECIPE)
    expect(CLEAN_RECIPE.parse(DEFAULT_RECIPE)).toEqual(DEFAULT_RECIPE)
  })
  it('an import is told nothing: what is safe is on', () => {
    expect(DEFAULT_RECIPE.filter((s) => s.on).map((s) => s.rule)).toEqual(
      ['html', 'control-characters', 'whitespace', 'truncated', 'placeholder', 'genre-alias', 'missing', 'exact-duplicate'],
    ) // prettier-ignore
  })
  it('rules say what they do, and their parameters what they are', () => {
    for (const { spec } of RULES) {
      expect(spec.description).toMatch(/\.$/)
      for (const p of spec.params) expect([p.label, p.help].every((text) => text.length > 3)).toBe(true)
    }
    expect(new Set(RULES.map((r) => r.spec.title)).size).toBe(RULES.length)
  })
  it('completes a step', () => {
    expect(checkedRecipe([on('near-duplicate', { similarity: 0.9 })])[0]!.params).toEqual({ similarity: 0.9, shingle: 3 })
  })
  it.each([
    [on('near-duplicate', { similarity: 0.2 }), 'Step 1 (Near duplicates): "similarity" must lie between 0.5 and 1, and is 0.2.'],
    [on('near-duplicate', { shingle: 2.5 }), '"shingle" must be a whole number'],
    [on('too-short', { longest: 5 }), 'has no parameter "longest": it has shortest, unit.'],
    [on('html', { tags: true }), 'has no parameter "tags": it has none.'],
    [on('too-long', { unit: 'pages' }), '"unit" must be one of words, characters'],
    [on('language', { keep: ['en', 'klingon'] }), '"keep" has "klingon"'],
    [on('language', { keep: 'en' }), '"keep" must be a list'],
    [on('unicode', { quotes: 'yes' }), '"quotes" must be true or false'],
    [on('genre-table', { table: ['Drama'] }), '"table" must be a table'],
    [on('column-filter'), 'choose the column'],
  ])('refuses %j', (step, message) => {
    expect(() => checkedRecipe([step])).toThrow(message)
  })
  it('switches every step of a rule, and adds one that is not there', () => {
    const recipe = [on('html'), off('too-short'), on('html')]
    expect(withSwitches(recipe, { 'html': false, 'too-short': true, 'language': true, 'missing': false }).map((s) => [s.rule, s.on])).toEqual([
      ['html', false],
      ['too-short', true],
      ['html', false],
      ['language', true],
    ]) // prettier-ignore
  })
  it('goes into a file and comes back', () => {
    const recipe = checkedRecipe([on('genre-table', { table: { 'Sci-Fi': ['Science Fiction'], Misc: [] } }), off('language')])
    expect(readRecipe(recipeFile(recipe).text, 'x.json')).toEqual(recipe)
  })
  it.each([
    ['not json', 'x.json is no recipe: it is not JSON'],
    ['{}', 'x.json is no recipe that this version can read'],
    ['{"reelabel":"cleaning recipe","version":2,"steps":[]}', 'version'],
    ['{"reelabel":"cleaning recipe","version":1,"steps":[{"rule":"dust","on":true}]}', 'steps.0.rule'],
    ['{"reelabel":"cleaning recipe","version":1,"steps":[{"rule":"too-short","on":true,"params":{"shortest":0}}]}', 'must lie between'],
  ])('%s is no recipe', (text, message) => {
    expect(() => readRecipe(text, 'x.json')).toThrow(message)
  })
})
