/** The whole loop by keyboard, on the catalogue of the sample. */
import { describe } from 'vitest'
import { join } from 'node:path'
import { root } from '../support/paths.ts'
import { keyboardStages } from './keyboard-stages.ts'

describe('by keyboard alone', () => keyboardStages(join(root, 'resources/sample/movies.csv')))
