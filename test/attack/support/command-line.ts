/** The command line in a process of its own, with a data folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { entryFile } from '../../../src/main/processes/entries.ts'

/** A verb on a project of three movies ends long before. */
const HANGS_AFTER_MS = 60_000

export interface Ended {
  /** 0: done, 3: refused in words, 1: a defect; null: it hung and was killed. */
  readonly code: number | null
  readonly text: string
}

/** Runs a verb. @param uid the user to run it as; only root may choose another one */
export async function reelabel(folder: string, args: readonly string[], uid?: number): Promise<Ended> {
  const env = { ...process.env, REELABEL_DATA: join(folder, uid === undefined ? 'data' : `data-of-${uid}`) }
  const child = spawn(process.execPath, [entryFile('cli'), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()))
  const timer = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, text }
}

/** @throws Error unless the verb ends with this exit code */
export async function expectEnd(code: 0 | 3, folder: string, args: readonly string[]): Promise<string> {
  const ended = await reelabel(folder, args)
  if (ended.code !== code) throw new Error(`reelabel ${args.join(' ')} ended with ${ended.code}: ${ended.text.trim().slice(-300)}`)
  return ended.text
}

/** Imports three movies. @returns the path of the project, `NAME.reel` */
export async function importProject(folder: string, name = 'p'): Promise<string> {
  const csv = join(folder, `${name}.csv`)
  const lines = ['Dune: sand and spice', 'Alien: nobody hears it', 'Heat: they meet once'].map(
    (text, i) => `m${i},${text.replace(': ', ',')},Drama`,
  )
  writeFileSync(csv, ['id,title,plot,genres', ...lines, ''].join('\n'))
  await expectEnd(0, folder, ['import', `${name}.reel`, csv])
  return join(folder, `${name}.reel`)
}
