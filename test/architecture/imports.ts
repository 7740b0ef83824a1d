/** The imports of the sources, read as text, and the rules for them. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'

export interface Arrow {
  /** Path relative to `src`, with forward slashes. */
  readonly from: string
  /** Path below `src`, or the name of a package or Node module. */
  readonly to: string
  readonly local: boolean
}
export interface Import extends Arrow {
  /** True if stripping the types removes the import. */
  readonly typeOnly: boolean
}

const IMPORT =
  /^\s*(?:import|export)\s(?<head>(?:[^'"`;=()]|\(\))*?)from\s*['"](?<from>[^'"]+)['"]|(?:^|[^.\w'"])import\s*(?:\(\s*)?['"](?<bare>[^'"\s]+)['"]/gm

/** `@scope/name/x` and `name/x` name a package. */
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(({ groups }) => {
    const specifier = groups?.['from'] ?? groups?.['bare'] ?? ''
    const local = specifier.startsWith('.')
    const head = groups?.['head'] ?? ''
    const names = /\{(.*)\}/s
      .exec(head)?.[1]
      ?.split(',')
      .filter((n) => n.trim() !== '')
    return {
      from: file,
      to: local ? posix.join(dirname(file), specifier) : packageOf(specifier),
      local,
      typeOnly: /^type\s/.test(head) || (/^\s*\{/.test(head) && names?.every((n) => /^\s*type\s/.test(n)) === true),
    }
  })
}

/** Every import below `folder`, with paths relative to `src`. */
export function allImports(src: string, folder = src): Import[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && /\.(?:ts|svelte)$/.test(e.name))
    .flatMap((e) => {
      const path = join(e.parentPath, e.name)
      return importsOf(relative(src, path).replaceAll(sep, '/'), readFileSync(path, 'utf8'))
    })
}

/** A package of its own: it knows nothing of Reelabel. */
const SALVAGE = '../packages/salvage/'
/** Parts of the sources: a file belongs to the first part whose prefix matches. */
const PARTS: readonly string[] = [
  'contract/',
  SALVAGE,
  'main/shell/',
  'main/handlers/',
  'main/processes/engine.ts',
  'main/processes/',
  'main/host/',
  'main/jobs/work/',
  'main/jobs/',
  'main/reader/',
  'main/hub/',
  'main/services/',
  'main/network/',
  'main/workers/',
  'main/catalogue/',
  'main/store/',
  'main/data/',
  'main/files/',
  'main/model-folder/',
  'main/analysis/',
  'main/compute/index.ts',
  'main/compute/inference/',
  'main/compute/',
  'main/cli/',
  'main/',
  'renderer/views/',
  'renderer/stores/',
  'renderer/components/',
  'renderer/charts/',
  'renderer/messages/',
  'renderer/',
]
/** A file directly below `main/` or `renderer/` is a part by itself. */
export function partOf(file: string): string {
  const part = PARTS.find((p) => file.startsWith(p))
  if (!part) throw new Error(`${file} belongs to no part of the sources`)
  return part === 'main/' || part === 'renderer/' ? file : part
}

/** What each part may import besides itself and the contract: other parts, or single files. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'contract/': [],
  [SALVAGE]: [],

  'main/index.ts': ['main/shell/', 'main/processes/'],
  'main/shell/': ['main/processes/', 'main/host/', 'main/files/'],
  'main/preload.ts': [],
  'main/processes/': [],
  // the entry of the engine's process under Electron
  'main/processes/engine.ts': ['main/engine.ts', 'main/processes/'],
  'main/host/': [],
  'main/cli.ts': ['main/cli/'],
  'main/cli/': ['main/engine.ts', 'main/host/', 'main/processes/', 'main/jobs/', 'main/workers/', 'main/data/import/files/scan.ts'],
  'main/engine.ts': [
    'main/files/',
    'main/handlers/',
    'main/hub/',
    'main/services/',
    'main/jobs/',
    'main/store/',
    'main/catalogue/',
    'main/workspace.ts',
    'main/processes/',
    'main/workers/',
  ],
  'main/workspace.ts': ['main/files/', 'main/jobs/', 'main/store/', 'main/catalogue/', 'main/data/', 'main/analysis/'],
  'main/handlers/': [
    'main/workspace.ts',
    'main/files/',
    'main/model-folder/',
    'main/hub/',
    'main/services/',
    'main/jobs/',
    'main/store/',
    'main/catalogue/',
    'main/data/',
    'main/analysis/',
    'main/compute/',
    'main/processes/',
    'main/workers/',
  ],
  'main/jobs/': [
    'main/jobs/work/',
    'main/files/',
    'main/model-folder/',
    'main/processes/',
    'main/hub/',
    'main/store/',
    'main/catalogue/',
    'main/data/',
    'main/analysis/',
  ],
  // code that runs in a job process
  'main/jobs/work/': ['main/files/', 'main/processes/', 'main/store/', 'main/catalogue/', 'main/data/', 'main/analysis/', SALVAGE],
  // the reader process: it parses the files of others and knows no project
  'main/reader/': ['main/data/', 'main/files/', 'main/hub/', 'main/model-folder/', 'main/compute/', 'main/processes/'],
  // the parts that talk to other machines
  'main/hub/': ['main/files/', 'main/model-folder/', 'main/network/'],
  'main/services/': ['main/files/', 'main/network/', 'main/store/', 'main/processes/'],
  // what these parts share: addresses, retries, offline mode
  'main/network/': ['main/files/'],
  'main/workers/': ['main/files/', 'main/model-folder/', 'main/processes/'],
  'main/catalogue/': ['main/store/', 'main/data/', 'main/analysis/', 'main/model-folder/'],
  'main/store/': ['main/files/'],
  'main/data/': ['main/files/'],
  // atomic writes, locks, temporary files: the lowest part
  'main/files/': [],
  // names, headers and digests of the files of models
  'main/model-folder/': ['main/files/'],
  'main/analysis/': [],
  // compute's composition root: it streams rows itself, read-only
  'main/compute/index.ts': ['main/compute/', 'main/store/', 'main/data/', 'main/processes/'],
  // the composition root of the inference process; it reads the models and the texts that are stored in the project
  'main/compute/inference/': ['main/compute/', 'main/analysis/', 'main/store/', 'main/data/', 'main/processes/'],
  'main/compute/': ['main/analysis/', 'main/data/', 'main/processes/', 'main/files/', 'main/model-folder/'],

  'renderer/main.ts': ['renderer/App.svelte', 'renderer/api.ts'],
  'renderer/App.svelte': ['renderer/views/', 'renderer/stores/', 'renderer/components/', 'renderer/messages/', 'renderer/api.ts'],
  'renderer/views/': ['renderer/stores/', 'renderer/components/', 'renderer/charts/', 'renderer/messages/'],
  'renderer/stores/': ['renderer/messages/', 'renderer/api.ts', 'renderer/download.ts'],
  'renderer/components/': ['renderer/messages/', 'renderer/download.ts'],
  'renderer/download.ts': [],
  'renderer/charts/': ['renderer/components/', 'renderer/messages/'],
  'renderer/messages/': [],
  'renderer/api.ts': ['renderer/messages/'],
}

/** The only files that may import a package's code. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  electron: ['main/shell/', 'main/index.ts', 'main/preload.ts'],
  'better-sqlite3': ['main/store/'],
  'csv-parse': ['main/data/'],
  '@huggingface/tokenizers': ['main/compute/tokenize/library.ts'],
  eld: ['main/data/'],
  entities: ['main/data/'],
  'onnxruntime-node': ['main/compute/runtime/'],
  ws: ['main/host/'],
  commander: ['main/cli.ts', 'main/cli/'],
  '@bufbuild/protobuf': ['main/compute/graph/'],
  'chart.js': ['renderer/charts/'],
  'umap-js': ['main/compute/map/'],
  'bits-ui': ['renderer/components/'],
  diff: ['renderer/components/'],
  bullmq: ['main/workers/connection.ts'],
  ioredis: ['main/workers/connection.ts'],
  'p-queue': ['main/services/'],
  '@napi-rs/keyring': ['main/services/keys.ts'],
  'node:child_process': ['main/processes/'],
}
/** Types vanish: the entries of Electron's utility processes name theirs without importing it. */
const TYPES_TOO = ['main/processes/']

/** A released migration does the same for ever, whatever becomes of the code around it. */
const isFrozen = (file: string): boolean => file.startsWith('main/store/migrations/')

/** Modules that are the only ones of their folder that others may import. */
const ENTRIES: Readonly<Record<string, string>> = { [SALVAGE]: `${SALVAGE}index.ts` }

/** The fault of one import as text, or null. */
export function fault({ from, to, local, typeOnly }: Import): string | null {
  const part = partOf(from)
  if (local) {
    if (part === SALVAGE) return to.startsWith(SALVAGE) ? null : `${from} may import only its own package, not ${to}`
    if ((to.startsWith('../') && !to.startsWith(SALVAGE)) || to.endsWith('.css')) return null
    const target = partOf(to)
    if (target !== part && to !== (ENTRIES[target] ?? to)) return `${from} may import only ${ENTRIES[target]}, not ${to}`
    if (isFrozen(from) && !isFrozen(to) && !typeOnly) return `${from} may import nothing but types: a released migration never changes`
    if (target === part || target === 'contract/') return null
    const allowed = ARROWS[part]
    if (!allowed) return `${part} is not in the table of arrows`
    return allowed.includes(target) || allowed.includes(to) ? null : `${from} may not import ${to}`
  }
  if (part === SALVAGE && !to.startsWith('node:')) return `${from} may import only Node, not ${to}`
  if (part === 'contract/' && to !== 'zod') return `${from} may import only its schema library, not ${to}`
  if (from.startsWith('renderer/') && to.startsWith('node:')) return `${from} may not import ${to}`
  const places = PACKAGES[to]
  if (!places || places.some((place) => from.startsWith(place)) || (typeOnly && TYPES_TOO.some((place) => from.startsWith(place))))
    return null
  return `${from} may not import ${to}: that is for ${places.join(' and ')}`
}

/**
 * The local imports between folders of `src`. Files right below `main/` and entries of processes are composition roots, so each is a folder of its own.
 * A folder and the folders inside it may import each other, unless the inner one runs in another process.
 */
export function folderArrows(imports: readonly Arrow[]): Arrow[] {
  const arrows = imports.filter(({ local }) => local).map(({ from, to }) => ({ from: folderOf(from), to: folderOf(to), local: true }))
  return arrows.filter(({ from, to }) => {
    const [outer, inner] = from.length < to.length ? [from, to] : [to, from]
    return !`${inner}/`.startsWith(`${outer}/`) || (OTHER_PROCESSES.includes(inner) && inner !== outer)
  })
}
const OTHER_PROCESSES: readonly string[] = ['main/jobs/work']
const ROOTS: readonly string[] = ['main/compute/index.ts', 'main/jobs/work/index.ts', 'main/processes/engine.ts']
const folderOf = (file: string): string =>
  dirname(file) === 'main' || dirname(file) === 'renderer' || ROOTS.includes(file) ? file : dirname(file)

/** One cycle of local imports, type imports included: its files in order, the first one repeated at the end. Null if there is none. */
export function circle(imports: readonly Arrow[]): readonly string[] | null {
  const next = new Map<string, string[]>()
  for (const i of imports) if (i.local) next.set(i.from, [...(next.get(i.from) ?? []), i.to])
  const finished = new Set<string>()
  const path: string[] = []
  const visit = (file: string): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (finished.has(file)) return null
    path.push(file)
    for (const to of next.get(file) ?? []) {
      const found = visit(to)
      if (found) return found
    }
    path.pop()
    finished.add(file)
    return null
  }
  for (const file of next.keys()) {
    const found = visit(file)
    if (found) return found
  }
  return null
}
