import { readdirSync, renameSync, rmdirSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { DeviceInfo, ModelEntry } from '../../contract/models.ts'
import { many } from '../../contract/words.ts'
import { scratchDefaults } from '../compute/train/defaults.ts'
import { makeFolderAtomically } from '../files/atomic.ts'
import type { JobControl } from '../processes/job-control.ts'
import type { Workspace } from '../workspace.ts'
import type { MODEL_METHODS, ModelExport } from '../../contract/training.ts'
import type { Context, Handlers } from './context.ts'
import { estimate, scratchParameters } from './memory-budget.ts'
import type { Outbox } from './files.ts'
import { configOf, modelOf } from './recipes.ts'
import { finished } from './runs.ts'
import { trainedModel } from './trained.ts'

export function modelHandlers(c: Context, outbox: Outbox): Handlers<typeof MODEL_METHODS> {
  return {
    'models.list': async () => [scratchEntry(), ...(await c.reader.ask({ t: 'models', library: c.library.dir }, [c.library.dir])).models],
    'models.add': async ({ path, base }) =>
      (await c.reader.ask({ t: 'add-model', library: c.library.dir, path: resolve(path), base }, [path])).model,
    'models.remove': async ({ id }) => {
      // a running training reads the files again for each fold
      c.jobs.assertIdle()
      await c.library.remove(id)
      return null
    },
    'models.search': ({ query, consent }) => c.hub.search(query, { consent }),
    'models.describe': async ({ id, consent }) => {
      const { files, bytes, license, problem, id: name } = await c.hub.describe(id, { consent })
      return { id: name, files, bytes, license, problem }
    },
    'models.download': ({ id, consent }) => {
      // fails before a job starts
      if (!consent) throw new UserError('consent', c.hub.sends('download', id), { id })
      return c.jobs.start('download', null, (control) => download(c, id, control))
    },
    'models.export': ({ run, what, folder }) => {
      const w = c.workspace()
      const { config } = finished(w, run)
      if (config.family === 'linear') throw new UserError('no-export', `Run ${run} is a linear model: only transformers are exported so.`)
      const target = folder === null ? join(c.projects.temporary, crypto.randomUUID()) : resolve(folder)
      return c.jobs.start('export-model', run, async (control) => {
        const files = await exportModel(c, w, run, what, target, control)
        const handles = folder === null ? outbox.add(files.map((f) => join(target, f.name))) : []
        const result = { folder: folder === null ? null : target, files: files.map((f, i) => ({ ...f, file: handles[i] ?? null })) }
        return { result, message: `${many(files.length, 'file')} in ${target}.` }
      })
    },
    'models.estimate': async ({ config }) => {
      const w = c.workspace()
      const recipe = await configOf(c, w, config, null)
      return estimate(c, w, recipe, await modelOf(c, recipe))
    },
    'models.devices': () => devices(c),
    'models.settings': (changes) => (changes.offline === undefined ? c.library.settings() : c.library.set(changes)),
  }
}

const scratchEntry = (): ModelEntry => {
  const { parameters, bytes } = scratchParameters(scratchDefaults())
  return {
    id: 'scratch',
    name: 'Small transformer',
    source: 'scratch',
    architecture: 'bert',
    path: null,
    parameters,
    bytes,
    license: null,
    problem: null,
    base: null,
  }
}

async function download(c: Context, id: string, control: JobControl): Promise<string> {
  const entry = await c.hub.download(id, {
    consent: true,
    signal: control.signal,
    progress: ({ done, total, phase }) => control.progress(total > 0 ? done / total : 0, phase),
  })
  return `${entry.name} is in the library.`
}

async function exportModel(
  c: Context,
  w: Workspace,
  run: number,
  what: ModelExport,
  target: string,
  control: JobControl,
): Promise<{ name: string; bytes: number }[]> {
  const stored = finished(w, run)
  const model = await trainedModel(c, w, stored)
  control.progress(0.1, `writing ${basename(target)}`)
  const fill = async (folder: string): Promise<void> => {
    const made = join(folder, 'model')
    await c.inference.ask({ t: 'export', model, what, to: made }, { signal: control.signal })
    for (const name of readdirSync(made)) renameSync(join(made, name), join(folder, name))
    rmdirSync(made)
  }
  await makeFolderAtomically(target, fill, c.projects.temporaryFiles)
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ name: relative(target, path), bytes: statSync(path).size }))
}

/** Devices are tested in the inference process, because a faulty driver may crash the process that uses it. */
async function devices(c: Context): Promise<readonly DeviceInfo[]> {
  try {
    return (await c.inference.ask({ t: 'devices', deviceFolder: c.places.deviceFolder })).devices
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'inference-died') throw error
    return [{ name: 'cpu', label: 'CPU', available: true, note: 'Trying other devices ended in a crash: they are not used.' }]
  }
}
