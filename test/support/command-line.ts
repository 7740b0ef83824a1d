/** The command line, with a data folder that is deleted after the tests of the file. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format } from 'node:util'
import { afterAll, expect, vi } from 'vitest'
import { reelabel } from '../../src/main/cli/program.ts'
import { entryFile } from '../../src/main/processes/entries.ts'

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export class CommandLine {
  readonly folder = mkdtempSync(join(tmpdir(), 'reelabel-cli-'))
  readonly #data = join(this.folder, 'data')
  #last: Promise<unknown> = Promise.resolve()
  constructor() {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 }))
  }
  /** Runs a verb in this process, because starting Node takes longer than most verbs. Calls wait for each other. */
  run(args: readonly string[]): Promise<Ended> {
    const ended = this.#last.then(() => captured(args, this.#data))
    this.#last = ended.catch(() => undefined)
    return ended
  }
  /** A verb as a user runs it: in a process. `whenOut` receives the output so far and may end it; `input` is its standard input. */
  runProcess(args: readonly string[], whenOut?: (out: string, stop: () => void) => void, input?: string): Promise<Ended> {
    const child = spawn(process.execPath, [entryFile('cli'), ...args], {
      env: { ...process.env, REELABEL_DATA: this.#data },
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

/** Runs a verb with a data folder, and returns what it wrote. The environment and the exit status of this process stay as they were. */
async function captured(args: readonly string[], dataDir: string): Promise<Ended> {
  const written = { out: '', err: '' }
  const line =
    (to: keyof typeof written) =>
    (...values: unknown[]) =>
      void (written[to] += `${format(...values)}\n`)
  const bytes = (to: keyof typeof written) => (text: unknown) => ((written[to] += String(text)), true)
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(line('out')),
    ...(['error', 'warn'] as const).map((method) => vi.spyOn(console, method).mockImplementation(line('err'))),
    vi.spyOn(process.stdout, 'write').mockImplementation(bytes('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(bytes('err')),
  ]
  const status = process.exitCode
  vi.stubEnv('REELABEL_DATA', dataDir)
  try {
    return { code: await reelabel(args), ...written }
  } finally {
    process.exitCode = status
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
  }
}
