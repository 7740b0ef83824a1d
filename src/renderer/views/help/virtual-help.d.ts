/** What the plugin help-pages.ts makes of docs/. */
declare module 'virtual:help' {
  import type { HelpPage } from './pages.ts'
  export const GROUPS: Readonly<Record<'start' | 'data' | 'review' | 'understand' | 'model' | 'reference', readonly string[]>>
  export const PAGES: readonly HelpPage[]
}
