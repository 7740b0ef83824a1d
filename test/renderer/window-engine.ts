/**
 * What tests of the window talk to: a real engine on a copy of a small project, behind the real browser host. Only processes that train or hold
 * models are scripted, so that their results come at once. Calls can be watched, held back, and made to fail on their way to the engine.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { buildIsStale } from '../../scripts/lib/build.mjs'
import type { Method } from '../../src/contract/api.ts'
import { toReply, type UserError } from '../../src/contract/errors.ts'
import { asRequest, type EventMessage, type Port, type Reply } from '../../src/contract/rpc.ts'
import { Engine, type EngineOptions } from '../../src/main/engine.ts'
import { startHost, type Host } from '../../src/main/host/serve.ts'
import { rendererDir } from '../../src/main/processes/entries.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { FakeCompute, finished, projectOf, tinyProject } from '../support/project.ts'
import { root } from '../support/paths.ts'
import { helpPages } from '../../help-pages.ts'

/** The folder of the built window: that of the product's build if it is up to date, else `outDir`, into which the window is built now. */
export async function buildWindow(outDir: string): Promise<string> {
  if (!buildIsStale()) return rendererDir
  await build({
    root: join(root, 'src/renderer'),
    base: './',
    plugins: [svelte(), helpPages()],
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, target: 'chrome152', chunkSizeWarningLimit: 1500 },
  })
  return outDir
}

/** Movies of the second project, and the kept ones of the sample. */
export const OTHER_MOVIES = 5

/** Projects that tests copy: the embedded sample before and after a real training of the linear model, and one of five movies. */
export interface Templates {
  readonly folder: string
  readonly untrained: string
  readonly trained: string
  readonly other: string
}

/** Imports and trains once, which takes seconds. Whoever calls this removes `folder`. */
export async function makeTemplates(): Promise<Templates> {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-templates-'))
  const templates = { folder, untrained: join(folder, 'untrained.reel'), trained: join(folder, 'trained.reel') }
  const jobs = new FakeCompute()
  const options = {
    dataDir: join(folder, 'data'),
    spawn: (kind) => (kind === 'job' ? jobs.spawn(kind) : forkProcess(kind)),
  } satisfies EngineOptions
  for (const copy of [templates.untrained, templates.trained]) {
    const engine = await Engine.start(options)
    const { path } = await engine.call('project.info', {})
    if (copy === templates.trained) {
      const end = await finished(engine, () => engine.call('train.start', { config: { folds: 2 } }))
      if (end.state !== 'done') throw new Error(`the training ended as ${end.state}: ${end.message}`)
    }
    await engine.close()
    copyFileSync(path, copy)
  }
  const lines = Array.from({ length: OTHER_MOVIES }, (_, i) => `film${i}: Drama`)
  return { ...templates, other: await tinyProject(folder, lines, 'other') }
}

export interface ProjectOptions {
  /** Whether the sample has its linear run; true if left out. */
  readonly trained?: boolean
  /** Text of a catalogue to import, in place of the sample. */
  readonly csv?: string
  /** True: there is no other project than the sample, as at the first start. */
  readonly alone?: boolean
  /** False: paths are allowed as in Electron; true (default) as for a page in a browser. */
  readonly confined?: boolean
}

export interface OpenOptions extends ProjectOptions {
  readonly colorScheme?: 'light' | 'dark'
  /** Whether the page can draw with WebGL2; false if left out. */
  readonly webgl?: boolean
}
/** A page in front of an engine of its own. */
export interface Opened {
  readonly page: Page
  readonly engine: WindowEngine
  readonly close: () => Promise<void>
}
export type Open = (options?: OpenOptions) => Promise<Opened>

/** A result of a method and the arguments it was called with, to the result that the window receives. */
export type Rewrite = (value: never, args: never) => unknown

/** A fault-injecting wire between the browser host and an engine of its own. */
export class WindowEngine {
  /** Methods that the window called, in order. */
  readonly calls: Method[] = []
  /** The next call of the method fails before it reaches the engine. */
  readonly failNext = new Map<Method, UserError>()
  /** Calls of the method wait for the promise. */
  readonly hold = new Map<Method, Promise<void>>()
  /** Changes the result of a method on its way to the window: for states that need a catalogue too large for a test. */
  readonly rewrite = new Map<Method, Rewrite>()
  readonly compute: FakeCompute
  readonly engine: Engine
  readonly #dataDir: string
  readonly #confined: boolean
  #host: Host | null = null

  private constructor(dataDir: string, compute: FakeCompute, confined: boolean, engine: Engine) {
    this.#dataDir = dataDir
    this.#confined = confined
    this.compute = compute
    this.engine = engine
  }
  /** The projects folder holds Other and the open project: Sample, or Movies, imported from `csv`. */
  static async start(
    templates: Templates,
    { trained = true, csv, alone = false, confined = true }: ProjectOptions = {},
  ): Promise<WindowEngine> {
    const dataDir = mkdtempSync(join(tmpdir(), 'reelabel-window-'))
    const projects = join(dataDir, 'projects')
    mkdirSync(projects)
    if (!alone) {
      copyFileSync(templates.other, join(projects, 'Other.reel'))
      // the list of projects begins with the newest
      utimesSync(join(projects, 'Other.reel'), 0, 0)
    }
    const open = csv === undefined ? join(projects, 'Sample.reel') : await projectOf(projects, csv, 'Movies')
    if (csv === undefined) copyFileSync(trained ? templates.trained : templates.untrained, open)
    const compute = new FakeCompute()
    return new WindowEngine(dataDir, compute, confined, await Engine.start({ dataDir, open, spawn: compute.spawn }))
  }
  /** Serves the built window; the address carries the token. */
  async serve(rendererDir: string): Promise<string> {
    const engine = { serve: (port: Port) => this.engine.serve(this.#watched(port), { confined: this.#confined }) }
    this.#host = await startHost({ engine, rendererDir })
    return this.#host.url
  }
  #watched(port: Port): Port {
    const rewrites = new Map<number, (value: never) => unknown>()
    return {
      post: (message) => {
        const reply = message as Reply | EventMessage
        const rewrite = reply.t === 'res' && reply.ok ? rewrites.get(reply.id) : undefined
        port.post(rewrite && reply.t === 'res' && reply.ok ? { ...reply, value: rewrite(reply.value as never) } : message)
      },
      onMessage: (listener) =>
        port.onMessage((message) => {
          const request = asRequest(message)
          if (!request?.known) return void listener(message)
          this.calls.push(request.known)
          const rewrite = this.rewrite.get(request.known)
          if (rewrite) rewrites.set(request.id, (value) => rewrite(value, request.args as never))
          const failure = this.failNext.get(request.known)
          this.failNext.delete(request.known)
          if (failure) port.post({ t: 'res', id: request.id, ok: false, error: toReply(failure) })
          else void (this.hold.get(request.known) ?? Promise.resolve()).then(() => listener(message))
        }),
    }
  }
  /** How often the window called a method. */
  count(method: Method): number {
    return this.calls.filter((called) => called === method).length
  }
  /** Closes the host: the window loses its engine. */
  async stopServing(): Promise<void> {
    await this.#host?.close()
    this.#host = null
  }
  async close(): Promise<void> {
    await this.stopServing()
    await this.engine.close()
    rmSync(this.#dataDir, { recursive: true, force: true, maxRetries: 3 })
  }
}
