/** The recipes that come with the program, in the order in which they are listed: five published ones, one on rare genres, and one on word vectors. */
import { RECIPE_FILE, type RecipeFile } from '../../contract/recipe-files.ts'
import letterboxd from '../../../resources/recipes/letterboxd-bert.json' with { type: 'json' }
import mostPopular from '../../../resources/recipes/popular-distilbert.json' with { type: 'json' }
import weightedBert from '../../../resources/recipes/movies-dataset-bert.json' with { type: 'json' }
import lora from '../../../resources/recipes/movies-dataset-lora.json' with { type: 'json' }
import imdb from '../../../resources/recipes/imdb-by-genre.json' with { type: 'json' }
import rare from '../../../resources/recipes/rare-genres.json' with { type: 'json' }
import vectors from '../../../resources/recipes/word-vectors.json' with { type: 'json' }

export const PUBLISHED_RECIPES: readonly RecipeFile[] = [letterboxd, mostPopular, weightedBert, lora, imdb, rare, vectors].map((file) =>
  RECIPE_FILE.parse(file),
)
