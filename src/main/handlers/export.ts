import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import type { Args } from '../../contract/api.ts'
import type { ExportedFile, ExportReport } from '../../contract/exporting.ts'
import { UserError } from '../../contract/errors.ts'
import { catalogueFiles, changeLogCsv, predictionsCsv, type CatalogueExport } from '../jobs/export.ts'
import { writeStreamAtomically, writeFolderAtomically, type Journal } from '../files/atomic.ts'
import { PROJECT_SUFFIX, type Workspace } from '../workspace.ts'
import type { EXPORT_METHODS } from '../../contract/exporting.ts'
import type { Context, Handlers } from './context.ts'
import type { Outbox } from './files.ts'

const NAMES = { catalogue: 'cleaned.csv', changes: 'change-log.csv', predictions: 'predictions.csv' } as const

export function exportHandlers(c: Context, outbox: Outbox): Handlers<typeof EXPORT_METHODS> {
  return {
    'export.run': async (args) => {
      const w = c.workspace()
      const made = exportOf(w, args)
      const paths =
        args.path === null
          ? await toFetch(made, c.projects.temporary, NAMES[args.what])
          : await toKeep(made, resolve(args.path), w, c.projects.temporaryFiles)
      const handles = args.path === null ? outbox.add(paths) : []
      const files = paths.map((path, i): ExportedFile => ({
        name: basename(path),
        path,
        bytes: statSync(path).size,
        file: handles[i] ?? null,
      }))
      return { files, ...made.counts() } satisfies ExportReport
    },
  }
}

/** One file takes the wanted name; several go into a new folder of that name (`cleaned.csv`: `cleaned/animation.csv`, …), all or none. */
async function toKeep({ parts }: CatalogueExport, target: string, w: Workspace, journal: Journal): Promise<string[]> {
  refuseProjects(target, w.store.path)
  refuseSources(target, w)
  if (parts.length === 1) {
    await writeStreamAtomically(target, parts[0]!.chunks, journal)
    return [target]
  }
  const folder = target.slice(0, target.length - extname(target).length)
  const names = distinct(parts.map((p) => p.name))
  await writeFolderAtomically(
    folder,
    parts.map(({ chunks }, i) => ({ name: names[i]!, chunks })),
    journal,
  )
  return names.map((name) => join(folder, name))
}

/** The same in a temporary folder; downloads land in one place, so several get the wanted name in front: `cleaned-animation.csv`. */
async function toFetch({ parts }: CatalogueExport, temporary: string, wanted: string): Promise<string[]> {
  const folder = join(temporary, crypto.randomUUID())
  const front = basename(wanted, extname(wanted))
  const names = parts.length === 1 ? [wanted] : distinct(parts.map((p) => p.name)).map((name) => `${front}-${name}`)
  await writeFolderAtomically(
    folder,
    parts.map(({ chunks }, i) => ({ name: names[i]!, chunks })),
  )
  return names.map((name) => join(folder, name))
}

/** The names, twins numbered: two folders may each have held a `movies.csv`, and `Movies.csv` is the same file to many systems. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set(names.map((name) => name.toLowerCase()))
  const given = new Set<string>()
  return names.map((name) => {
    let own = name
    for (let i = 2; given.has(own.toLowerCase()) || (own !== name && taken.has(own.toLowerCase())); i++) own = `${i}-${name}`
    given.add(own.toLowerCase())
    return own
  })
}

/** An export over a project would cost every decision in it. Throws `is-a-project`. */
function refuseProjects(target: string, open: string): void {
  const file = target.replace(/-(wal|shm)$/, '')
  if (file === open || file.toLowerCase().endsWith(PROJECT_SUFFIX))
    throw new UserError('is-a-project', `${target} is a project: choose another name for the export, such as cleaned.csv.`)
}

/** The imported file is the only record of what was imported. Throws `is-a-source`. */
function refuseSources(target: string, w: Workspace): void {
  const real = existsSync(target) ? realpathSync(target) : target
  if (w.store.sources.files().some((f) => f.path === real))
    throw new UserError('is-a-source', `${target} is the file that this project was imported from: choose another name for the export.`)
}

function exportOf(w: Workspace, { what, options }: Args<'export.run'>): CatalogueExport {
  if (what === 'changes') return changeLogCsv(w.store, options)
  if (what === 'predictions') return predictionsCsv(w.store, w.catalogue, w.trained(), options)
  return catalogueFiles(w.store, w.catalogue, w.predictions, options)
}
