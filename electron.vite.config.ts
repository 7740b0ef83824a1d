import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { helpPages } from './help-pages.ts'
import { ENTRIES } from './src/main/processes/entries.ts'

/** The main side runs from source in a checkout (Node strips the types); this build is for Electron and packages. */
export default defineConfig({
  main: {
    build: {
      // electron-vite 6.0 does not know Electron 45, so the target is stated
      target: 'node24.18',
      // Only `dependencies` (the native modules) stay in node_modules; devDependencies are bundled.
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(ENTRIES).map(([entry, source]) => [entry, `src/main/${source}.ts`])),
        // shared code must be beside the entries: processes/entries.ts finds them relative to the chunk that it is bundled into
        output: { chunkFileNames: 'chunk-[name].js' },
      },
    },
  },
  preload: {
    build: {
      target: 'node24.18',
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: 'src/main/preload.ts' },
        // a sandboxed preload must be CommonJS
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    // electron-vite turns minification off by default; the script is half as long with it
    build: { target: 'chrome152', minify: true, chunkSizeWarningLimit: 1500, rolldownOptions: { input: 'src/renderer/index.html' } },
    plugins: [svelte(), helpPages()],
  },
})
