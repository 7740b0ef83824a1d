import { describe } from 'vitest'
import { catalogueSuite, IMDB } from './support/catalogue-suite.ts'
import { smallExpectations, smallFolder } from './support/files.ts'

const { counts, repairs, cleaning } = smallExpectations()

describe('small catalogues', () => {
  catalogueSuite(smallFolder, {
    counts,
    repairs,
    letterboxdMovies: counts['letterboxd/genres.csv']!.distinct_ids,
    plotCharacters: [100, 999],
    cleaning: { ...cleaning, imdbEmpty: counts[IMDB]!.placeholder_plots + counts[IMDB]!.truncated_plots },
  })
})
