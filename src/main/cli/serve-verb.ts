import type { Command } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { defaultDataDir, verb } from './with-engine.ts'
import { Engine } from '../engine.ts'
import { rendererDir, rendererIsBuilt } from '../processes/entries.ts'
import { forkProcess } from '../processes/work-process.ts'
import { startHost } from '../host/serve.ts'
import { wholeNumber } from './arguments.ts'

/** `serve`: the window in a browser on this machine, until Ctrl-C. */
export function serveVerb(program: Command): void {
  verb(program, 'serve', 'open the window in a browser on this machine (127.0.0.1 only)')
    .argument('[project]', 'project file (default: the embedded sample)')
    .option('--port <n>', 'port (default: any free one)', wholeNumber, 0)
    .action(serve)
}

async function serve(project: string | undefined, o: { port: number; json?: boolean }): Promise<void> {
  if (!rendererIsBuilt()) throw new UserError('not-built', 'The window is not built yet: run `npm run build` first.')
  const options = { dataDir: defaultDataDir(), spawn: forkProcess }
  const engine = await Engine.start(project === undefined ? options : { ...options, open: project })
  const host = await startHost({ engine, rendererDir, port: o.port })
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  console.log(o.json ? JSON.stringify({ url: host.url }) : `Reelabel is at ${host.url}\nOnly this machine can reach it. Ctrl-C stops it.`)
  await stopped
  await host.close()
  await engine.close()
}
