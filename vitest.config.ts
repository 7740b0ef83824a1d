import { availableParallelism } from 'node:os'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Tests start hundreds of processes, which all read the same sources: each source is compiled once. */
const COMPILED = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compile') }

export default defineConfig({
  test: {
    projects: [
      {
        // compiles the window's stores
        plugins: [svelte({ configFile: false })],
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/real/**'],
          pool: 'forks',
          // two even on two cores, where the default is one: many tests wait for processes and disks
          maxWorkers: Math.max(2, availableParallelism() - 1),
          testTimeout: 60_000,
          env: COMPILED,
        },
      },
      // tests of the published catalogues beside the repository, which most checkouts do not have
      { test: { name: 'real', include: ['test/real/**/*.test.ts'], pool: 'forks', testTimeout: 120_000 } },
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
