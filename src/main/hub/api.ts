/**
 * Questions to the Hub through its own client: it knows addresses, fields and pages. Its requests go through our transport and
 * its answers are not trusted. Files are fetched by us (fetch-file.ts): the client goes on with no interrupted download and
 * checks no checksum.
 */
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { HubModel } from '../../contract/models.ts'
import { isRepoId } from './address.ts'
import type { Digest } from './downloaded.ts'
import { FIELDS, hubModel, MODEL, type RawModel } from './listing.ts'
import { isPlausible, modelFiles } from '../model-folder/files.ts'
import { persistently } from './retry.ts'
import { badAnswer, type Transport } from './transport.ts'
import { quoted } from '../../contract/words.ts'

/** Models that one search shows. */
const MOST_FOUND = 50
const MOST_ANSWER_BYTES = 20_000_000
/** Pages of one list of files. */
const MOST_PAGES = 20
const MOST_FILES = 5000

export interface PlannedFile {
  readonly name: string
  readonly bytes: number
  readonly digest: Digest
}
/** What a download fetches: the files of one commit. */
export interface Plan {
  readonly id: string
  readonly revision: string
  readonly files: readonly PlannedFile[]
  readonly license: string | null
  /** Why it cannot be used here; null where it can. */
  readonly problem: string | null
}

/** Models with these words in their name; those that can be used here first, then by downloads. */
export async function searchModels(transport: Transport, query: string, signal?: AbortSignal): Promise<HubModel[]> {
  const { listModels } = await import('@huggingface/hub')
  const found: HubModel[] = []
  const asking = { search: { query }, sort: 'downloads' as const, limit: MOST_FOUND, additionalFields: [...FIELDS], hubUrl: transport.hub }
  await answered(transport, async () => {
    for await (const item of listModels({ ...asking, fetch: fetching(transport, 1, signal) })) {
      const raw = MODEL.safeParse(item)
      if (raw.success) found.push(hubModel(raw.data, transport))
    }
  })
  return found.sort((a, b) => Number(a.problem !== null) - Number(b.problem !== null) || b.downloads - a.downloads)
}

/** The files of a model as it is now. @throws UserError `hub-not-found`, `hub-gated`, … */
export async function planDownload(transport: Transport, id: string, signal?: AbortSignal): Promise<Plan> {
  if (!isRepoId(id)) throw new UserError('bad-model-name', `${quoted(id)} is no name of a model of the Hub: they look like "owner/name".`)
  const raw = await modelOf(transport, id, signal)
  const revision = raw.sha
  if (revision === undefined) throw badAnswer(transport.host, 'it does not say which version of the model it has')
  const files = await filesOf(transport, raw.name, revision, signal)
  const { license, problem } = hubModel({ ...raw, filePaths: [...files.all] }, transport)
  return { id: raw.name, revision, files: files.planned, license, problem }
}

async function modelOf(transport: Transport, name: string, signal?: AbortSignal): Promise<RawModel> {
  const { modelInfo } = await import('@huggingface/hub')
  const item = await answered(transport, () =>
    modelInfo({ name, additionalFields: [...FIELDS, 'sha'], hubUrl: transport.hub, fetch: fetching(transport, 1, signal) }),
  )
  const { success, data } = MODEL.safeParse(item)
  if (!success) throw badAnswer(transport.host, `what it says of ${name} cannot be read`)
  return data
}

const sizeInBytes = z.int().min(0)
const FILE = z.object({
  type: z.string(),
  path: z.string().max(1000),
  size: sizeInBytes,
  oid: z.string().max(200).optional(),
  lfs: z.object({ oid: z.string().max(200), size: sizeInBytes }).optional(),
})
type RawFile = z.output<typeof FILE>

async function filesOf(
  transport: Transport,
  name: string,
  revision: string,
  signal?: AbortSignal,
): Promise<{ readonly all: readonly string[]; readonly planned: readonly PlannedFile[] }> {
  const { listFiles } = await import('@huggingface/hub')
  const files = new Map<string, RawFile>()
  await answered(transport, async () => {
    const pages = fetching(transport, MOST_PAGES, signal)
    for await (const item of listFiles({ repo: { type: 'model', name }, revision, hubUrl: transport.hub, fetch: pages })) {
      const file = FILE.parse(item)
      if (files.has(file.path) || files.size >= MOST_FILES)
        throw badAnswer(transport.host, `its list of files has ${quoted(file.path)} twice, or has no end`)
      files.set(file.path, file)
    }
  })
  const all = [...files.values()].filter((f) => f.type === 'file').map((f) => f.path)
  return { all, planned: modelFiles(all).map((path) => planned(transport, files.get(path)!)) }
}

function planned(transport: Transport, { path, size, oid, lfs }: RawFile): PlannedFile {
  const bytes = lfs?.size ?? size
  if (!isPlausible(path, bytes)) throw badAnswer(transport.host, `${path} is said to have ${bytes} bytes`)
  const sha256 = /^[0-9a-f]{64}$/.exec(lfs?.oid ?? '')?.[0]
  if (sha256 !== undefined) return { name: path, bytes, digest: { algorithm: 'sha256', hex: sha256 } }
  const sha1 = lfs === undefined ? /^[0-9a-f]{40}$/.exec(oid ?? '')?.[0] : undefined
  if (sha1 === undefined) throw badAnswer(transport.host, `it gives no checksum of ${path}`)
  return { name: path, bytes, digest: { algorithm: 'git-sha1', hex: sha1 } }
}

/** The client's answer; what it throws over a malformed one is told in words. */
async function answered<T>(transport: Transport, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const isMalformed = error instanceof TypeError || error instanceof SyntaxError || error instanceof z.ZodError
    throw isMalformed ? badAnswer(transport.host, 'its answer is not what was asked for') : error
  }
}

/** `fetch` for the client: through our transport, with tries, at most `requests` of them, each answer read whole. */
function fetching(transport: Transport, requests: number, signal?: AbortSignal): typeof fetch {
  let left = requests
  return async (input) => {
    if (left-- <= 0) throw badAnswer(transport.host, 'its list has no end')
    const url = input instanceof Request ? input.url : String(input)
    const read = async (): Promise<Response> => {
      const answer = await transport.get(url, { accept: 'application/json' }, signal)
      const link = answer.response.headers.get('link')
      return new Response(await whole(transport, answer.body()), { headers: link === null ? {} : { link } })
    }
    return persistently(read, { host: transport.host, signal, wait: transport.wait })
  }
}

async function whole(transport: Transport, body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > MOST_ANSWER_BYTES) throw badAnswer(transport.host, 'its answer has no end')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
