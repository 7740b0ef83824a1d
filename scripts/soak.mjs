// `npm run soak -- --runs 500`: kills engines and their processes at random moments and checks what is left.
//   --seed N   the first run's seed (the next run has the next one)   --only NAME   one operation of test/soak/operations.ts
import { parseArgs } from 'node:util'
import { soak } from '../test/soak/soak.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' }, only: { type: 'string' } },
})
const started = performance.now()
const { runs, failed, confirmed, killedDuring } = await soak({
  runs: Number(values.runs),
  seed: Number(values.seed),
  only: values.only,
  tell: console.log,
})
const during = Object.entries(killedDuring).map(([name, count]) => `${name} ${count}`)
console.log(
  `${runs} runs, ${failed} failed; ${confirmed} confirmed decisions, ${failed === 0 ? 'none lost' : 'see above'}; killed in the middle: ${during.join(', ')}; ${((performance.now() - started) / 1000).toFixed(0)} s`,
)
process.exit(failed === 0 ? 0 : 1)
