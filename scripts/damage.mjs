// `npm run damage -- --cases 200`: damages copies of a project in every known way and reports what salvage reads from each.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { damageAndSalvage } from '../test/soak/damage.ts'
import { makeSound } from '../test/soak/damaged-project.ts'

const { values } = parseArgs({ options: { cases: { type: 'string', default: '200' }, seed: { type: 'string', default: '0' } } })
const folder = mkdtempSync(join(tmpdir(), 'reelabel-damage-'))
/** @type {Map<string, { cases: number, whole: number, opened: number, least: number }>} */
const kinds = new Map()
try {
  const sound = await makeSound(folder, 1500, 400)
  const first = Number(values.seed)
  for (let seed = first; seed < first + Number(values.cases); seed++) {
    const { kind, logWhole, project, movies, inProject } = await damageAndSalvage(sound, folder, seed)
    const share = logWhole / sound.log.size
    const so = kinds.get(kind) ?? { cases: 0, whole: 0, opened: 0, least: 1 }
    kinds.set(kind, {
      cases: so.cases + 1,
      whole: so.whole + Number(share === 1),
      opened: so.opened + Number(project === 'opened' && inProject >= movies),
      least: Math.min(so.least, share),
    })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const [kind, k] of kinds)
  console.log(
    `${kind.padEnd(28)} ${k.cases} cases: the log whole in ${k.whole}, at least ${(100 * k.least).toFixed(0)}% of it; a new project opens in ${k.opened}`,
  )
