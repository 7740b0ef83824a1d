/** The output of the plugin help-pages.ts for docs/. */
declare module 'virtual:help' {
  import type { Help } from './pages.ts'
  export const GROUPS: Help['GROUPS']
  export const PAGES: Help['PAGES']
}
