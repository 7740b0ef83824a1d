/** The filters that open exactly the movies that a number of the screen counts. */
import { genreTerm } from '../../../contract/filter.ts'
import type { MetricsPart } from '../../../contract/records.ts'

const SPLITS = { oof: 'train', test: 'test', valid: 'valid' } as const
export const inPart = (part: MetricsPart, ...terms: readonly string[]): string => [...terms, `split:${SPLITS[part]}`].join(' ')

export const given = (genre: string): string => genreTerm('genre', genre)
export const predicted = (genre: string): string => genreTerm('predicted', genre)
export const not = (term: string): string => `-${term}`
export const hit = (genre: string): string => `${given(genre)} ${predicted(genre)}`
export const missed = (genre: string): string => `${given(genre)} ${not(predicted(genre))}`
export const wrong = (genre: string): string => `${predicted(genre)} ${not(given(genre))}`
/** Movies that are predicted a genre and no other, and do not have it. */
export const wrongAlone = (genre: string): string => `${wrong(genre)} predictions=1`
/** Movies with these words, in any place. */
export const havingWords = (words: string): string =>
  words
    .split(' ')
    .map((word) => `"${word}"`)
    .join(' ')
/** The filter of the movies in which no genre has this error. */
export const none = (genres: readonly string[], error: (genre: string) => string): string =>
  not(`(${genres.map((genre) => `(${error(genre)})`).join(' OR ')})`)
