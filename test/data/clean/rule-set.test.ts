import { describe, expect, it } from 'vitest'
import { CLEAN_RULE_SET, RULE_IDS, ruleSetText } from '../../../src/contract/cleaning.ts'
import {
  checkedRuleSet,
  DEFAULT_RULE_SET,
  readRuleSet,
  RULES,
  withGenreNames,
  withSwitches,
} from '../../../src/main/data/clean/rule-set.ts'
import { off, on } from './support.ts'

describe('rule sets', () => {
  it('every rule is in the default rule set, with valid parameters', () => {
    expect(DEFAULT_RULE_SET.map((s) => s.rule).sort()).toEqual([...RULE_IDS].sort())
    expect(checkedRuleSet(DEFAULT_RULE_SET)).toEqual(DEFAULT_RULE_SET)
    expect(CLEAN_RULE_SET.parse(DEFAULT_RULE_SET)).toEqual(DEFAULT_RULE_SET)
  })
  it('by default the safe rules are on', () => {
    expect(DEFAULT_RULE_SET.filter((s) => s.on).map((s) => s.rule)).toEqual(
      ['html', 'control-characters', 'whitespace', 'truncated', 'placeholder', 'genre-alias', 'missing', 'exact-duplicate'],
    ) // prettier-ignore
  })
  it('rules and their parameters have descriptions', () => {
    for (const { spec } of RULES) {
      expect(spec.description).toMatch(/\.$/)
      for (const p of spec.params) expect([p.label, p.help].every((text) => text.length > 3)).toBe(true)
    }
    expect(new Set(RULES.map((r) => r.spec.title)).size).toBe(RULES.length)
  })
  it('completes a step', () => {
    expect(checkedRuleSet([on('near-duplicate', { similarity: 0.9 })])[0]!.params).toEqual({ similarity: 0.9, shingle: 3 })
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
    expect(() => checkedRuleSet([step])).toThrow(message)
  })
  it('switches every step of a rule, and adds a missing one', () => {
    const ruleSet = [on('html'), off('too-short'), on('html')]
    expect(withSwitches(ruleSet, { 'html': false, 'too-short': true, 'language': true, 'missing': false }).map((s) => [s.rule, s.on])).toEqual([
      ['html', false],
      ['too-short', true],
      ['html', false],
      ['language', true],
    ]) // prettier-ignore
  })
  it('gives names to ids in its empty genre table, or else before all other steps', () => {
    const named = on('genre-table', { table: { 28: ['Action'] } })
    const names = new Map([['28', 'Action']])
    expect(withGenreNames([on('html'), off('genre-table', { table: {} }), on('missing')], names)).toEqual([
      on('html'),
      named,
      on('missing'),
    ])
    const own = on('genre-table', { table: { Action: ['Thriller'] } })
    expect(withGenreNames([on('html'), own], names)).toEqual([named, on('html'), own])
    expect(withGenreNames([], names)).toEqual([named])
  })
  it('is written to a file and read back', () => {
    const ruleSet = checkedRuleSet([on('genre-table', { table: { 'Sci-Fi': ['Science Fiction'], Misc: [] } }), off('language')])
    expect(readRuleSet(ruleSetText(ruleSet), 'x.json')).toEqual(ruleSet)
  })
  it.each([
    ['not json', 'x.json is not a rule set: it is not JSON'],
    ['{}', 'x.json is not a rule set that this version can read'],
    ['{"reelabel":"cleaning rule set","version":2,"steps":[]}', 'version'],
    ['{"reelabel":"cleaning rule set","version":1,"steps":[{"rule":"dust","on":true}]}', 'steps.0.rule'],
    ['{"reelabel":"cleaning rule set","version":1,"steps":[{"rule":"too-short","on":true,"params":{"shortest":0}}]}', 'must lie between'],
  ])('%s is not a rule set', (text, message) => {
    expect(() => readRuleSet(text, 'x.json')).toThrow(message)
  })
})
