/** The new project in a folder of what was salvaged. */
export const SALVAGED_PROJECT = 'salvaged.reel'
