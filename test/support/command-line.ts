/** The command line as a user runs it: one process per call, and a data folder that is deleted after the tests of the file. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { root } from './paths.ts'

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export class CommandLine {
  readonly folder = mkdtempSync(join(tmpdir(), 'reelabel-cli-'))
  constructor() {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 }))
  }
  /** `whenOut` receives the output so far and may end the process, as Ctrl-C on a pipe does; `input` is its standard input. */
  run(args: readonly string[], whenOut?: (out: string, stop: () => void) => void, input?: string): Promise<Ended> {
    const child = spawn(process.execPath, [join(root, 'scripts/reelabel.mjs'), ...args], {
      env: { ...process.env, REELABEL_DATA: join(this.folder, 'data') },
    })
    if (input !== undefined) child.stdin.end(input)
    let [out, err] = ['', '']
    child.stdout.on('data', (d: Buffer) => {
      out += d.toString()
      whenOut?.(out, () => child.kill('SIGTERM'))
    })
    child.stderr.on('data', (d: Buffer) => (err += d.toString()))
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
  }
  /** The JSON that a verb prints; its exit status must be 0 and its standard error empty. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.text(...args, '--json')) as T
  }
  async text(...args: string[]): Promise<string> {
    const { code, out, err } = await this.run(args)
    expect({ args, code, err }).toEqual({ args, code: 0, err: '' })
    return out
  }
}
