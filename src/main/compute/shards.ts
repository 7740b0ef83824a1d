/** The texts of many movies in shards: files that one machine after another, or several at once, predict. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ImportPlan } from '../../contract/importing.ts'
import type { ShardsJob, TextFile } from '../../contract/jobs.ts'
import { modelText, type TextRecipe } from '../../contract/model-text.ts'
import { required } from '../../contract/required.ts'
import { recordCells } from '../data/import/files/tables.ts'
import { readRecords } from '../data/import/records/read.ts'
import { gather } from './gather.ts'

/** A movie to predict. */
export interface Shardable {
  readonly key: string
  readonly title: string
  /** The text that the model reads. */
  readonly text: string
}

/**
 * Writes the texts of all movies into `texts-N`, and their ids and titles into `heads-N`, N from 0. Memory does not depend on their number.
 * @param report receives the number of movies done
 */
export async function writeShards(
  { rows, folder }: ShardsJob,
  movies: Iterable<Shardable> | AsyncIterable<Shardable>,
  report: (done: number) => void,
): Promise<TextFile[]> {
  let [heads, shard]: [[key: string, title: string][], number] = [[], 0]
  async function* texts(): AsyncGenerator<string> {
    for await (const { key, title, text } of movies) {
      heads.push([key, title])
      yield text
    }
  }
  const written = async (done: number): Promise<void> => {
    await writeFile(join(folder, `heads-${shard++}`), gzipSync(JSON.stringify(heads), { level: 3 }))
    heads = []
    report(done)
  }
  return gather(texts(), folder, written, rows)
}

/** The records of files as they are, without cleaning. */
export async function* moviesOfFiles(plan: ImportPlan, recipe: TextRecipe): AsyncGenerator<Shardable> {
  let number = 0
  for await (const record of readRecords(plan)) {
    number++
    if (record.rejected !== null) continue
    const file = required(plan.files[record.file], 'the file of a record')
    const values = recipe.columns?.length ? recordCells(record.raw, file) : []
    const cells = file.columns.map((name, i) => ({ name, value: values[i] ?? '' }))
    const [title, plot] = [record.title.trim(), record.plot.trim()]
    yield { key: record.key ?? `row-${number}`, title, text: modelText(recipe, { title, plot, cells }) }
  }
}
