/** Runs attacks: each tries to break a promise of docs/safety.md or docs/security.md, and fails if the product holds. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

export interface Attack {
  readonly name: string
  /** True if it takes more than about a second: it is left to `npm run attack`, and the unit tests omit it. */
  readonly slow?: true
  /**
   * Resolves to one line that says what was seen. Throws if the attack succeeded. It starts what it attacks in a process of its own where a
   * success would end or block this one, and leaves no process behind.
   * @param workspace an empty folder of its own, which is deleted afterwards
   */
  run(workspace: { readonly folder: string }): Promise<string>
}
export interface NamedAttack extends Attack {
  /** Name of the file that holds the attack, without its ending. */
  readonly area: string
}
export interface Outcome {
  readonly held: boolean
  readonly line: string
}

/** An attack that has not ended after this time has succeeded: something hangs. */
const HANGS_AFTER_MS = 180_000
const folderOfAreas = join(import.meta.dirname, '..')

/** The attacks of every area: of every file beside this folder that is no test. */
export async function allAttacks(): Promise<NamedAttack[]> {
  const areas = readdirSync(folderOfAreas).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const attacks = areas.sort().map(async (file) => {
    const module = (await import(join(folderOfAreas, file))) as { readonly attacks: readonly Attack[] }
    return module.attacks.map((attack) => ({ ...attack, area: basename(file, '.ts') }))
  })
  return (await Promise.all(attacks)).flat()
}

/** Runs one attack in a folder of its own. */
export async function runAttack(attack: NamedAttack, hangsAfterMs = HANGS_AFTER_MS): Promise<Outcome> {
  const what = `${attack.area}: ${attack.name}`
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-attack-'))
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no end after ${hangsAfterMs / 1000} s`)), hangsAfterMs)
  try {
    return { held: true, line: `held  ${what}: ${oneLine(await Promise.race([attack.run({ folder }), late.promise]))}` }
  } catch (error) {
    return { held: false, line: `FELL  ${what}: ${oneLine(error instanceof Error ? error.message : String(error))}` }
  } finally {
    clearTimeout(timer)
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 400)

/** Runs the attacks one after the other. @returns how many held and how many fell */
export async function runAttacks(
  attacks: readonly NamedAttack[],
  tell: (line: string) => void,
): Promise<{ readonly held: number; readonly fell: number }> {
  let held = 0
  for (const attack of attacks) {
    const outcome = await runAttack(attack)
    tell(outcome.line)
    if (outcome.held) held++
  }
  return { held, fell: attacks.length - held }
}
