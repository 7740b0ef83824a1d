// `npm run attack`: attacks the product: hostile clients of the browser host, hostile files, hostile projects and neighbours of projects.
//   --only NAME   the attacks whose `AREA: NAME` contains NAME   --list   names them and runs none
import { parseArgs } from 'node:util'
import { allAttacks, runAttacks } from '../test/attack/support/run.ts'

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, list: { type: 'boolean', default: false } } })
const attacks = (await allAttacks()).filter(({ area, name }) => `${area}: ${name}`.includes(values.only))
if (attacks.length === 0) {
  console.error(`No attack has "${values.only}" in its name; --list names them all.`)
  process.exit(2)
}
if (values.list) {
  for (const { area, name, slow } of attacks) console.log(`${area}: ${name}${slow ? ' (slow)' : ''}`)
  process.exit(0)
}
const { held, fell } = await runAttacks(attacks, console.log)
console.log(`${held} held, ${fell} fell`)
process.exit(fell === 0 ? 0 : 1)
