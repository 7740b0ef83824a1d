import { expect, test } from 'vitest'
import { placeNames } from '../../src/renderer/charts/names.ts'
import { csvOf, fileName } from '../../src/renderer/components/saving.ts'

const AREA = { x: 0, y: 0, width: 200, height: 100 }

test.each([
  ['right of a point', [{ x: 50, y: 50 }], [40], [{ x: 57, y: 43.5 }]],
  ['left of a point at the right edge', [{ x: 180, y: 50 }], [40], [{ x: 133, y: 43.5 }]],
  [
    'above a point between two others',
    [
      { x: 100, y: 50 },
      { x: 115, y: 50 },
      { x: 85, y: 50 },
    ],
    [30, 0, 0],
    [{ x: 85, y: 30 }],
  ],
  ['nowhere, if it is wider than the chart', [{ x: 100, y: 50 }], [300], [null]],
  [
    'not over the name of an earlier point',
    [
      { x: 50, y: 50 },
      { x: 60, y: 54 },
    ],
    [40, 40],
    [
      { x: 50 - 7 - 40, y: 43.5 },
      { x: 67, y: 47.5 },
    ],
  ],
] as const)('a name is %s', (_, points, widths, expected) => {
  const boxes = placeNames(points, widths, AREA)
  expect(boxes.slice(0, expected.length).map((box) => box && { x: box.x, y: box.y })).toEqual(expected)
})

test('a table is written as CSV that a spreadsheet reads', () => {
  expect(csvOf([['', 'F1'], ['Drama, "new"', 0.5], ['é\nx', '']])).toBe('\ufeff,F1\r\n"Drama, ""new""",0.5\r\n"é\nx",\r\n') // prettier-ignore
})
test.each([
  ['Bar chart: change of F1 per genre. Drama 0.1, War 0.2.', 'Bar chart change of F1 per genre'],
  ['Reliability diagram of Science Fiction: error 0.1 by the model.', 'Reliability diagram of Science Fiction error 01 by the model'],
  ['../../x', 'x'],
  ['***', 'chart'],
])('the file of %s has a name of plain letters', (label, name) => expect(fileName(label)).toBe(name))
