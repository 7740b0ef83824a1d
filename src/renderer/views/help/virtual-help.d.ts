/** What the plugin help-pages.ts makes of docs/. */
declare module 'virtual:help' {
  import type { Help } from './pages.ts'
  export const GROUPS: Help['GROUPS']
  export const PAGES: Help['PAGES']
}
