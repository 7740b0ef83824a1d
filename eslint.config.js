import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'
import { defineConfig } from 'eslint/config'

export default defineConfig(
  { ignores: ['out/', 'dist/', 'node_modules/', '.bench/'] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  svelte.configs.recommended,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] } } },
  { files: ['**/*.svelte'], languageOptions: { globals: globals.browser, parserOptions: { parser: ts.parser } } },
  // The parser of components rewrites the text of such a file, so TypeScript would build its program anew for each of them.
  { files: ['**/*.svelte.ts'], languageOptions: { globals: globals.browser, parser: ts.parser } },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  // Numeric code on typed arrays: an index inside the bounds is never undefined, and a check for each element costs time. Elsewhere
  // `required` of src/contract/required.ts checks.
  {
    files: [
      'src/main/{compute,analysis,catalogue}/**',
      'src/main/data/clean/{genre-lists,gibberish,hashing,near-duplicates,plot-groups,shingles,traits}.ts',
      'src/main/model-folder/safetensors.ts',
      'src/main/handlers/{memory-budget,overview}.ts',
      'src/renderer/stores/live-thresholds.ts',
      'test/**',
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  // Rules that need types are off in components: each component makes TypeScript build its program anew, 1 to 2 seconds a file. svelte-check
  // checks their types.
  { files: ['**/*.svelte'], extends: [ts.configs.disableTypeChecked] },
  {
    files: ['**/*.{js,mjs}'],
    extends: [ts.configs.disableTypeChecked],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
)
