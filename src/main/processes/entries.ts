/** The program's own files: where each process and thread begins, and what is shipped beside the code. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Every bundle of the main side and the source that it begins with, relative to `src/main` and without its ending. The build reads this table. */
export const ENTRIES = {
  index: 'index',
  cli: 'cli',
  engine: 'processes/engine',
  compute: 'compute/index',
  inference: 'compute/inference/index',
  job: 'jobs/work/index',
  reader: 'reader/index',
  'read-worker': 'jobs/work/read-worker',
  'linear-worker': 'compute/linear/worker',
  'search-thread': 'store/search/thread',
  'log-thread': 'store/log-thread',
} as const

/** The main side runs from source in a checkout and from bundles (`out/main/*.js`) in Electron and packages. */
const fromSource = import.meta.url.endsWith('.ts')
const fileAt = (source: string, bundled: string): string => fileURLToPath(new URL(fromSource ? source : bundled, import.meta.url))

/** The file that a process or thread is started with. */
export const entryFile = (entry: keyof typeof ENTRIES): string => fileAt(`../${ENTRIES[entry]}.ts`, `./${entry}.js`)

/** The root folder of the checkout or the package. */
export const appRoot = fileAt('../../../', '../../')

/** Folder of the built window. */
export const rendererDir = fileAt('../../../out/renderer', '../renderer')

export const rendererIsBuilt = (): boolean => existsSync(`${rendererDir}/index.html`)
