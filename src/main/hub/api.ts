/**
 * The Hub's lists of models and files, from its REST interface (huggingface.co/docs/hub/api). Nothing in a response is trusted. The
 * official client, @huggingface/hub, is not used: it takes 12 MB, and does not resume downloads or verify checksums.
 */
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { ARCHITECTURES, LIBRARY_KINDS, type HubModel } from '../../contract/models.ts'
import { quoted } from '../../contract/words.ts'
import { familyAdvice } from '../model-folder/facts.ts'
import { isPlausible, missingFiles, modelFiles } from '../model-folder/files.ts'
import { isRepoId } from './address.ts'
import type { Digest } from './downloaded.ts'
import { textOf } from '../network/exchange.ts'
import { persistently } from '../network/retry.ts'
import { badResponse, type Transport } from './transport.ts'

/** Models that a search returns. */
const MAX_FOUND = 50
const MAX_RESPONSE_BYTES = 20_000_000
/** Pages of one list of files. */
const MAX_PAGES = 20
const MAX_FILES = 5000

export interface PlannedFile {
  readonly name: string
  readonly bytes: number
  readonly digest: Digest
}
/** The files of one commit, to be downloaded. */
export interface DownloadPlan {
  readonly id: string
  readonly revision: string
  readonly files: readonly PlannedFile[]
  readonly license: string | null
  /** Why the model cannot be used here; null if it can. */
  readonly problem: string | null
}

/** Models with these words in their name: usable ones first, then by downloads. */
export async function searchModels(transport: Transport, query: string, signal?: AbortSignal): Promise<HubModel[]> {
  const words = encodeURIComponent(query)
  const url = `${transport.hub}/api/models?search=${words}&sort=downloads&limit=${MAX_FOUND}&${expand(FIELDS)}`
  const { items } = await page(transport, url, z.array(z.looseObject({})), signal)
  const found = items.slice(0, MAX_FOUND).flatMap((item) => {
    const raw = MODEL.safeParse(item)
    return raw.success ? [hubModel(raw.data, transport)] : []
  })
  return found.sort((a, b) => Number(a.problem !== null) - Number(b.problem !== null) || b.downloads - a.downloads)
}

/** The files of a model's newest commit. @throws UserError `hub-not-found`, `hub-gated`, … */
export async function planDownload(transport: Transport, id: string, signal?: AbortSignal): Promise<DownloadPlan> {
  if (!isRepoId(id))
    throw new UserError('bad-model-name', `${quoted(id)} is not the name of a Hub model: such names look like "owner/name".`)
  const { items: raw } = await page(
    transport,
    `${transport.hub}/api/models/${id}/revision/HEAD?${expand([...FIELDS, 'sha'])}`,
    MODEL,
    signal,
  )
  const { sha: revision } = raw
  if (revision === undefined) throw badResponse(transport.host, 'it does not give the version of the model')
  const files = await filesOf(transport, raw.id, revision, signal)
  const names = [...files.keys()]
  const { license, problem } = hubModel({ ...raw, siblings: names.map((rfilename) => ({ rfilename })) }, transport)
  const planned = modelFiles(names).flatMap((name) => plannedFile(transport, files.get(name)))
  return { id: raw.id, revision, files: planned, license, problem }
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

/** The plain files of a commit by name. */
async function filesOf(transport: Transport, name: string, revision: string, signal?: AbortSignal): Promise<Map<string, RawFile>> {
  const seen = new Map<string, RawFile>()
  let url: string | null = `${transport.hub}/api/models/${name}/tree/${revision}`
  for (let pages = 0; url !== null; pages++) {
    if (pages >= MAX_PAGES) throw badResponse(transport.host, 'its list has no end')
    const { items, next }: Page<RawFile[]> = await page(transport, url, z.array(FILE), signal)
    for (const file of items) {
      if (seen.has(file.path) || seen.size >= MAX_FILES)
        throw badResponse(transport.host, `its list of files has ${quoted(file.path)} twice, or has no end`)
      seen.set(file.path, file)
    }
    url = next
  }
  return new Map([...seen].filter(([, file]) => file.type === 'file'))
}

function plannedFile(transport: Transport, file: RawFile | undefined): PlannedFile[] {
  if (!file) return []
  const { path, size, oid, lfs } = file
  const bytes = lfs?.size ?? size
  if (!isPlausible(path, bytes)) throw badResponse(transport.host, `it gives ${bytes} bytes as the size of ${path}`)
  const sha256 = /^[0-9a-f]{64}$/.exec(lfs?.oid ?? '')?.[0]
  if (sha256 !== undefined) return [{ name: path, bytes, digest: { algorithm: 'sha256', hex: sha256 } }]
  const sha1 = lfs === undefined ? /^[0-9a-f]{40}$/.exec(oid ?? '')?.[0] : undefined
  if (sha1 === undefined) throw badResponse(transport.host, `it gives no checksum of ${path}`)
  return [{ name: path, bytes, digest: { algorithm: 'git-sha1', hex: sha1 } }]
}

interface Page<T> {
  readonly items: T
  /** Address of the next page; null after the last one. */
  readonly next: string | null
}
/** One JSON response, with retries. */
async function page<T>(transport: Transport, url: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<Page<T>> {
  const endless = (): UserError => badResponse(transport.host, 'its response has no end')
  const read = async (): Promise<readonly [text: string, link: string]> => {
    const received = await transport.get(url, { accept: 'application/json' }, signal)
    return [await textOf(received, MAX_RESPONSE_BYTES, endless), received.response.headers.get('link') ?? '']
  }
  const [text, link] = await persistently(read, { ...transport.tries, signal })
  const parsed = schema.safeParse(parsedJson(text))
  if (!parsed.success) throw badResponse(transport.host, 'its response is not what was asked for')
  return { items: parsed.data, next: /<(?<url>https?:\/\/[^>]+)>;\s+rel="next"/.exec(link)?.groups?.['url'] ?? null }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Fields that the Hub leaves out unless they are asked for. */
const FIELDS = ['gated', 'downloads', 'lastModified', 'config', 'safetensors', 'cardData', 'siblings', 'tags'] as const
const expand = (fields: readonly string[]): string => fields.map((field) => `expand=${field}`).join('&')

const text = z.string().max(200)
/** A malformed field other than the name is left out, not the model. */
const MODEL = z.object({
  id: z.string().refine(isRepoId),
  sha: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional()
    .catch(undefined),
  gated: z.union([z.boolean(), text]).catch(false),
  downloads: z.number().min(0).catch(0),
  lastModified: z.iso.datetime().nullable().catch(null),
  config: z
    .object({ model_type: text.optional().catch(undefined), quantization_config: z.unknown().optional() })
    .nullish()
    .catch(null),
  safetensors: z
    .object({ parameters: z.record(z.string().max(20), z.number().min(0)) })
    .nullish()
    .catch(null),
  cardData: z
    .object({ license: z.union([text, z.array(text)]).optional(), license_name: text.optional() })
    .nullish()
    .catch(null),
  siblings: z
    .array(z.object({ rfilename: z.string() }))
    .max(50_000)
    .catch([]),
  tags: z.array(z.string()).max(10_000).catch([]),
})
type RawModel = z.output<typeof MODEL>

/** @param asker whether there is an access token, for models with a gate, and which Hub it is */
function hubModel(raw: RawModel, asker: { readonly hasToken: boolean; readonly host: string }): HubModel {
  const architecture = raw.config?.model_type ?? LIBRARY_KINDS.find((a) => raw.tags.includes(a)) ?? null
  return {
    id: raw.id,
    architecture,
    bytes: weightBytes(raw),
    license: licenseOf(raw),
    downloads: raw.downloads,
    updated: raw.lastModified,
    problem: problemOf(raw, architecture, asker),
  }
}

function problemOf(
  raw: RawModel,
  architecture: string | null,
  { hasToken, host }: { readonly hasToken: boolean; readonly host: string },
): string | null {
  if (![...ARCHITECTURES, 'model2vec'].some((a) => a === architecture))
    return `It is of the family ${quoted(architecture ?? 'unknown')}: ${familyAdvice()}`
  const missing = missingFiles(raw.siblings.map((s) => s.rfilename))
  if (missing !== null) return `It cannot be used: ${missing}. Choose a copy of it with safetensors.`
  const { quantization_config: quantised } = raw.config ?? {}
  if (quantised !== undefined && quantised !== null) return 'Its weights are quantised and cannot be trained. Choose the original model.'
  if (raw.gated !== false && !hasToken)
    return `Its owner wants to know who uses it: accept the conditions on its page at ${host}, and set HF_TOKEN to an access token of your account.`
  return null
}

/** Size of the weights; the other files are small. null if the Hub does not say. */
function weightBytes({ safetensors }: RawModel): number | null {
  const parts = Object.entries(safetensors?.parameters ?? {}).map(([dtype, n]) => n * bytesPerElement(dtype))
  const bytes = parts.reduce((a, b) => a + b, 0)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}
/** `F32`, `BF16`, `F8_E4M3`: the first number counts bits. */
const bytesPerElement = (dtype: string): number => Number(/\d+/.exec(dtype)?.[0] ?? 8) / 8

function licenseOf({ cardData, tags }: RawModel): string | null {
  const licence = [cardData?.license ?? []].flat().join(', ')
  if (licence === 'other') return cardData?.license_name ?? licence
  return licence !== '' ? licence : (tags.find((t) => t.startsWith('license:'))?.slice('license:'.length) ?? null)
}
