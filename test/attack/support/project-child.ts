/** Opens projects that lie and calls everything on them, in a process of its own, which may be ended if one of them hangs it. */
import { join } from 'node:path'
import { messageOf, UserError } from '../../../src/contract/errors.ts'
import type { InferenceReply } from '../../../src/contract/jobs.ts'
import { Engine } from '../../../src/main/engine.ts'
import type { WorkProcess } from '../../../src/main/processes/work-process.ts'
import { guessingCompute } from '../../support/generate.ts'
import { CALLS, rawErrors } from './values.ts'

/** Answers no question about a text: what is attacked is the engine. */
const silent = (): WorkProcess<'inference'> => {
  let tell: (m: InferenceReply) => void = () => undefined
  return {
    post: ({ id }) => setImmediate(() => tell({ t: 'failed', id, error: { code: 'not-faked', message: 'not faked' } })),
    onMessage: (listener) => (tell = listener),
    onExit: () => undefined,
    kill: () => undefined,
  }
}
/** Opens a project; its trainings guess. */
export const open = (path: string, folder: string): Promise<Engine> =>
  Engine.start({
    dataDir: join(folder, 'window'),
    open: path,
    spawn: (kind) => (kind === 'inference' ? (silent() as never) : guessingCompute(kind)),
    remembers: false,
  })

/** Opens the project and calls everything. @returns the defects */
async function defectsOf(path: string, folder: string): Promise<string> {
  try {
    const engine = await open(path, folder)
    try {
      return (await rawErrors(engine, [...CALLS, ['thresholds.reset', {}], ['review.query', { where: 'slice:a' }]])).join('; ')
    } finally {
      await engine.close()
    }
  } catch (error) {
    return error instanceof UserError ? '' : messageOf(error)
  }
}

if (process.send) {
  process.once('disconnect', () => process.exit(0))
  process.on('message', ({ path, folder }: { path: string; folder: string }) => {
    void defectsOf(path, folder).then((defects) => process.send?.(defects))
  })
}
