// Makes resources/sample/movies.csv, a noisy catalogue, from truth.jsonl, which has the true genres:
//   node scripts/make-sample.mjs
// The same seed gives the same file. 12% of the movies get a wrong genre. In addition it has the faults of real catalogues that
// cleaning finds: a second spelling of a genre, truncated plots, placeholders, duplicates.
import { readFileSync, writeFileSync } from 'node:fs'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

const folder = new URL('../resources/sample/', import.meta.url)
const truth = readFileSync(new URL('truth.jsonl', folder), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

const rng = xoroshiro128plus(20)
const below = (n) => uniformInt(rng, 0, n - 1)
const pick = (list) => list[below(list.length)]
const shuffled = (list) => {
  const out = [...list]
  for (let i = out.length - 1; i > 0; i--) {
    const j = below(i + 1)
    ;[out[i], out[j]] = [out[j], out[i]]
  }
  return out
}

/** Genres that are easily confused with another one. */
const MISTAKEN_FOR = {
  Action: ['Romance', 'Music', 'Documentary'],
  Adventure: ['Crime', 'Romance', 'Music'],
  Animation: ['Crime', 'War'],
  Comedy: ['Horror', 'War', 'Thriller'],
  Crime: ['Family', 'Fantasy', 'Music'],
  Documentary: ['Horror', 'Fantasy', 'Action'],
  Drama: ['Comedy', 'Action', 'Science Fiction'],
  Family: ['Crime', 'Thriller', 'War'],
  Fantasy: ['Crime', 'War', 'Documentary'],
  History: ['Science Fiction', 'Comedy', 'Horror'],
  Horror: ['Comedy', 'Romance', 'Family'],
  Music: ['Action', 'Horror', 'War'],
  Mystery: ['Family', 'Music', 'War'],
  Romance: ['Horror', 'Action', 'Science Fiction'],
  'Science Fiction': ['Romance', 'History', 'Music'],
  'TV Movie': ['War'],
  Thriller: ['Family', 'Comedy', 'Music'],
  War: ['Comedy', 'Family', 'Fantasy'],
  Western: ['Science Fiction', 'Music'],
}
/** Kinds of errors, with the frequency of the list: a swapped genre, a missing one, a spurious one. */
const ERRORS = ['swap', 'swap', 'drop', 'add']

/** Returns a movie's genres with an error of this kind; null if it is not possible. */
function mistake(genres, visible, kind) {
  const wrong = pick(visible)
  const intruder = pick(MISTAKEN_FOR[wrong].filter((g) => !genres.includes(g)))
  if (kind === 'drop') return genres.length > 1 ? genres.filter((g) => g !== wrong) : null
  if (kind === 'add') return genres.length < 4 && intruder ? [...genres, intruder] : null
  return intruder ? genres.map((g) => (g === wrong ? intruder : g)) : null
}

const movies = truth.map((m) => ({ id: m.id, title: m.title, year: m.year, overview: m.plot, genres: m.genres }))
const wanted = Math.round(truth.length * 0.12)
let planted = 0
for (const i of shuffled(truth.map((_, i) => i))) {
  if (planted === wanted) break
  const visible = truth[i].genres.filter((g) => !truth[i].hidden.includes(g))
  if (visible.length === 0) continue
  const genres = mistake(truth[i].genres, visible, pick(ERRORS))
  if (!genres) continue
  movies[i].genres = genres
  planted++
}
const respell = { 'Science Fiction': 'Sci-Fi', Horror: 'horror', 'TV Movie': 'Tv Movie' }
for (const m of movies) m.genres = m.genres.map((g) => (respell[g] && below(6) === 0 ? respell[g] : g))
for (const m of shuffled(movies).slice(0, 5)) m.overview = `${m.overview.replace(/[.!?]?$/, '')}... See full summary »`
const number = (i) => `m${String(truth.length + i).padStart(3, '0')}`
const doubles = shuffled(movies.filter((m) => !m.overview.includes('See full')))
  .slice(0, 3)
  .map((m, i) => ({ ...m, id: number(i + 1), overview: m.overview.toUpperCase().slice(0, 1) + m.overview.slice(1) }))
const empty = ['Add a Plot', '', 'Add a Plot'].map((overview, i) => ({
  id: number(i + 4),
  title: ['The Unfiled Reel', 'Working Title Nineteen', 'Canister 7'][i],
  year: [1958, 2019, 1974][i],
  overview,
  genres: [['Drama'], ['Comedy', 'Drama'], ['Documentary']][i],
}))

const cell = (v) => (/[",\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v)
const lines = [...movies, ...doubles, ...empty].map((m) =>
  [m.id, m.title, String(m.year), m.overview, m.genres.join(', ')].map(cell).join(','),
)
writeFileSync(new URL('movies.csv', folder), ['id,title,year,overview,genres', ...lines, ''].join('\n'))
console.log(`${truth.length} movies, ${planted} with a planted genre error (${((100 * planted) / truth.length).toFixed(1)}%)`)
