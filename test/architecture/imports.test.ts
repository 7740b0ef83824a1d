import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allImports, circle, fault, folderArrows, importsOf } from './imports.ts'

const SRC = join(import.meta.dirname, '../../src')
const PACKAGES = join(SRC, '../packages')

describe('the sources', () => {
  const imports = [...allImports(SRC), ...allImports(SRC, PACKAGES)]
  test('are read', () => expect(imports.length).toBeGreaterThan(20))
  test('follow the arrows', () => expect(imports.map(fault).filter((f) => f !== null)).toEqual([]))
  test('have no import cycle', () => expect(circle(imports)).toBeNull())
  test('of the main side import in no circle of folders', () => {
    const arrows = folderArrows(imports).filter(({ from }) => from.startsWith('main/'))
    expect(circle(arrows)).toBeNull()
  })
})

describe('the reader', () => {
  const read = (text: string): unknown => importsOf('main/store/x.ts', text).map(({ to, typeOnly }) => [to, typeOnly])
  test.each<[string, string, unknown]>([
    ['a name', "import { a } from './b.ts'", [['main/store/b.ts', false]]],
    ['several lines', "import {\n  a,\n  type B,\n} from '../c.ts'", [['main/c.ts', false]]],
    ['a type', "import type { A } from '@scope/name/deep'", [['@scope/name', true]]],
    ['types by name', "import { type A, type B } from './a.ts'", [['main/store/a.ts', true]]],
    ['a default and types', "import Db, { type A } from 'better-sqlite3'", [['better-sqlite3', false]]],
    ['an effect', "import './a.css'", [['main/store/a.css', false]]],
    ['a late import', "const x = await import('./late.ts')", [['main/store/late.ts', false]]],
    [
      'what is passed on',
      "export * from './all.ts'\nexport type { T } from './t.ts'",
      [
        ['main/store/all.ts', false],
        ['main/store/t.ts', true],
      ],
    ],
    [
      'two in a row',
      "import a from './a.ts'\nimport b from './b.ts'",
      [
        ['main/store/a.ts', false],
        ['main/store/b.ts', false],
      ],
    ],
    ['no import', "export const from = 'x'\nconst t = `import y from 'z'`", []],
  ])('sees %s', (_name, text, expected) => expect(read(text)).toEqual(expected))
})

describe('the rules', () => {
  const judge = (from: string, line: string): string | null => importsOf(from, line).map(fault)[0] ?? null
  test.each([
    ['main/store/store.ts', "import { x } from '../handlers/labels.ts'"],
    ['main/analysis/metrics.ts', "import type { x } from '../store/store.ts'"],
    ['main/compute/linear/train.ts', "import { x } from '../../handlers/labels.ts'"],
    ['main/store/migrations/002-x.ts', "import { x } from '../columns.ts'"],
    ['main/jobs/work/rebuild.ts', "import { x } from '../../../../packages/salvage/pages.ts'"],
    ['main/store/store.ts', "import { x } from '../../../packages/salvage/index.ts'"],
    ['../packages/salvage/pages.ts', "import type { Db } from '../../src/main/store/database.ts'"],
    ['../packages/salvage/pages.ts', "import type { UserError } from '../../src/contract/errors.ts'"],
    ['../packages/salvage/pages.ts', "import { parse } from 'csv-parse'"],
    ['main/handlers/labels.ts', "import { app } from 'electron'"],
    ['main/handlers/labels.ts', "import type { App } from 'electron'"],
    ['main/handlers/labels.ts', "import Database from 'better-sqlite3'"],
    ['contract/api.ts', "import { x } from 'node:fs'"],
    ['contract/api.ts', "import { x } from '../main/processes/entries.ts'"],
    ['renderer/components/Button.svelte', "import { x } from '../stores/jobs.svelte.ts'"],
    ['renderer/views/review/Review.svelte', "import { connect } from '../../api.ts'"],
    ['renderer/views/review/Review.svelte', "import { Chart } from 'chart.js'"],
    ['renderer/stores/jobs.svelte.ts', "import { x } from '../views/train/logic.ts'"],
  ])('%s: %s is refused', (from, line) => expect(judge(from, line)).not.toBeNull())
  test.each([
    ['main/handlers/labels.ts', "import { x } from '../store/changes.ts'"],
    ['main/store/store.ts', "import { x } from '../../contract/records.ts'"],
    ['main/processes/engine.ts', "import type { ParentPort } from 'electron'"],
    ['main/compute/linear/train.ts', "import { x } from '../../analysis/matrix.ts'"],
    ['main/store/migrations/002-x.ts', "import type { Db } from '../database.ts'"],
    ['main/jobs/work/rebuild.ts', "import { x } from '../../../../packages/salvage/index.ts'"],
    ['../packages/salvage/pages.ts', "import { readSync } from 'node:fs'"],
    ['renderer/views/review/Review.svelte', "import { x } from '../../stores/jobs.svelte.ts'"],
  ])('%s: %s is fine', (from, line) => expect(judge(from, line)).toBeNull())
  test('finds a cycle, even one that only a type import closes', () => {
    const circleOf = (text: string): readonly string[] | null =>
      circle(importsOf('main/store/a.ts', text).concat(importsOf('main/store/b.ts', BACK)))
    const BACK = "import type { A } from './a.ts'"
    expect(circleOf("import { b } from './b.ts'")).toEqual(['main/store/a.ts', 'main/store/b.ts', 'main/store/a.ts'])
    expect(circleOf("import { c } from './c.ts'")).toBeNull()
  })
})
