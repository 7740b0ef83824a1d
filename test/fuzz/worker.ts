/** The inner loop of `npm run fuzz`. Arguments: folder, first seed, end time, names of the files to use. Prints a line before each case. */
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mutate } from './mutate.ts'
import { readAll } from './read-all.ts'
import { SEEDS } from './seeds.ts'

const [folder = '.', first = '1', until = '0', only = ''] = process.argv.slice(2)
const MS_FOR_MB = 1000
const MS_AT_LEAST = 2000
const MEMORY_TIMES = 10
const MEMORY_AT_LEAST = 256 * 1024 * 1024
/** One of this many cases repeats the file up to a megabyte: small files hide quadratic run times. */
const LARGE_EVERY = 10
const MEGABYTE = 1024 * 1024

const seeds = SEEDS.filter(({ name }) => name.includes(only))
const outcomes = new Map<string, number>()
for (let seed = Number(first); Date.now() < Number(until); seed++) {
  const { name, bytes } = seeds[seed % seeds.length]!
  const damaged = mutate(seed % LARGE_EVERY === 0 ? enlarged(bytes) : bytes, SEEDS[(seed >> 3) % SEEDS.length]!.bytes, seed)
  const path = join(folder, `current-${name}`)
  writeFileSync(path, damaged)
  process.stdout.write(`case ${seed} ${name} ${damaged.length}\n`)
  const failure = await run(path, damaged.length)
  if (failure === null) continue
  copyFileSync(path, join(folder, `${seed}-${name}`))
  process.stdout.write(`fail ${seed} ${name} ${damaged.length} bytes: ${failure.replaceAll('\n', ' | ').slice(0, 1500)}\n`)
}
process.stdout.write(`note ${[...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')}\n`)
process.exit(0)

/** Formats that can be repeated: in an archive or a Parquet file everything after its end is ignored or refused. */
function enlarged(bytes: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(MEGABYTE / bytes.length) }, () => bytes)).subarray(0, MEGABYTE)
}

async function run(path: string, size: number): Promise<string | null> {
  const started = performance.now()
  const before = process.memoryUsage.rss()
  try {
    const outcome = await readAll(path)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const ms = performance.now() - started
  if (ms > MS_AT_LEAST + (size / MEGABYTE) * MS_FOR_MB) return `it took ${Math.round(ms)} ms`
  const grown = process.memoryUsage.rss() - before
  return grown > MEMORY_AT_LEAST + size * MEMORY_TIMES ? `it took ${Math.round(grown / MEGABYTE)} MB` : null
}
