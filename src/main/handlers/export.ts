import { mkdirSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Args, ExportedFile, ExportReport } from '../../contract/api.ts'
import { UserError } from '../../contract/errors.ts'
import { catalogueFiles, changeLogCsv, predictionsCsv, type CatalogueExport } from '../jobs/export.ts'
import { writeAtomically } from '../data/export/atomic.ts'
import { PROJECT_SUFFIX, type Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import type { Outbox } from './files.ts'

const NAMES = { catalogue: 'cleaned.csv', changes: 'change-log.csv', predictions: 'predictions.csv' } as const

export function exportHandlers(c: Context, outbox: Outbox): Handlers<'export.run'> {
  return {
    'export.run': async (args) => {
      const w = c.workspace()
      const made = exportOf(w, args)
      const target = args.path === null ? null : resolve(args.path)
      if (target !== null) refuseProjects(target, w.store.path)
      const folder = target === null ? join(c.projects.temporary, crypto.randomUUID()) : dirname(target)
      if (target === null) mkdirSync(folder, { recursive: true })
      const files: ExportedFile[] = []
      for (const [i, part] of made.parts.entries()) {
        const twin = made.parts.findIndex((other) => other.name === part.name) < i
        const source = twin ? `${i + 1}-${part.name}` : part.name
        const path = pathOf(folder, target, source, made.parts.length, NAMES[args.what])
        await writeAtomically(path, part.chunks)
        files.push({ name: basename(path), path, bytes: statSync(path).size, file: target === null ? outbox.add(path) : null })
      }
      return { files, ...made.counts() } satisfies ExportReport
    },
  }
}

/** An export over a project would cost every decision in it. Throws `is-a-project`. */
function refuseProjects(target: string, open: string): void {
  const file = target.replace(/-(wal|shm)$/, '')
  if (file === open || file.toLowerCase().endsWith(PROJECT_SUFFIX))
    throw new UserError('is-a-project', `${target} is a project: choose another name for the export, such as cleaned.csv.`)
}

function exportOf(w: Workspace, { what, options }: Args<'export.run'>): CatalogueExport {
  if (what === 'changes') return changeLogCsv(w.store, options)
  if (what === 'predictions') return predictionsCsv(w.store, w.catalogue, w.trained(), options)
  return catalogueFiles(w.store, w.catalogue, w.predictions, options)
}

/** One file takes the wanted name; several take their own, with the wanted name in front: `cleaned-genres.csv`; twins are numbered. */
function pathOf(folder: string, target: string | null, source: string, count: number, fallback: string): string {
  const wanted = target === null ? fallback : basename(target)
  if (count === 1) return join(folder, wanted)
  const ending = extname(wanted)
  return join(folder, `${basename(wanted, ending)}-${source}`)
}
