/** What the Hub says of a model, read with care, and whether it can be used here. */
import { z } from 'zod'
import { ARCHITECTURES, type HubModel } from '../../contract/models.ts'
import { isRepoId } from './address.ts'
import { familyAdvice } from '../model-folder/facts.ts'
import { missingFiles } from '../model-folder/files.ts'
import { quoted } from '../../contract/words.ts'

/** What is asked besides the name, the gate and the downloads. */
export const FIELDS = ['config', 'safetensors', 'cardData', 'filePaths', 'tags'] as const

const text = z.string().max(200)
/** What is malformed beside the name is left out, not the model. */
export const MODEL = z.object({
  name: z.string().refine(isRepoId),
  sha: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional()
    .catch(undefined),
  gated: z.union([z.boolean(), text]).catch(false),
  downloads: z.number().min(0).catch(0),
  updatedAt: z.date().nullable().catch(null),
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
  filePaths: z.array(z.string()).max(50_000).catch([]),
  tags: z.array(z.string()).max(10_000).catch([]),
})
export type RawModel = z.output<typeof MODEL>

/** @param asker whether an access token is there, for models with a gate, and which Hub it is */
export function hubModel(raw: RawModel, asker: { readonly hasToken: boolean; readonly host: string }): HubModel {
  const architecture = raw.config?.model_type ?? ARCHITECTURES.find((a) => raw.tags.includes(a)) ?? null
  return {
    id: raw.name,
    architecture,
    bytes: weightBytes(raw),
    license: licenseOf(raw),
    downloads: raw.downloads,
    updated: raw.updatedAt?.toISOString() ?? null,
    problem: problemOf(raw, architecture, asker),
  }
}

function problemOf(
  raw: RawModel,
  architecture: string | null,
  { hasToken, host }: { readonly hasToken: boolean; readonly host: string },
): string | null {
  if (!ARCHITECTURES.some((a) => a === architecture)) return `It is of the family ${quoted(architecture ?? 'unknown')}: ${familyAdvice()}`
  const missing = missingFiles(raw.filePaths)
  if (missing !== null) return `It cannot be used: ${missing}. Choose a copy of it with safetensors.`
  const { quantization_config: quantised } = raw.config ?? {}
  if (quantised !== undefined && quantised !== null) return 'Its weights are quantised and cannot be trained. Choose the original model.'
  if (raw.gated !== false && !hasToken)
    return `Its owner wants to know who uses it: accept their conditions on its page at ${host}, and put an access token of your account into HF_TOKEN.`
  return null
}

/** Of the weights; the rest is small. null where it is not told. */
function weightBytes({ safetensors }: RawModel): number | null {
  const parts = Object.entries(safetensors?.parameters ?? {}).map(([dtype, n]) => n * bytesPerElement(dtype))
  const bytes = parts.reduce((a, b) => a + b, 0)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}
/** `F32`, `BF16`, `F8_E4M3`: the first number counts bits. */
const bytesPerElement = (dtype: string): number => Number(/\d+/.exec(dtype)?.[0] ?? 8) / 8

function licenseOf({ cardData, tags }: RawModel): string | null {
  const told = [cardData?.license ?? []].flat().join(', ')
  if (told === 'other') return cardData?.license_name ?? told
  return told !== '' ? told : (tags.find((t) => t.startsWith('license:'))?.slice('license:'.length) ?? null)
}
