import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'vite'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { BaseSequencer, type ProjectConfig, type TestSpecification } from 'vitest/node'
import { at } from './scripts/lib/node.mjs'
import { buildIsStale } from './scripts/lib/build.mjs'

/** Tests start hundreds of processes, which all read the same sources: each source is compiled once. */
const COMPILED = { NODE_COMPILE_CACHE: at('node_modules/.cache/compile') }

/** Modules that find the file of a process or thread beside themselves. */
const FINDERS = /\/src\/main\/(?:processes\/entries|store\/thread-entry)\.ts$/
/**
 * Tests start processes and threads from an up-to-date build, as the packaged app does, because its bundles load in half the time of the
 * sources. Without one they start from source.
 */
const startFromBuild: Plugin = {
  name: 'start-from-build',
  enforce: 'pre',
  transform: (code, id) =>
    FINDERS.test(id) ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(at('out/main/index.js')).href)) : undefined,
}
const isBuilt = !buildIsStale()

const UNIT = ['test/**/*.test.ts']
const OTHER_PROJECTS = ['test/e2e/**', 'test/real/**']
/** Files that replace a module. */
const MOCKING = globSync(UNIT, { exclude: OTHER_PROJECTS }).filter((file) => readFileSync(file, 'utf8').includes('vi.mock('))

/** Files that drive a browser take minutes, so they start first: at the end, one of them would run alone. */
class WindowsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isWindow = ({ moduleId }: TestSpecification): number => Number(moduleId.includes('/renderer/window'))
    return (await super.sort(files)).sort((a, b) => isWindow(b) - isWindow(a))
  }
}

const unit = (name: string, files: ProjectConfig): TestProjectInlineConfiguration => ({
  // compiles the window's stores
  plugins: [svelte({ configFile: false }), isBuilt && startFromBuild],
  test: {
    name,
    ...files,
    pool: 'forks',
    // two even on two cores, where the default is one: many tests wait for processes and disks
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 180_000,
    hookTimeout: 90_000,
    // a busy machine takes seconds to draw a page
    expect: { poll: { timeout: 20_000 } },
    env: COMPILED,
  },
})

export default defineConfig({
  test: {
    sequence: { sequencer: WindowsFirst },
    projects: [
      // most files share a process, which loads the product's modules once; those that replace a module get one of their own
      unit('unit', { include: UNIT, exclude: [...OTHER_PROJECTS, ...MOCKING], isolate: false }),
      unit('unit-mocking', { include: MOCKING }),
      // tests of the published catalogues beside the repository, which most checkouts do not have
      { test: { name: 'real', include: ['test/real/**/*.test.ts'], pool: 'forks', testTimeout: 120_000, hookTimeout: 90_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 90_000,
          hookTimeout: 90_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
