/** A newer layout of project files, for tests of migration: the program has released only the first. */
import { onTestFinished } from 'vitest'
import { MIGRATIONS, type Db } from '../../src/main/store/database.ts'

/** Adds a column that nothing reads, and changes every run. */
export function testStep(db: Db): void {
  db.exec('alter table run add column test_only text')
  db.exec("update run set test_only = 'migrated'")
}

/** Until the test ends, the program writes one layout more than it has released. */
export function withNewerLayout(step: (db: Db) => void = testStep): void {
  MIGRATIONS.push(step)
  onTestFinished(() => void MIGRATIONS.splice(MIGRATIONS.indexOf(step), 1))
}
