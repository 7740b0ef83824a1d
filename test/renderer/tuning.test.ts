import { expect, test } from 'vitest'
import { linearFields, transformerGroups, tunable, type Field } from '../../src/renderer/views/train/settings.ts'

const linear = tunable(linearFields(['Tagline']) as readonly Field[])
const of = (fields: typeof linear, key: string) => fields.find((field) => field.key === key)!

test('numbers are typed within their limits, and choices are chosen by their names', () => {
  const c = of(linear, 'c')
  expect([c.options, ['0.5', ' 2 ', '0', 'many', ''].map(c.value)]).toEqual([[], [0.5, 2, undefined, undefined, undefined]])
  const minDf = of(linear, 'minDf')
  expect(['3', '1.5', '1001'].map(minDf.value)).toEqual([3, undefined, undefined])
  const letters = of(linear, 'charNgrams')
  expect(letters.options.map(letters.value)).toEqual([null, [4, 4], [2, 4], [3, 5], [2, 5]])
  expect(letters.options.map((name) => letters.text(letters.value(name)))).toEqual(letters.options)
  expect([letters.value('none of them'), letters.text([9, 9]), c.text(0.5)]).toEqual([undefined, '[9,9]', '0.5'])
})

test('what sets several values, names of columns, seeds and devices are not tuned', () => {
  const keys = linear.map(({ key }) => key)
  for (const key of ['ratioShare', 'columns', 'dropWords', 'seed', 'folds']) expect(keys).not.toContain(key)
  const groups = transformerGroups([], []).flatMap(({ fields, advanced }) => [...fields, ...advanced]) as readonly Field[]
  const transformer = tunable(groups).map(({ key }) => key)
  expect(transformer).toEqual(expect.arrayContaining(['learningRate', 'lora.rank', 'epochs', 'loss', 'patience']))
  for (const key of ['model.layers', 'device', 'threads', 'microTokens']) expect(transformer).not.toContain(key)
})
