/**
 * Measures the time until a decision is on the disk, and that of undoing one:
 *
 *   node test/bench/labels.ts PROJECT.reel [DECISIONS]
 *
 * One decision turns one label of one movie (three changes in one transaction: the label, its verdict where there is one,
 * reviewed) and brings the movie's triage in step; `page` is the first page of the list (worst labels first, the default)
 * right after it. The peer is the least that durability costs on this disk: 4 KiB
 * appended to a file and an fsync. Milliseconds. Prints one JSON line.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { report, round, spread, timed, withEngine } from './measure.ts'

const [project, count = '500'] = process.argv.slice(2)
if (project === undefined) throw new Error('usage: labels.ts PROJECT.reel [DECISIONS]')

await withEngine(project, async (engine, folder) => {
  const { movies } = await engine.call('review.query', { bucket: 'bad' })
  const chosen = [...movies.subarray(0, Math.min(movies.length, Number(count)))]
  const apply: number[] = []
  const page: number[] = []
  const undo: number[] = []
  const sync: number[] = []
  const file = openSync(join(folder, 'sync'), 'w')
  const block = Buffer.alloc(4096, 1)
  for (const movie of chosen) {
    const [row] = await engine.call('review.rows', { movies: [movie] })
    const { genre, label } = row!.cells[0]!
    apply.push(await timed(() => engine.call('labels.apply', { changes: [{ field: 'label', movie, genre, to: !label }] })))
    page.push(
      await timed(async () => {
        const first = await engine.call('review.first', { bucket: 'bad', limit: 50 })
        await engine.call('review.rows', { movies: [...first.movies] })
      }),
    )
    sync.push(
      await timed(() => {
        writeSync(file, block)
        fsyncSync(file)
      }),
    )
  }
  for (let i = 0; i < chosen.length; i++) undo.push(await timed(() => engine.call('labels.undo', {})))
  closeSync(file)
  const peer = spread(sync)
  report({ apply: spread(apply), page: spread(page), undo: spread(undo), peer, ratio: round(spread(apply).p50 / peer.p50) })
})
