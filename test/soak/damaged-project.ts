/** The project that gets damaged: it has decisions, the last of them still in its write-ahead log. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { MARKS } from '../../src/contract/records.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { Engine } from '../../src/main/engine.ts'
import { Store } from '../../src/main/store/store.ts'
import { generateProject, guessingCompute } from '../support/generate.ts'
import { lineOf, type Sound } from './damage.ts'

export async function makeSound(folder: string, movies: number, decisions: number): Promise<Sound> {
  const made = join(folder, 'made.reel')
  const path = join(folder, 'sound.reel')
  await generateProject(made, movies, { runs: 1 })
  const engine = await Engine.start({ dataDir: folder, open: made, spawn: guessingCompute })
  const { genres } = await engine.call('project.info', {})
  const below = seededDraws(7)
  const list = (await engine.call('review.query', {})).movies
  for (let i = 0; i < decisions; i++) {
    const movie = list[below(list.length)]!
    const genre = genres[below(genres.length)]!.id
    const mark = below(5) === 0 ? ([{ field: MARKS[below(MARKS.length)]!, movie, to: true }] as const) : []
    await engine.call('labels.apply', { changes: [{ field: 'label', movie, genre, to: below(2) === 1 }, ...mark] })
    if (i % 20 === 19) await engine.call('labels.undo', {})
  }
  for (const suffix of ['', '-wal']) copyFileSync(made + suffix, path + suffix)
  await engine.close()
  return { path, log: logOf(made) }
}

function logOf(path: string): Set<string> {
  const store = new Store(path, 'open')
  try {
    let change = 0
    return new Set(
      Array.from(store.changes.entries(null), (e) =>
        lineOf({ change: String(++change), movie: String(e.movie), genre: e.genreName ?? '', field: e.field, to: e.becomes }),
      ),
    )
  } finally {
    store.close()
  }
}
