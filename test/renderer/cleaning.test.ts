/** The list of rules and the genre table while they are edited, and how changes of text are shown. */
import { describe, expect, test } from 'vitest'
import { RULE_SET_FILE, ruleSetText, type CleanStep } from '../../src/contract/cleaning.ts'
import { visible, wordDiff, type DiffPart } from '../../src/renderer/components/diff.ts'
import { matches } from '../../src/renderer/components/matches.ts'
import {
  addable,
  differenceInWords,
  effectInWords,
  figuresOf,
  idsFor,
  moved,
  ruleSetKey,
  ruleSetOf,
  stepTitle,
} from '../../src/renderer/stores/cleaning-logic.ts'
import { addParent, drop, mergeInto, reset, targetsOf } from '../../src/renderer/stores/genre-table.ts'
import { DEFAULT_RULE_SET, RULES } from '../../src/main/data/clean/rule-set.ts'
import { cleaningReport } from './samples.ts'

const rules = RULES.map((rule) => rule.spec)
const steps = (...rules: CleanStep['rule'][]) => rules.map((rule, i) => ({ id: i + 1, rule, on: true, params: {} }))

describe('the list of rules', () => {
  test.each([
    [2, -1, 'html mojibake whitespace'],
    [2, 1, 'mojibake whitespace html'],
    [1, -1, 'mojibake html whitespace'],
    [3, 1, 'mojibake html whitespace'],
    [9, 1, 'mojibake html whitespace'],
  ])('step %i moved by %i: %s', (id, by, expected) =>
    expect(
      moved(steps('mojibake', 'html', 'whitespace'), id, by)
        .map((s) => s.rule)
        .join(' '),
    ).toBe(expected),
  )
  test('only what the list lacks can be added, and column filters as often as wanted', () => {
    const all = ruleSetOf(steps('column-filter', ...DEFAULT_RULE_SET.map((s) => s.rule)))
    expect(addable(rules, steps(...all.map((s) => s.rule))).map((r) => r.rule)).toEqual(['column-filter'])
    expect(addable(rules, []).length).toBe(rules.length)
  })
  test('rule sets are equal whatever the order of their parameters, and differ in that of their steps', () => {
    const one: CleanStep = { rule: 'language', on: true, params: { languages: ['English'], confidence: 0.6 } }
    const other: CleanStep = { rule: 'language', on: true, params: { confidence: 0.6, languages: ['English'] } }
    expect(ruleSetKey([one])).toBe(ruleSetKey([other]))
    expect(ruleSetKey([one, ...DEFAULT_RULE_SET])).not.toBe(ruleSetKey([...DEFAULT_RULE_SET, one]))
  })
  test('a report keeps the lines on screen what they are', () => {
    const shown = steps('html', 'column-filter', 'column-filter')
    let next = 10
    const ids = idsFor(ruleSetOf(steps('column-filter', 'html', 'whitespace', 'column-filter')), shown, () => next++)
    expect(ids).toEqual([2, 1, 10, 3])
    const report = cleaningReport(DEFAULT_RULE_SET)
    expect(figuresOf(report, '', [5, 6]).steps.get(6)).toBe(report.steps[1])
  })
  test('a file that is saved is one that the contract reads', () => {
    expect(RULE_SET_FILE.parse(JSON.parse(ruleSetText(DEFAULT_RULE_SET))).steps).toEqual(DEFAULT_RULE_SET)
  })
  test('words of a step and of a preview', () => {
    const report = cleaningReport(DEFAULT_RULE_SET)
    const words = (rule: string) => effectInWords(report.steps.find((s) => s.rule === rule)!)
    expect(words('missing')).toBe('12 movies removed')
    expect(words('truncated')).toBe('31 movies changed')
    expect(words('boilerplate')).toBe('Would affect 9 movies')
    const without = cleaningReport(DEFAULT_RULE_SET.map((s) => ({ ...s, on: s.on && s.rule !== 'missing' })))
    expect(differenceInWords(report, without)).toBe('410 of 420 movies would stay: 12 more than now.')
    expect(differenceInWords(without, report)).toBe('398 of 420 movies would stay: 12 fewer than now.')
    expect(differenceInWords(report, report)).toBe('398 of 420 movies would stay: no change.')
  })
  test('two column filters are told apart by their column', () => {
    const spec = rules.find((r) => r.rule === 'column-filter')
    const step: CleanStep = { rule: 'column-filter', on: true, params: {} }
    expect(stepTitle(step, spec)).toBe('Filter on a column')
    expect(stepTitle({ ...step, params: { column: 'Year' } }, spec)).toBe('Filter on a column: Year')
  })
})

describe('the genre table', () => {
  test('several into one, dropped, with a parent, and as they were', () => {
    let map = mergeInto({}, ['sci-fi', 'SF'], 'Science Fiction')
    expect(targetsOf(map, 'SF')).toEqual(['Science Fiction'])
    map = addParent(map, ['Slasher'], 'Horror')
    expect(targetsOf(map, 'Slasher')).toEqual(['Slasher', 'Horror'])
    map = drop(map, ['sci-fi'])
    expect(targetsOf(map, 'sci-fi')).toEqual([])
    map = reset(map, ['sci-fi', 'SF', 'Slasher'])
    expect(map).toEqual({})
    expect(targetsOf(map, 'constructor')).toEqual(['constructor'])
  })
})

describe('what changed between two texts', () => {
  const marked = (parts: readonly DiffPart[]) => parts.map((p) => (p.changed ? `[${p.text}]` : p.text)).join('')
  test.each([
    ['the cafÃ© by the sea', 'the café by the sea', 'the [cafÃ©] by the sea', 'the [café] by the sea'],
    ['a  b', 'a b', 'a[  ]b', 'a[ ]b'],
    ['Crime, Drama', 'Crime, Thriller', 'Crime, [Drama]', 'Crime, [Thriller]'],
    ['', 'new', '', '[new]'],
    ['same', 'same', 'same', 'same'],
    [
      '…one and then the ship left four',
      '… who and then the ship left five',
      '… and then the ship left [four]',
      '…and then the ship left [five]',
    ],
  ])('%s → %s', (before, after, left, right) => {
    const diff = wordDiff(before, after)
    expect([marked(diff.before), marked(diff.after)]).toEqual([left, right])
  })
  test('nothing that differs is lost, and long stretches that do not are shortened', () => {
    const word = 'word '.repeat(400)
    const diff = wordDiff(`${word}old ${word}`, `${word}new ${word}`)
    expect(diff.before.map((p) => p.text).join('').length).toBeLessThan(300)
    expect(diff.before.find((p) => p.changed)?.text).toBe('old')
  })
  test('two long texts without a common word count as changed throughout', () => {
    const a = Array.from({ length: 5000 }, (_, i) => `a${i}`).join(' ')
    expect(wordDiff(a, a.replaceAll('a', 'b')).after.some((p) => p.changed)).toBe(true)
  })
  test('what cannot be seen is shown', () => {
    expect(visible('a\u0000b\u00a0c\u200bd\te')).toBe('a<0000>b⍽c<200B>d⇥e')
    expect(visible('a\r\nb\rc\nd')).toBe('a↵\nb↵\nc↵\nd')
    expect(visible('  ')).toBe('··')
    expect(visible(' a ')).toBe(' a ')
  })
})

test('a long list is searched by words, what begins with them first', () => {
  const columns = ['movie title', 'title', 'original title', 'year']
  expect(matches(columns, 'tit')).toEqual(['title', 'movie title', 'original title'])
  expect(matches(columns, 'title or')).toEqual(['original title'])
  expect(matches(columns, '')).toBe(columns)
})
