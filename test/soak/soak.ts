/**
 * `kill -9` at random moments: no confirmed decision is lost, nothing is half done, the file is sound, and the next start reports what it
 * found.
 */
import Database from 'better-sqlite3'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeEntry } from '../../src/contract/records.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { Engine } from '../../src/main/engine.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { entriesIn } from '../../src/main/jobs/backup.ts'
import { readContents } from '../../src/main/store/backup.ts'
import { makeMaterial, type Material } from './material.ts'
import { assertNothingHalf, assertSound, OPERATIONS, type Operation, type Scene } from './operations.ts'
import { Victim } from './victim.ts'

export interface SoakOptions {
  readonly runs: number
  readonly seed: number
  readonly only?: string | undefined
  readonly tell: (line: string) => void
}
export interface SoakResult {
  readonly runs: number
  readonly failed: number
  readonly confirmed: number
  readonly killedDuring: Readonly<Record<string, number>>
}
/** The decisions that the engine confirmed. */
interface Confirmed {
  readonly batch: number
  readonly movie: number
}
/** Milliseconds between two decisions while an operation runs. */
const DECIDE_MS = 12

export async function soak({ runs, seed, only, tell }: SoakOptions): Promise<SoakResult> {
  // hundreds of processes read the same sources
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../../node_modules/.cache/compile')
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-soak-'))
  const names = Object.keys(OPERATIONS).filter((name) => only === undefined || name === only)
  const took = new Map<string, number>()
  const killedDuring: Record<string, number> = {}
  let failed = 0
  let confirmed = 0
  try {
    const material = await makeMaterial(join(folder, 'material'))
    let next = new Victim()
    for (let i = 0; i < runs; i++) {
      const name = names[i % names.length]!
      const victim = next
      // starts while this one is looked at
      next = new Victim()
      const scene = sceneOf(folder, i, material, seededDraws(seed + i))
      const line = `${String(i + 1).padStart(4)} seed ${seed + i} ${name.padEnd(10)}`
      try {
        const end = await oneRun(victim, OPERATIONS[name]!, scene, took, name)
        confirmed += end.confirmed
        if (end.during) killedDuring[name] = (killedDuring[name] ?? 0) + 1
        tell(`${line} ${end.text}`)
        rmSync(scene.folder, { recursive: true, force: true })
      } catch (error) {
        failed++
        tell(`${line} FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)} (${scene.folder})`)
      }
    }
    next.kill()
  } finally {
    if (failed === 0) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  return { runs, failed, confirmed, killedDuring }
}

function sceneOf(folder: string, i: number, material: Material, below: (n: number) => number): Scene {
  const own = join(folder, `run-${i + 1}`)
  mkdirSync(own)
  const project = join(own, 'p.reel')
  copyFileSync(material.project, project)
  for (let k = 0; k < 5; k++) below(2)
  return { folder: own, project, material, below }
}

async function oneRun(
  victim: Victim,
  operation: Operation,
  scene: Scene,
  took: Map<string, number>,
  name: string,
): Promise<{ confirmed: number; during: boolean; text: string }> {
  const expected = took.get(name) ?? operation.ms
  const afterMs = Math.round((scene.below(10_000) / 10_000) * 1.15 * expected)
  const confirmed: Confirmed[] = []
  const data = join(scene.folder, 'data')
  const begun = victim.begin({ dataDir: data, open: scene.project })
  let over = false
  let what = 'engine'
  const work = (async () => {
    const refused = await begun
    if (refused) throw new Error(`it did not start: ${refused}`)
    const started = performance.now()
    const deciding = decide(victim, scene, confirmed, () => over)
    await operation.run(victim, scene).catch(() => null)
    if (victim.alive) took.set(name, (took.get(name) ?? operation.ms) * 0.7 + (performance.now() - started) * 0.3)
    over = true
    await deciding
  })()
  await Promise.race([begun, victim.gone])
  await Promise.race([sleep(afterMs), work])
  const during = !over
  const [worker] = scene.below(3) === 0 ? victim.workers() : []
  if (worker !== undefined) {
    what = 'worker'
    kill(worker)
    // the engine must survive the death of its process: it continues, then it is killed as well
    await Promise.race([work, sleep(4000)])
  }
  const orphans = victim.workers()
  victim.kill()
  await victim.gone
  await work
  await ended(orphans)
  const notices = await look(scene, operation, data, confirmed)
  const text = `${what} killed ${during ? `after ${afterMs} ms` : 'after its end'}, ${confirmed.length} decisions confirmed${notices.length > 0 ? `; next start: ${notices.join(' ')}` : ''}`
  return { confirmed: confirmed.length, during, text }
}
/** Waits until the processes of a killed engine have ended. @throws Error if they do not end */
async function ended(pids: readonly number[]): Promise<void> {
  const alive = (pid: number): boolean => existsSync(`/proc/${pid}`)
  for (let i = 0; i < 1000 && pids.some(alive); i++) await sleep(20)
  if (pids.some(alive)) throw new Error('a process outlived the engine that started it')
}
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // the process has just ended
  }
}

/** Applies decisions until it is stopped, and records the confirmed ones. */
async function decide({ rpc }: Victim, scene: Scene, confirmed: Confirmed[], stop: () => boolean): Promise<void> {
  try {
    const { genres } = await rpc.call('project.info', {})
    const list = (await rpc.call('review.query', {})).movies
    while (!stop()) {
      const movie = list[scene.below(list.length)]!
      const genre = genres[scene.below(genres.length)]!.id
      const change = { field: 'label', movie, genre, to: scene.below(2) === 1 } as const
      const done = await rpc.call('labels.apply', { changes: [change] }).catch((error: unknown) => {
        // cleaning removed the movie or genre, or the project is being replaced
        if (error instanceof Error && error.message === 'the engine was killed') throw error
        return null
      })
      if (done && done.batch > 0) confirmed.push({ batch: done.batch, movie })
      await sleep(DECIDE_MS)
    }
  } catch {
    // the engine was killed
  }
}

/** Starts the engine again. @throws Error if anything was lost or left behind */
async function look(scene: Scene, operation: Operation, data: string, confirmed: readonly Confirmed[]): Promise<readonly string[]> {
  const engine = await Engine.start({ dataDir: data, open: scene.project, spawn: forkProcess })
  const { notices } = await engine.call('project.info', {})
  try {
    const log = await engine.call('labels.history', { limit: 1000 })
    assertKept(scene, operation, log, confirmed)
    await operation.check?.(engine, scene)
    // the project can be edited
    const { movies } = await engine.call('review.query', {})
    await engine.call('labels.apply', { changes: [{ field: 'note', movie: movies[0]!, to: `after ${Date.now()}` }] })
  } finally {
    await engine.close()
  }
  assertSound(scene.project)
  assertNothingHalf(scene)
  return notices
}

/** The log of a project that is not open, as `batch movie` lines. */
function loggedIn(path: string): string[] {
  if (!existsSync(path)) return []
  const db = new Database(path, { readonly: true })
  try {
    return db.prepare("select batch || ' ' || movie from change").pluck().all() as string[]
  } finally {
    db.close()
  }
}

function assertKept(scene: Scene, operation: Operation, log: readonly ChangeEntry[], confirmed: readonly Confirmed[]): void {
  // decisions after an import has finished are in the imported project
  const held = new Set([...log.map((e) => `${e.batch} ${e.movie}`), ...loggedIn(join(scene.folder, 'new.reel'))])
  const lost = confirmed.filter((c) => !held.has(`${c.batch} ${c.movie}`))
  if (lost.length === 0) return
  const last = Math.max(...confirmed.map((c) => c.batch))
  const kept = operation.rewinds
    ? entriesIn(scene.project.replace(/\.reel$/, '.backups')).map((e) => readContents(e.path)?.batches ?? 0)
    : []
  // the restored log is older: all decisions confirmed before are in the copy that was made first
  if (kept.some((batches) => batches >= Math.min(...lost.map((c) => c.batch)) - 1) && last > 0) return
  throw new Error(`${lost.length} of ${confirmed.length} confirmed decisions are lost, the first is batch ${lost[0]!.batch}`)
}
