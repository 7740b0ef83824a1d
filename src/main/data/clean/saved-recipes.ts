import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { CleanRecipe, RecipeFile, SavedRecipe } from '../../../contract/cleaning.ts'
import { RECIPE_NAME } from '../../../contract/cleaning.ts'
import { UserError } from '../../../contract/errors.ts'
import { readRecipe, recipeFile } from './recipe.ts'
import { writeAtomically } from '../export/atomic.ts'

const SUFFIX = '.json'

/** Recipes that were saved under a name, for every project: a file each, as they are shared. */
export class RecipeFolder {
  readonly #dir: string
  constructor(dir: string) {
    this.#dir = dir
  }
  /** By name; files that are no recipe are left out. */
  list(): SavedRecipe[] {
    const saved: SavedRecipe[] = []
    for (const file of this.#files()) {
      const name = basename(file, SUFFIX)
      try {
        saved.push({ name, modifiedAt: statSync(this.#path(name)).mtime.toISOString(), steps: this.load(name) })
      } catch {
        // what somebody put there is theirs
      }
    }
    return saved.sort((a, b) => a.name.localeCompare(b.name, 'en'))
  }
  /** @throws UserError `no-recipe`, `bad-recipe` */
  load(name: string): CleanRecipe {
    return readRecipe(this.#read(name), `The recipe "${name}"`)
  }
  async save(name: string, recipe: CleanRecipe): Promise<{ readonly path: string; readonly text: string; readonly file: RecipeFile }> {
    const made = recipeFile(recipe)
    mkdirSync(this.#dir, { recursive: true })
    const path = this.#path(name)
    await writeAtomically(path, [made.text])
    return { path, ...made }
  }
  delete(name: string): void {
    this.#read(name)
    rmSync(this.#path(name))
  }
  #files(): string[] {
    try {
      return readdirSync(this.#dir).filter((f) => f.endsWith(SUFFIX) && RECIPE_NAME.safeParse(basename(f, SUFFIX)).success)
    } catch {
      return []
    }
  }
  #read(name: string): string {
    try {
      return readFileSync(this.#path(name), 'utf8')
    } catch {
      throw new UserError('no-recipe', `There is no saved recipe "${name}": see the list of saved recipes.`)
    }
  }
  #path(name: string): string {
    return join(this.#dir, RECIPE_NAME.parse(name) + SUFFIX)
  }
}
