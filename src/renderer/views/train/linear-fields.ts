/** The fields of the linear family's recipe. */
import type { LinearConfig } from '../../../contract/records.ts'
import type { Choice, Field } from './field.ts'

const chars = (a: number, b: number): Choice => ({
  label: a === b ? `${a} characters` : `${a} to ${b} characters`,
  patch: { charNgrams: [a, b] },
})

const most = (n: number): Choice => ({ label: n.toLocaleString('en'), patch: { maxFeatures: n } })

export const LINEAR_FIELDS: readonly Field<LinearConfig>[] = [
  {
    kind: 'number',
    key: 'c',
    label: 'Strength of fit (C)',
    help: 'Higher follows the labels more closely',
    min: 0.001,
    max: 1e6,
    step: 'any',
  },
  {
    kind: 'choice',
    key: 'classWeight',
    label: 'Rare genres',
    help: 'How much more a rare genre counts',
    choices: [
      { label: 'Count the same', patch: { classWeight: 'none' } },
      { label: 'Somewhat more', patch: { classWeight: 'log' } },
      { label: 'Balanced', patch: { classWeight: 'balanced' } },
    ],
  },
  {
    kind: 'number',
    key: 'wordNgrams',
    label: 'Words in a row, up to',
    help: '2 also learns pairs such as “high school”',
    min: 1,
    max: 3,
    step: 1,
  },
  {
    kind: 'choice',
    key: 'charNgrams',
    label: 'Parts of words',
    help: 'Helps with names and inflections, costs time: off above 250,000 training movies',
    choices: [{ label: 'Off', patch: { charNgrams: null } }, chars(4, 4), chars(2, 4), chars(3, 5), chars(2, 5)],
  },
  { kind: 'number', key: 'minDf', label: 'Ignore words in fewer movies than', help: '1 keeps every word', min: 1, max: 1000, step: 1 },
  {
    kind: 'choice',
    key: 'maxFeatures',
    label: 'Words and word parts, at most',
    help: 'Of each; the most frequent stay. All is best, fewer need less memory',
    choices: [{ label: 'All', patch: { maxFeatures: null } }, most(500_000), most(200_000), most(100_000), most(50_000)],
  },
  {
    kind: 'choice',
    key: 'sublinearTf',
    label: 'Repeated words',
    help: 'Whether a word counts fully each time',
    choices: [
      { label: 'Dampened', patch: { sublinearTf: true } },
      { label: 'Counted fully', patch: { sublinearTf: false } },
    ],
  },
  {
    kind: 'choice',
    key: 'stopWords',
    label: 'Stop words',
    help: 'Leave out “the”, “and” and the like',
    choices: [
      { label: 'Keep all words', patch: { stopWords: 'none' } },
      { label: 'Leave out English ones', patch: { stopWords: 'english' } },
    ],
  },
  {
    kind: 'number',
    key: 'reviewedWeight',
    label: 'Weight of reviewed movies',
    help: 'Against 1 for the others, in a retrain',
    min: 0,
    max: 100,
    step: 'any',
  },
  { kind: 'number', key: 'folds', label: 'Folds', help: 'More: better estimates, longer training', min: 2, max: 20, step: 1 },
  { kind: 'number', key: 'seed', label: 'Seed', help: 'The same seed gives the same run', min: 0, max: 2 ** 31 - 1, step: 1 },
]
