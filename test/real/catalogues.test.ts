/** The published catalogues, held against the counts of an independent reader. */
import { describe } from 'vitest'
import { catalogueSuite, type Counts } from '../data/support/catalogue-suite.ts'
import { engineSuite } from '../handlers/catalogue-suite.ts'
import { haveShared, realFolder, readShared, withReal } from './shared.ts'

const counts = haveShared ? (readShared('golden/import.json') as Readonly<Record<string, Counts>>) : {}

describe('published catalogues', withReal, () => {
  catalogueSuite(realFolder, {
    counts,
    letterboxdMovies: 97_554,
    plotCharacters: [270, 270],
    repairs: {
      torn: [1110, 11],
      mojibake: ['mymoviedb.csv 5591', 'mymoviedb.semicolon-broken.csv 5591', 'sports.csv 7314'],
      broken: {
        records: 9828,
        rejected: 185,
        identical: 9639,
        toTheLetter: 9631,
        // three titles that the spreadsheet took for dates, and the record that the good file has torn
        different: ['Pixie Hollow Bake Off', '02:22', '11/11/2011', '22 July'],
        joined: [
          [820, 2],
          [882, 3],
          [1110, 11],
          [2025, 2],
          [2063, 2],
          [5324, 2],
          [7715, 2],
          [8542, 2],
          [9553, 2],
        ],
        lines: 9847,
        usable: 9601,
      },
    },
    cleaning: { metadata: { placeholders: 5, kept: 2904 }, imdbEmpty: 12_705 },
  })
  engineSuite(realFolder, counts)
})
