import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { RULE_SET_NAME, ruleSetText, type CleanRuleSet, type SavedRuleSet } from '../../../contract/cleaning.ts'
import { UserError } from '../../../contract/errors.ts'
import { withDiskErrors } from '../../files/disk-errors.ts'
import { writeFileAtomically } from '../../files/atomic.ts'
import { namesIn } from '../../files/read.ts'
import { readRuleSet } from './rule-set.ts'

const SUFFIX = '.json'

/** Rule sets that were saved under a name, for all projects: one file each, in the format in which they are shared. */
export class RuleSetFolder {
  readonly #dir: string
  constructor(dir: string) {
    this.#dir = dir
  }
  /** By name; files that are not rule sets are left out. */
  list(): SavedRuleSet[] {
    const saved: SavedRuleSet[] = []
    for (const file of this.#files()) {
      const name = basename(file, SUFFIX)
      try {
        saved.push({ name, modifiedAt: statSync(this.#path(name)).mtime.toISOString(), steps: this.load(name) })
      } catch {
        // a file that the user put there
      }
    }
    return saved.sort((a, b) => a.name.localeCompare(b.name, 'en'))
  }
  /** @throws UserError `no-rule-set`, `bad-rule-set` */
  load(name: string): CleanRuleSet {
    return readRuleSet(this.#read(name), `The rule set "${name}"`)
  }
  async save(name: string, ruleSet: CleanRuleSet): Promise<{ readonly path: string }> {
    mkdirSync(this.#dir, { recursive: true })
    const path = this.#path(name)
    await withDiskErrors(path, () => writeFileAtomically(path, ruleSetText(ruleSet)))
    return { path }
  }
  delete(name: string): void {
    this.#read(name)
    rmSync(this.#path(name))
  }
  #files(): string[] {
    return namesIn(this.#dir).filter((f) => f.endsWith(SUFFIX) && RULE_SET_NAME.safeParse(basename(f, SUFFIX)).success)
  }
  #read(name: string): string {
    try {
      return readFileSync(this.#path(name), 'utf8')
    } catch {
      throw new UserError('no-rule-set', `There is no saved rule set "${name}": see the list of saved rule sets.`)
    }
  }
  #path(name: string): string {
    return join(this.#dir, RULE_SET_NAME.parse(name) + SUFFIX)
  }
}
